// The build finds the places in the xterm.js that is installed, or ends.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { withNonces } from './xterm-styles.ts';

const source = readFileSync(createRequire(import.meta.url).resolve('@xterm/xterm/lib/xterm.mjs'), 'utf8');

test('every style of the terminal that the policy would refuse is made in another way', () => {
  const changed = withNonces(source);
  expect(changed.match(/Object\.assign\([\w.]+\.createElement\("style"\),\{nonce:styleNonce\(\)\}\)/g)).toHaveLength(3);
  expect(changed.match(/createElement\("style"\)/g)).toHaveLength(3);
  expect(changed).not.toContain('setAttribute("style"');
  expect(changed).toMatch(/_addStyle\((\w+),(\w+)\)\{\1\.style\.cssText\+=\2\+";"\}/);
});

test('the build ends with another xterm.js than the one that was looked at', () => {
  expect(() => withNonces(source.replace('createElement("style")', 'createElement("b")'))).toThrow(/has 2 of .* expected 3/);
  expect(() => withNonces(withNonces(source))).toThrow(/xterm-styles\.ts/);
});
