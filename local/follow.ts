// Follows the supervisor through its status file.
import { delay } from '../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../schemas/errors.ts';
import { lifeNews, startNews } from './progress.ts';
import type { StatePaths } from './state/state.ts';
import { readRunningStatus, type SupervisorStatus } from './supervisor/status.ts';

const ASK_EVERY_MS = 100;
/** So often a unit may fail in a row before its start is called a failure; it is some 15 seconds. */
const MAX_FAILURES = 6;

export interface FollowOptions {
  readonly paths: StatePaths;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
  /** `performance.now()` of the moment that times are counted from. */
  readonly startedAt: number;
  /** What is known already and need not be told. */
  readonly before?: SupervisorStatus | undefined;
}

/**
 * Until every unit is ready.
 * @throws StreamSpaceError `PartFailed` when one fails again and again, or the supervisor ends; rejects with the signal's reason
 */
export async function untilReady(options: FollowOptions): Promise<SupervisorStatus> {
  let before = options.before;
  for (;;) {
    const now = await readRunningStatus(options.paths.status);
    if (now === undefined || now.state === 'stopping') {
      throw new StreamSpaceError('PartFailed', `the supervisor ended; see ${options.paths.logs}/supervisor.log`);
    }
    for (const line of startNews(before, now, performance.now() - options.startedAt)) options.report(line);
    if (now.state === 'ready') return now;
    const stuck = now.units.find(({ restarts, state }) => restarts >= MAX_FAILURES && state === 'backoff');
    if (stuck !== undefined) {
      const where = stuck.log === undefined ? '' : ` (log: ${stuck.log})`;
      throw new StreamSpaceError('PartFailed', `${stuck.name} failed ${stuck.restarts} times: ${stuck.lastError}${where}`);
    }
    before = now;
    await delay(ASK_EVERY_MS, options.signal);
  }
}

/** Tells of parts that die and come back. Resolves when the supervisor ends by itself, or with the signal. */
export async function followLife(options: FollowOptions): Promise<'ended' | 'signal'> {
  let before: SupervisorStatus | undefined;
  while (!options.signal.aborted) {
    const now = await readRunningStatus(options.paths.status);
    if (now === undefined || now.state === 'stopping') return 'ended';
    if (before !== undefined) for (const line of lifeNews(before, now)) options.report(line);
    before = now;
    await delay(ASK_EVERY_MS * 3, options.signal).catch(() => undefined);
  }
  return 'signal';
}
