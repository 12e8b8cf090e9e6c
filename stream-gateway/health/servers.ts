// Checks of the servers that the gateway stands on: whether they answer, how fast, and whether their clocks agree with ours.
import type { Queryable } from '../../runtime/db/database.ts';
import { isStatus } from '../../runtime/kube/kube-status-error.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import { API_GROUP, CONTROLLER_LEASE, kubernetesUser, SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import type { HealthCheck, Problem } from './check.ts';

/** A launch asks each of them some ten times: with this it waits for more than two seconds. */
const SLOW_MS = 250;
/** Above what a network adds, and below what a one-time password or a short sign-in forgives. */
const SKEW_MS = 5_000;
/** Twice its duration: one that was only just taken over is no finding. */
const LEASE_STALE_MS = 30_000;
const ASKED = 5;

export interface ServerPorts {
  readonly db: Queryable;
  readonly client: KubeClient;
  /** The clock on the wall. */
  readonly now: () => Date;
  /** Milliseconds of a clock that never goes back. */
  readonly elapsed: () => number;
}

export function serverChecks({ db, client, now, elapsed }: ServerPorts): readonly HealthCheck[] {
  return [
    {
      part: 'database',
      late: 'DatabaseUnavailable',
      run: async () => {
        let theirs = now().getTime();
        const tookMs = await median(elapsed, async () => {
          const [row] = await db.query<{ at: Date }>('select clock_timestamp() as at');
          theirs = row?.at.getTime() ?? theirs;
        });
        return [...slow('DatabaseSlow', 'the database', tookMs), ...skewed('the database', theirs - now().getTime())];
      },
    },
    {
      part: 'cluster',
      late: 'ClusterUnreachable',
      run: async (signal) => {
        // What every launch asks.
        const asked = { group: API_GROUP, verb: 'list', resource: 'sessions' };
        const tookMs = await median(elapsed, async () => {
          await client.review(asked, { user: kubernetesUser('health'), groups: [] }, { signal });
        });
        return slow('ClusterSlow', 'the API server', tookMs);
      },
    },
    {
      part: 'controller',
      late: 'ClusterUnreachable',
      run: async (signal) => controllerProblems(await leaseOf(client, signal), now().getTime()),
    },
  ];
}

async function median(elapsed: () => number, ask: () => Promise<void>): Promise<number> {
  const took: number[] = [];
  for (let asked = 0; asked < ASKED; asked += 1) {
    const began = elapsed();
    await ask();
    took.push(elapsed() - began);
  }
  return took.sort((left, right) => left - right)[Math.floor(ASKED / 2)] ?? 0;
}

function slow(code: 'DatabaseSlow' | 'ClusterSlow', what: string, tookMs: number): readonly Problem[] {
  if (tookMs <= SLOW_MS) return [];
  return [{ code, message: `${what} takes ${Math.round(tookMs)} ms for a question that takes less than ${SLOW_MS} ms` }];
}

function skewed(whose: string, byMs: number): readonly Problem[] {
  if (Math.abs(byMs) <= SKEW_MS) return [];
  const where = byMs > 0 ? 'ahead of' : 'behind';
  return [
    {
      code: 'ClockSkewed',
      message: `the clock of ${whose} is ${Math.round(Math.abs(byMs) / 1_000)} s ${where} that of the gateway`,
    },
  ];
}

export interface LeaseSpec {
  readonly holderIdentity?: string | null;
  readonly renewTime?: string | null;
}

async function leaseOf(client: KubeClient, signal: AbortSignal): Promise<LeaseSpec | undefined> {
  try {
    return (await client.get<{ readonly spec: LeaseSpec }>(RESOURCES.leases, SYSTEM_NAMESPACE, CONTROLLER_LEASE, { signal }))
      .spec;
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}

/** @param nowMs milliseconds since 1970 */
export function controllerProblems(lease: LeaseSpec | undefined, nowMs: number): readonly Problem[] {
  const renewed = Date.parse(lease?.renewTime ?? '');
  if (Number.isNaN(renewed)) return [{ code: 'ControllerAway', message: 'no controller has ever worked here' }];
  const ageMs = nowMs - renewed;
  if (ageMs < -SKEW_MS) return skewed('the controller', -ageMs);
  if (lease?.holderIdentity && ageMs <= LEASE_STALE_MS) return [];
  return [{ code: 'ControllerAway', message: `no controller has worked since ${new Date(renewed).toISOString()}` }];
}
