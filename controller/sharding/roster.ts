// Which replicas are alive, from their Leases. A Lease has run out when it was seen unchanged for its whole duration, by our own
// clock; what its times say is never compared with it.
import type { KubeObjectJson } from '../../runtime/kube/types.ts';
import { ANNOTATIONS, LABELS } from '../../schemas/names.ts';

export interface LeaseObject extends KubeObjectJson {
  readonly spec?: { readonly holderIdentity?: string; readonly leaseDurationSeconds?: number };
}

/** The values of the label `component` on our Leases. */
export const MEMBER = 'sync-member';
export const SHARD = 'sync-shard';

interface Seen {
  readonly lease: LeaseObject;
  readonly since: number;
}

export class Roster {
  readonly #maxGapMs: number;
  #seen: ReadonlyMap<string, Seen> = new Map();
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** @param maxGapMs after this long without a look (the API server was away) nothing that was seen before says who is alive */
  constructor(maxGapMs: number) {
    this.#maxGapMs = maxGapMs;
  }

  /** Everything that is there, at once: what is missing is gone. */
  observe(leases: readonly LeaseObject[], now: number): void {
    const blind = now - this.#lookedAt > this.#maxGapMs;
    this.#lookedAt = now;
    this.#seen = new Map(
      leases.map((lease) => {
        const before = blind ? undefined : this.#seen.get(lease.metadata.name);
        const same = before?.lease.metadata.resourceVersion === lease.metadata.resourceVersion;
        return [lease.metadata.name, { lease, since: same && before !== undefined ? before.since : now }] as const;
      }),
    );
  }

  /** Identities of the replicas that are alive and cut the work into as many shards. */
  members(shards: number, now: number): readonly string[] {
    return this.#held(MEMBER, now)
      .filter(({ metadata }) => layoutOf(metadata) === shards)
      .flatMap(({ spec }) => spec?.holderIdentity ?? []);
  }

  /** Whether somebody else still works with the work cut in another number of shards: the two must never meet. */
  otherLayout(shards: number, now: number): boolean {
    return this.#held(SHARD, now).some(({ metadata }) => layoutOf(metadata) !== shards);
  }

  /** When this state of a Lease was first seen; it counts for whoever waits until it runs out. */
  seenSince(leaseName: string, resourceVersion: string | undefined): number | undefined {
    const seen = this.#seen.get(leaseName);
    return seen?.lease.metadata.resourceVersion === resourceVersion ? seen?.since : undefined;
  }

  /** Leases of replicas that ended long ago without giving theirs back. */
  longGone(now: number, afterMs: number): readonly LeaseObject[] {
    return [...this.#seen.values()]
      .filter(({ lease, since }) => componentOf(lease) === MEMBER && now - since > afterMs)
      .map(({ lease }) => lease);
  }

  #held(component: string, now: number): readonly LeaseObject[] {
    return [...this.#seen.values()]
      .filter(({ lease, since }) => {
        const durationMs = (lease.spec?.leaseDurationSeconds ?? 0) * 1000;
        return componentOf(lease) === component && (lease.spec?.holderIdentity ?? '') !== '' && now - since <= durationMs;
      })
      .map(({ lease }) => lease);
  }
}

function componentOf({ metadata }: LeaseObject): string | undefined {
  return metadata.labels?.[LABELS.component];
}

function layoutOf({ annotations }: LeaseObject['metadata']): number {
  return Number(annotations?.[ANNOTATIONS.shards]);
}
