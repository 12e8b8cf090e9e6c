// A replica's share of the work: it says that it is there, sees who else is, and holds the Lease of each shard that falls to it.
// A replica that is lost is noticed, and its shards are taken over, once its Leases have run out; one that comes gets its share.
import type { Fence } from '../../runtime/kube/lease/fence.ts';
import { LEASE_TIMINGS, type LeaseTimings, withinLease, workWhileLeader } from '../../runtime/kube/lease/lease.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import type { Logger } from '../../runtime/log/log.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { ANNOTATIONS, CONTROLLER_FIELD_MANAGER, LABELS, SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import { assignShards } from './assign.ts';
import { memberLeaseName, shardLeaseName } from './lease-names.ts';
import { type LeaseObject, MEMBER, Roster, SHARD } from './roster.ts';

export interface ShardOptions {
  readonly client: KubeClient;
  /** Two replicas must never share one. */
  readonly identity: string;
  /** How many shards there are; the same in all replicas, or those of one number wait for those of the other to end. */
  readonly shards: number;
  readonly log: Logger;
  /** Ends all work; the Leases are given back. */
  readonly signal: AbortSignal;
  /** Runs while the Lease of a shard is held. The signal ends it; the fence is asked before each write. */
  readonly work: (shard: number, signal: AbortSignal, fence: Fence) => Promise<void>;
  readonly timings?: LeaseTimings;
}

export interface Shards {
  /** Resolves when the signal was aborted and nothing of ours is held any more. */
  readonly ended: Promise<void>;
}

interface Task {
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** After this many durations nobody comes back under a name. */
const GONE_AFTER = 40;

export function startShards(options: ShardOptions): Shards {
  const replica = new Replica(options);
  return { ended: replica.run() };
}

class Replica {
  readonly #options: ShardOptions;
  readonly #timings: LeaseTimings;
  readonly #roster: Roster;
  readonly #tasks = new Map<number, Task>();

  constructor(options: ShardOptions) {
    this.#options = options;
    this.#timings = options.timings ?? LEASE_TIMINGS;
    this.#roster = new Roster(this.#timings.durationMs);
  }

  async run(): Promise<void> {
    const { signal, log } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#sayHere();
        await this.#look();
        this.#takeShare();
        await this.#sweep();
      } catch (error) {
        if (!signal.aborted) log.warn({ err: error }, 'shards not looked at');
      }
      await delay(this.#timings.retryMs, signal).catch(() => undefined);
    }
    await Promise.all([...this.#tasks.values()].map(({ ended }) => ended));
    await this.#sayGone();
  }

  async #sayHere(): Promise<void> {
    const { client, identity, shards } = this.#options;
    const signal = withinLease(this.#options.signal, this.#timings);
    const name = memberLeaseName(identity);
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: SYSTEM_NAMESPACE, ...marks(MEMBER, shards) },
      spec: {
        holderIdentity: identity,
        leaseDurationSeconds: Math.ceil(this.#timings.durationMs / 1000),
        renewTime: new Date().toISOString().replace('Z', '000Z'),
      },
    };
    const write = { fieldManager: CONTROLLER_FIELD_MANAGER, force: true, signal };
    await client.apply(RESOURCES.leases, SYSTEM_NAMESPACE, name, JSON.stringify(lease), write);
  }

  async #look(): Promise<void> {
    const { client } = this.#options;
    const signal = withinLease(this.#options.signal, this.#timings);
    const labelSelector = `${LABELS.component} in (${MEMBER},${SHARD})`;
    const list = { namespace: SYSTEM_NAMESPACE, labelSelector, signal };
    const { items } = await client.list<LeaseObject>(RESOURCES.leases, list);
    this.#roster.observe(items, performance.now());
  }

  #takeShare(): void {
    const { shards, identity } = this.#options;
    // Ourselves in any case: what we have just written need not be old enough for others to count on it.
    const assigned = assignShards([identity, ...this.#roster.members(shards, performance.now())], shards);
    for (let shard = 0; shard < shards; shard += 1) {
      const task = this.#tasks.get(shard);
      if (assigned.get(shard) !== identity) task?.stop.abort(new Error('the shard falls to another replica'));
      else if (task === undefined) this.#tasks.set(shard, this.#hold(shard));
    }
  }

  #hold(shard: number): Task {
    const { client, identity, shards, log, signal, work } = this.#options;
    const stop = new AbortController();
    const name = shardLeaseName(shard);
    const held = workWhileLeader({
      client,
      namespace: SYSTEM_NAMESPACE,
      name,
      identity,
      marks: marks(SHARD, shards),
      timings: this.#timings,
      log: log.child({ shard }),
      signal: AbortSignal.any([signal, stop.signal]),
      seenSince: (version) => this.#roster.seenSince(name, version),
      work: async (holding, fence) => {
        if (await this.#layoutIsOurs(shard)) await work(shard, holding, fence);
      },
    });
    const ended = held
      .then(() => undefined)
      .catch((error: unknown) => {
        if (!signal.aborted) log.error({ err: error, shard }, 'the work of a shard ended unexpectedly');
      })
      .finally(() => this.#tasks.delete(shard));
    return { stop, ended };
  }

  /**
   * First claim, then look: of two replicas that cut the work differently and claim at the same time, at least one sees the
   * other, and no GitSync is in two hands.
   */
  async #layoutIsOurs(shard: number): Promise<boolean> {
    const { shards, log } = this.#options;
    await this.#look();
    const other = this.#roster.otherLayout(shards, performance.now());
    if (other) log.warn({ shard, shards }, 'replicas with another number of shards still work; waiting for their end');
    return !other;
  }

  /** Replicas that never gave their Lease back, such as pods of a node that is gone. */
  async #sweep(): Promise<void> {
    const { client } = this.#options;
    const signal = withinLease(this.#options.signal, this.#timings);
    for (const { metadata } of this.#roster.longGone(performance.now(), GONE_AFTER * this.#timings.durationMs)) {
      const uid = metadata.uid === undefined ? {} : { uid: metadata.uid };
      await client.delete(RESOURCES.leases, SYSTEM_NAMESPACE, metadata.name, { ...uid, signal });
    }
  }

  /** Best effort: a Lease that stays runs out. */
  async #sayGone(): Promise<void> {
    const { client, identity, log } = this.#options;
    const signal = AbortSignal.timeout(2_000);
    await client.delete(RESOURCES.leases, SYSTEM_NAMESPACE, memberLeaseName(identity), { signal }).catch((error: unknown) => {
      log.debug({ err: error }, 'member lease not given back');
    });
  }
}

function marks(component: string, shards: number) {
  return { labels: { [LABELS.component]: component }, annotations: { [ANNOTATIONS.shards]: String(shards) } };
}
