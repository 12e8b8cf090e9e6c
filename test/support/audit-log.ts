// The audit log of the API server, over its rotations.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { eventually } from './wait.ts';

/**
 * The events that name this text, oldest first. An event is written a moment after its answer: it is read until it holds still.
 * @param auditLog the file that is written to; older ones stand beside it as `audit-TIME.log`
 */
export async function auditLinesAbout(text: string, auditLog: string): Promise<readonly string[]> {
  let last = -1;
  return await eventually(
    'the audit log holds still',
    async () => {
      const lines = (await wholeLines(dirname(auditLog))).filter((line) => line.includes(text));
      const same = lines.length === last;
      last = lines.length;
      return same && lines;
    },
    { everyMs: 200 },
  );
}

async function wholeLines(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => /^audit.*\.log$/.test(name)).toSorted();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap((each) => each.slice(0, each.lastIndexOf('\n') + 1).split('\n'));
}
