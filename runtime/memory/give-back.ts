// Gives memory back once a process rests. V8 would, but it goes by what was allocated between the last collections: a process
// that stops at once after much work is taken for busy as long as it rests (`high alloc` of --trace-memory-reducer).
import { delay } from '../shutdown/shutdown.ts';

export interface GiveBackOptions {
  /** Collects all that can be, in about a fifth of a second, and compiled code with it: only at rest, and only for much. */
  readonly collect: () => Promise<void>;
  readonly usage: () => Usage;
  readonly signal: AbortSignal;
}

export interface Usage {
  /** Since the process began. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

export const LOOK_MS = 5_000;
/** A tenth of a core: probes, leases and watches take less, a sync takes more. */
const REST_MS = LOOK_MS / 10;
/** More than a sync of 1,000 objects leaves: the next sync would pay for it, which has to compile again. */
const WORTH_BYTES = 64 * 1024 * 1024;

/** Resolves when the signal is aborted. */
export async function giveBackAtRest({ collect, usage, signal }: GiveBackOptions): Promise<void> {
  let keptBytes = Number.POSITIVE_INFINITY;
  let before = usage();
  while (!signal.aborted) {
    await delay(LOOK_MS, signal).catch(() => undefined);
    const now = usage();
    const rests = now.cpuMs - before.cpuMs < REST_MS;
    before = now;
    if (signal.aborted || !rests) continue;
    keptBytes = Math.min(keptBytes, now.residentBytes);
    if (now.residentBytes < keptBytes + WORTH_BYTES) continue;
    await collect();
    before = usage();
    keptBytes = before.residentBytes;
  }
}

export function usageOfProcess(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1000, residentBytes: process.memoryUsage.rss() };
}
