// Leader election on a Lease, as client-go does it: whoever holds it works, everybody else waits. A holder that cannot renew
// in time stops before another may begin. Clocks of different machines are never compared: a Lease has run out when it was
// seen unchanged for its whole duration.
import type { Logger } from '../../log/log.ts';
import { delay } from '../../shutdown/shutdown.ts';
import { isStatus } from '../kube-status-error.ts';
import { RESOURCES } from '../resources.ts';
import type { KubeClient, KubeObjectJson } from '../types.ts';
import { Fence, LeaseLost } from './fence.ts';

export interface LeaseTimings {
  /** After this without a renewal another may take it. */
  readonly durationMs: number;
  /** A holder that could not renew for this long gives up; less than the duration. */
  readonly giveUpMs: number;
  readonly retryMs: number;
}

export interface LeaseOptions {
  readonly client: Pick<KubeClient, 'find' | 'create' | 'replace'>;
  readonly namespace: string;
  readonly name: string;
  /** A process that starts again under the same identity takes its Lease back at once: two must never share one. */
  readonly identity: string;
  readonly log: Logger;
  /** Ends the waiting or the work; the Lease is given back. */
  readonly signal: AbortSignal;
  /** Runs while the Lease is held; its signal is aborted when the Lease is lost or the work is to stop. The fence guards writes. */
  readonly work: (signal: AbortSignal, fence: Fence) => Promise<void>;
  /** Labels and annotations that the Lease gets. */
  readonly marks?: Pick<KubeObjectJson['metadata'], 'labels' | 'annotations'>;
  /** When whoever watches many Leases first saw this state of this one (`performance.now()`). */
  readonly seenSince?: (resourceVersion: string | undefined) => number | undefined;
  /** Told when somebody else is seen to hold it. */
  readonly onStandby?: () => void;
  readonly timings?: LeaseTimings;
}

export const LEASE_TIMINGS: LeaseTimings = { durationMs: 15_000, giveUpMs: 10_000, retryMs: 2_000 };

interface LeaseObject extends KubeObjectJson {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

/** Waits for the Lease, works while it is held, and returns when `signal` is aborted or the Lease is lost. */
export async function workWhileLeader(options: LeaseOptions): Promise<'stopped' | 'lost'> {
  const lease = new HeldLease(options, options.timings ?? LEASE_TIMINGS);
  let acquiredAt: number;
  try {
    acquiredAt = await lease.acquire();
  } catch (error) {
    if (options.signal.aborted) return 'stopped';
    throw error;
  }
  options.log.info({ identity: options.identity }, 'lease acquired');
  const holding = new AbortController();
  const fence = new Fence((options.timings ?? LEASE_TIMINGS).giveUpMs, (lost) => holding.abort(lost));
  fence.renewed(acquiredAt);
  const stop = (): void => holding.abort(options.signal.reason);
  options.signal.addEventListener('abort', stop, { once: true });
  if (options.signal.aborted) stop();
  try {
    const renewing = lease.keep(holding.signal, fence);
    await options.work(holding.signal, fence).finally(() => holding.abort(new LeaseLost('the work has ended')));
    await renewing;
  } finally {
    options.signal.removeEventListener('abort', stop);
    // Given back only now, when nothing writes any more: the next one may begin at once.
    await lease.release();
  }
  return options.signal.aborted ? 'stopped' : 'lost';
}

class HeldLease {
  readonly #options: LeaseOptions;
  readonly #timings: LeaseTimings;
  #held: LeaseObject | undefined;

  constructor(options: LeaseOptions, timings: LeaseTimings) {
    this.#options = options;
    this.#timings = timings;
  }

