// Which processes are ours, on disk: what a supervisor that was killed left behind is found by the next one.
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { writeFileAtomically } from '../state/files.ts';
import { endProcess, isAlive, killGroup, type ProcessIdentity } from './process-identity.ts';

const recordSchema = z.object({
  name: z.string(),
  pid: z.int().positive(),
  startTicks: z.string(),
  bootId: z.string(),
  stopSignal: z.enum(['SIGTERM', 'SIGINT', 'SIGQUIT']),
  stopTimeoutMs: z.number(),
});
export type ProcessRecord = z.infer<typeof recordSchema>;

export async function recordProcess(folder: string, record: ProcessRecord): Promise<void> {
  await writeFileAtomically(join(folder, `${record.name}.json`), `${JSON.stringify(record)}\n`);
}

export async function forgetProcess(folder: string, name: string): Promise<void> {
  await rm(join(folder, `${name}.json`), { force: true });
}

/** Records of processes that are still alive. Files of others, and files that are cut off, are removed. */
export async function recordedProcesses(folder: string): Promise<readonly ProcessRecord[]> {
  const alive: ProcessRecord[] = [];
  for (const file of await readdir(folder).catch(() => [])) {
    if (!file.endsWith('.json')) continue;
    const path = join(folder, file);
    const record = parseRecord(await readFile(path, 'utf8'));
    if (record !== undefined && (await isAlive(record))) alive.push(record);
    else await rm(path, { force: true });
  }
  return alive;
}

function parseRecord(text: string): ProcessRecord | undefined {
  try {
    return recordSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Ends them side by side, each as its part wants to be stopped. Pods go on: their shims are processes of their own. */
export async function endRecordedProcesses(folder: string, report: (name: string) => void): Promise<void> {
  const records = await recordedProcesses(folder);
  await Promise.all(
    records.map(async (record) => {
      const identity: ProcessIdentity = record;
      await endProcess(identity, { signal: record.stopSignal, timeoutMs: record.stopTimeoutMs });
      killGroup(record.pid);
      await forgetProcess(folder, record.name);
      report(record.name);
    }),
  );
}
