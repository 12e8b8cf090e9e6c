// Quota: tells what is in use, what is left, and who is near or above a limit. Nothing is decided here: the admitter of sessions does
// that, from the same facts.
import type { EventRecorder } from '../../../runtime/kube/events.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient } from '../../../runtime/kube/types.ts';
import type { Quota, QuotaStatus } from '../../../schemas/kinds/quota.ts';
import type { Session } from '../../../schemas/kinds/sessions/session.ts';
import { nextMonthMs } from '../../../schemas/quota/hours.ts';
import { isReached, nextEndMs } from '../../../schemas/quota/places.ts';
import { usageOf } from '../../../schemas/quota/usage.ts';
import { limitsHours } from '../../../schemas/quota/world.ts';
import type { ObjectKey, ReconcileContext, ReconcileResult, Reconciler } from '../contract.ts';
import { saveStatus } from '../save-status.ts';
import type { CacheOfAll } from '../wanted.ts';
import { quotaStatus } from './quota-status.ts';
import { worldFrom } from './quota-world.ts';

export interface QuotaPorts {
  readonly client: Pick<KubeClient, 'apply' | 'find'>;
  readonly cache: CacheOfAll;
  readonly events: EventRecorder;
  readonly now: () => Date;
}

export function createQuotaReconciler(ports: QuotaPorts): Reconciler {
  return new QuotaReconciler(ports);
}

/** Sessions begin and end all day: what is in use is told no more often than this. */
const TELL_EVERY_MS = 1_000;
/** Hours grow by themselves. */
const HOURS_EVERY_MS = 60_000;

/** In a minute, or when the next month begins. */
function nextHoursMs(nowMs: number): number {
  return Math.min(nowMs + HOURS_EVERY_MS, nextMonthMs(nowMs));
}

/** A timer of Node.js is no longer than 24 days. */
const LOOK_AGAIN_MAX_MS = 24 * 3_600_000;

class QuotaReconciler implements Reconciler {
  readonly kind = 'Quota';
  readonly #ports: QuotaPorts;
  /** When a use was last told, and of which generation, by UID. */
  readonly #told = new Map<string, { readonly atMs: number; readonly generation: number | undefined }>();

  constructor(ports: QuotaPorts) {
    this.#ports = ports;
  }

  async reconcile({ namespace, name }: ObjectKey, { signal }: ReconcileContext): Promise<ReconcileResult> {
    const { cache, client, now } = this.#ports;
    const quota = cache.find<Quota>(RESOURCES.quotas, namespace, name);
    if (quota === undefined) {
      this.#forgetGone();
      return {};
    }
    const { uid = '', generation } = quota.metadata;
    const nowMs = now().getTime();
    const told = this.#told.get(uid);
    const waitMs = (told?.atMs ?? 0) + TELL_EVERY_MS - nowMs;
    if (told?.generation === generation && waitMs > 0) return { requeueAfterMs: waitMs };
    this.#told.set(uid, { atMs: nowMs, generation });
    const world = worldFrom(cache, nowMs, cache.all<Session>(RESOURCES.sessions));
    const reached = isReached(quota, world.teamOf(namespace ?? '') !== undefined);
    const status = quotaStatus(quota, usageOf(quota, world), reached, now());
    await saveStatus(client, RESOURCES.quotas, quota, status, signal);
    this.#warn(quota, status);
    const looks = [nextEndMs([quota], nowMs), limitsHours(quota) ? nextHoursMs(nowMs) : undefined];
    const next = looks.filter((each) => each !== undefined);
    return next.length === 0 ? {} : { requeueAfterMs: Math.min(Math.min(...next) - nowMs + 1, LOOK_AGAIN_MAX_MS) };
  }

  /** When a level is reached, not while it stays: what was reached before stands in the status. */
  #warn({ metadata, status: before }: Quota, status: QuotaStatus): void {
    const { namespace, name, uid = '' } = metadata;
    const subject = { resource: RESOURCES.quotas, namespace, name, uid };
    const isTrue = (of: QuotaStatus | undefined, type: string): boolean =>
      of?.conditions?.find((condition) => condition.type === type)?.status === 'True';
    const messageOf = (type: string): string => status.conditions?.find((condition) => condition.type === type)?.message ?? '';
    if (isTrue(status, 'OverQuota') && !isTrue(before, 'OverQuota'))
      this.#ports.events.record(subject, { type: 'Warning', reason: 'OverQuota', message: messageOf('OverQuota') });
    if ((status.warned ?? 0) <= (before?.warned ?? 0)) return;
    const message = `${status.warned} % is reached: ${messageOf('NearLimit')}`;
    this.#ports.events.record(subject, { type: 'Warning', reason: 'NearLimit', message });
  }

  #forgetGone(): void {
    const there = new Set([...this.#ports.cache.all<Quota>(RESOURCES.quotas)].map(({ metadata }) => metadata.uid));
    for (const uid of this.#told.keys()) if (!there.has(uid)) this.#told.delete(uid);
  }
}
