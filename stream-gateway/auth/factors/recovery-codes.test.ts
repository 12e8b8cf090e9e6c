import { expect, test } from 'vitest';
import { newRecoveryCodes, recoveryHash } from './recovery-codes.ts';

test('ten codes of 80 bits, none like another, are found however they are typed', () => {
  const codes = newRecoveryCodes();
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) {
    expect(code).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/);
    const hash = recoveryHash('mia', code);
    for (const typed of [code.toUpperCase(), code.replaceAll('-', ''), ` ${code.replaceAll('-', ' ')} `])
      expect(recoveryHash('mia', typed)).toEqual(hash);
    expect(recoveryHash('max', code)).not.toEqual(hash);
  }
});

test('letters that look like digits are those digits', () => {
  expect(recoveryHash('mia', 'O1lI-0000')).toEqual(recoveryHash('mia', '0111-0000'));
});