  /** @returns when the Lease counts from: not when the answer came, but when it was asked for */
  async acquire(): Promise<number> {
    let seen: { readonly version: string | undefined; readonly at: number } | undefined;
    for (;;) {
      this.#options.signal.throwIfAborted();
      try {
        const lease = await this.#find();
        if (lease?.metadata.resourceVersion !== seen?.version || seen === undefined)
          seen = { version: lease?.metadata.resourceVersion, at: this.#seenSince(lease) };
        const durationMs = (lease?.spec?.leaseDurationSeconds ?? this.#timings.durationMs / 1000) * 1000;
        if (this.#isFree(lease) || performance.now() - seen.at > durationMs) {
          const askedAt = performance.now();
          await this.#take(lease);
          return askedAt;
        }
        this.#options.onStandby?.();
      } catch (error) {
        // Another was quicker, the API server is away, or the namespace is not there yet: all pass.
        if (!isStatus(error, 409)) this.#options.log.warn({ err: error }, 'lease not acquired');
      }
      await delay(this.#timings.retryMs, this.#options.signal);
    }
  }

  /** Renews until `holding` is aborted; the fence aborts it when that does not work for too long. */
  async keep(holding: AbortSignal, fence: Fence): Promise<void> {
    while (!holding.aborted) {
      await delay(this.#timings.retryMs, holding).catch(() => undefined);
      if (holding.aborted) return;
      const askedAt = performance.now();
      try {
        await this.#renew(AbortSignal.timeout(Math.max(1, Math.round(fence.leftMs))));
        fence.renewed(askedAt);
      } catch (error) {
        const taken = isStatus(error, 404) || (isStatus(error, 409) && !(await this.#isStillOurs()));
        if (!taken && fence.leftMs > 0) continue;
        this.#options.log.error({ err: error }, 'lease lost');
        this.#held = undefined;
        fence.lose(taken ? 'another process took the lease' : 'the lease could not be renewed in time');
      }
    }
  }

  /** A renewal whose answer was lost, or somebody who labels the Lease, makes ours look old without anybody having taken it. */
  async #isStillOurs(): Promise<boolean> {
    const now = await this.#find().catch(() => undefined);
    if (now?.spec?.holderIdentity !== this.#options.identity) return false;
    this.#held = now;
    return true;
  }

  #seenSince(lease: LeaseObject | undefined): number {
    return this.#options.seenSince?.(lease?.metadata.resourceVersion) ?? performance.now();
  }

  /** Best effort: a Lease that is not given back runs out. */
  async release(): Promise<void> {
    if (this.#held === undefined) return;
    const spec = { ...this.#held.spec, holderIdentity: '', leaseDurationSeconds: 1 };
    const signal = AbortSignal.timeout(2_000);
    await this.#replace({ ...this.#held, spec }, signal).catch((error: unknown) => {
      this.#options.log.debug({ err: error }, 'lease not given back');
    });
    this.#held = undefined;
  }

  #isFree(lease: LeaseObject | undefined): boolean {
    const holder = lease?.spec?.holderIdentity ?? '';
    return holder === '' || holder === this.#options.identity;
  }

  async #find(): Promise<LeaseObject | undefined> {
    const { client, namespace, name } = this.#options;
    const signal = withinLease(this.#options.signal, this.#timings);
    return await client.find<LeaseObject>(RESOURCES.leases, namespace, name, { signal });
  }

  async #take(before: LeaseObject | undefined): Promise<void> {
    const { client, namespace, name, identity } = this.#options;
    const signal = withinLease(this.#options.signal, this.#timings);
    const now = microTime();
    const spec = {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(this.#timings.durationMs / 1000),
      acquireTime: now,
      renewTime: now,
      leaseTransitions: (before?.spec?.leaseTransitions ?? -1) + 1,
    };
    const { labels, annotations } = this.#options.marks ?? {};
    const metadata = {
      ...(before?.metadata ?? { name, namespace }),
      labels: { ...before?.metadata.labels, ...labels },
      annotations: { ...before?.metadata.annotations, ...annotations },
    };
    const base = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
    // With the resource version of what was judged free: of two that try, one gets 409.
    this.#held =
      before === undefined
        ? await client.create<LeaseObject>(RESOURCES.leases, namespace, JSON.stringify(base), { signal })
        : await this.#replace(base, signal);
  }

  async #renew(signal: AbortSignal): Promise<void> {
    if (this.#held === undefined) return;
    this.#held = await this.#replace({ ...this.#held, spec: { ...this.#held.spec, renewTime: microTime() } }, signal);
  }

  async #replace(lease: LeaseObject, signal: AbortSignal): Promise<LeaseObject> {
    const { client, namespace, name } = this.#options;
    return await client.replace<LeaseObject>(RESOURCES.leases, namespace, name, JSON.stringify(lease), { signal });
  }
}

/**
 * A request about Leases that stays without an answer is given up well before the Lease is: another one may get through, and
 * who waits for the API server's usual half minute is taken for dead meanwhile.
 */
export function withinLease(signal: AbortSignal, { giveUpMs }: LeaseTimings): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, Math.round(giveUpMs / 2)))]);
}

/** MicroTime of meta/v1. */
function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
