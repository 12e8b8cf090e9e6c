// Log files of parts. The part writes by itself (its output survives our death), so a file is rotated by copy and truncate:
// with O_APPEND the writer goes on at the new end.
import { closeSync, openSync } from 'node:fs';
import { copyFile, open, stat, truncate } from 'node:fs/promises';

const MAX_BYTES = 50 * 1024 * 1024;
const TAIL_BYTES = 4096;
const MAX_LINE = 400;

/** A descriptor to hand to a child; close it with {@link closeLog} once the child has its own. */
export function openLog(path: string): number {
  return openSync(path, 'a', 0o600);
}

export function closeLog(descriptor: number): void {
  closeSync(descriptor);
}

/** Keeps one older file, `NAME.log.1`. @returns true when the file was rotated */
export async function rotateLog(path: string, maxBytes = MAX_BYTES): Promise<boolean> {
  const size = await stat(path).then(
    (facts) => facts.size,
    () => 0,
  );
  if (size <= maxBytes) return false;
  await copyFile(path, `${path}.1`);
  await truncate(path, 0);
  return true;
}

/** The last line that is not empty, for people; `undefined` when there is none. */
export async function lastLine(path: string): Promise<string | undefined> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, start);
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    return lines.findLast((line) => line.trim() !== '')?.slice(0, MAX_LINE);
  } finally {
    await file.close();
  }
}
