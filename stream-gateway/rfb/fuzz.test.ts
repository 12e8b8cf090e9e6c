// A little of the long run, so that a parser which breaks one of its promises is seen at once and not when somebody runs it.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('two hundred thousand mutated messages break no promise of the parsers', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=source',
    join(import.meta.dirname, 'fuzz.ts'),
    ...['--messages', '200000', '--seed', '7'],
  ]);
  expect(stdout).toMatch(/^2\d{5} messages/);
});
