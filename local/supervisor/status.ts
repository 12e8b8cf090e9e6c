// What the supervisor says about itself and its units: one file, always whole, that `streamspace status` and `up` read.
import * as z from 'zod';
import { readFileIfThere } from '../state/files.ts';
import { isAlive } from './process-identity.ts';

/**
 * `waiting` for what it depends on; `starting` until its probe says ready; `degraded` when the probe of a running part fails;
 * `backoff` between a death and the next start; `done` for a task that has been carried out.
 */
const unitState = z.enum(['waiting', 'starting', 'ready', 'degraded', 'backoff', 'done', 'stopping', 'stopped']);
export type UnitState = z.infer<typeof unitState>;

const unitStatus = z.object({
  name: z.string(),
  kind: z.enum(['part', 'task']),
  state: unitState,
  /** RFC 3339; when it came into this state. */
  since: z.string(),
  pid: z.int().optional(),
  restarts: z.int(),
  log: z.string().optional(),
  lastError: z.string().optional(),
  /** What a task is doing now. */
  detail: z.string().optional(),
});
export type UnitStatus = z.infer<typeof unitStatus>;

const supervisorStatus = z.object({
  pid: z.int().positive(),
  startTicks: z.string(),
  bootId: z.string(),
  startedAt: z.string(),
  /** `starting` until every unit has been ready once. */
  state: z.enum(['starting', 'ready', 'stopping', 'stopped']),
  units: z.array(unitStatus),
});
export type SupervisorStatus = z.infer<typeof supervisorStatus>;

/** `undefined`: never started, stopped, or its process is gone. */
export async function readRunningStatus(path: string): Promise<SupervisorStatus | undefined> {
  const text = await readFileIfThere(path);
  if (text === undefined) return undefined;
  const parsed = supervisorStatus.safeParse(JSON.parse(text));
  if (!parsed.success || parsed.data.state === 'stopped') return undefined;
  return (await isAlive(parsed.data)) ? parsed.data : undefined;
}
