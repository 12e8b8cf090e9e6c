// Leader election on a Lease, as client-go does it: whoever holds it works, everybody else waits. A holder that cannot renew
// in time stops before another may begin. Clocks of different machines are never compared: a Lease has run out when it was
// seen unchanged for its whole duration.
import type { Logger } from '../log/log.ts';
import { delay } from '../shutdown/shutdown.ts';
import { isStatus } from './kube-status-error.ts';
import { RESOURCES } from './resources.ts';
import type { KubeClient, KubeObjectJson } from './types.ts';

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
  /** Runs while the Lease is held; its signal is aborted when the Lease is lost or the work is to stop. */
  readonly work: (signal: AbortSignal) => Promise<void>;
  /** Told when somebody else is seen to hold it. */
  readonly onStandby?: () => void;
  readonly timings?: LeaseTimings;
}

const TIMINGS: LeaseTimings = { durationMs: 15_000, giveUpMs: 10_000, retryMs: 2_000 };

interface LeaseObject extends KubeObjectJson {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

/** The Lease was lost; as an abort reason it is a stop, not a failure. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** Waits for the Lease, works while it is held, and returns when `signal` is aborted or the Lease is lost. */
export async function workWhileLeader(options: LeaseOptions): Promise<'stopped' | 'lost'> {
  const lease = new HeldLease(options, options.timings ?? TIMINGS);
  try {
    await lease.acquire();
  } catch (error) {
    if (options.signal.aborted) return 'stopped';
    throw error;
  }
  options.log.info({ identity: options.identity }, 'lease acquired');
  const holding = new AbortController();
  const stop = (): void => holding.abort(options.signal.reason);
  options.signal.addEventListener('abort', stop, { once: true });
  if (options.signal.aborted) stop();
  try {
    const renewing = lease.keep(holding);
    await options.work(holding.signal).finally(() => holding.abort(new LeaseLost('the work has ended')));
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

  async acquire(): Promise<void> {
    let seen: { readonly version: string | undefined; readonly at: number } | undefined;
    for (;;) {
      this.#options.signal.throwIfAborted();
      try {
        const lease = await this.#find();
        if (lease?.metadata.resourceVersion !== seen?.version || seen === undefined)
          seen = { version: lease?.metadata.resourceVersion, at: performance.now() };
        const durationMs = (lease?.spec?.leaseDurationSeconds ?? this.#timings.durationMs / 1000) * 1000;
        if (this.#isFree(lease) || performance.now() - seen.at > durationMs) {
          await this.#take(lease);
          return;
        }
        this.#options.onStandby?.();
      } catch (error) {
        // Another was quicker, the API server is away, or the namespace is not there yet: all pass.
        if (!isStatus(error, 409)) this.#options.log.warn({ err: error }, 'lease not acquired');
      }
      await delay(this.#timings.retryMs, this.#options.signal);
    }
  }

  /** Renews until `holding` is aborted, and aborts it when that does not work for too long. */
  async keep(holding: AbortController): Promise<void> {
    let renewedAt = performance.now();
    while (!holding.signal.aborted) {
      await delay(this.#timings.retryMs, holding.signal).catch(() => undefined);
      if (holding.signal.aborted) return;
      const leftMs = this.#timings.giveUpMs - (performance.now() - renewedAt);
      const late = AbortSignal.timeout(Math.max(1, Math.round(leftMs)));
      try {
        await this.#renew(late);
        renewedAt = performance.now();
      } catch (error) {
        const taken = isStatus(error, 409) || isStatus(error, 404);
        if (!taken && performance.now() - renewedAt < this.#timings.giveUpMs) continue;
        this.#options.log.error({ err: error }, 'lease lost');
        this.#held = undefined;
        holding.abort(new LeaseLost(taken ? 'another process took the lease' : 'the lease could not be renewed in time'));
      }
    }
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
    const { client, namespace, name, signal } = this.#options;
    return await client.find<LeaseObject>(RESOURCES.leases, namespace, name, { signal });
  }

  async #take(before: LeaseObject | undefined): Promise<void> {
    const { client, namespace, name, identity, signal } = this.#options;
    const now = microTime();
    const spec = {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(this.#timings.durationMs / 1000),
      acquireTime: now,
      renewTime: now,
      leaseTransitions: (before?.spec?.leaseTransitions ?? -1) + 1,
    };
    const base = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace } };
    // With the resource version of what was judged free: of two that try, one gets 409.
    this.#held =
      before === undefined
        ? await client.create<LeaseObject>(RESOURCES.leases, namespace, JSON.stringify({ ...base, spec }), { signal })
        : await this.#replace({ ...before, spec }, signal);
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

/** MicroTime of meta/v1. */
function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
