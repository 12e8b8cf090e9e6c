import { appendFileSync, mkdtempSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { closeLog, lastLine, openLog, rotateLog } from './log-file.ts';

const file = (): string => join(mkdtempSync(join(tmpdir(), 'streamspace-log-')), 'part.log');

test('a file that is too long is rotated under its writer, who goes on at the new end', async () => {
  const path = file();
  const descriptor = openLog(path);
  appendFileSync(descriptor, 'old\n'.repeat(10));
  expect(await rotateLog(path, 20)).toBe(true);
  appendFileSync(descriptor, 'new\n');
  closeLog(descriptor);
  expect(await readFile(path, 'utf8')).toBe('new\n');
  expect(await readFile(`${path}.1`, 'utf8')).toBe('old\n'.repeat(10));
  expect(await rotateLog(path, 20)).toBe(false);
});

test('the last line is the last that says something', async () => {
  const path = file();
  expect(await lastLine(path)).toBeUndefined();
  await writeFile(path, `${'x'.repeat(10_000)}\nthe reason\n\n`);
  expect(await lastLine(path)).toBe('the reason');
});
