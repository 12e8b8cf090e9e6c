// The policies of the sessions that have streams on this replica: read when somebody comes in, followed while he is there.
// A change is in force for all of them with the event that tells it. A policy that can no longer be read goes on as it was
// last known, and a metric says for how long (G-33).
import type { Logger } from '../../runtime/log/log.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import type { EffectivePolicy } from '../../schemas/kinds/policies/effective-policy.ts';
import type { Feed } from '../http/live/feed.ts';
import { Allowances } from '../stream/clipboard/allowances.ts';
import { type Allowance, StreamPolicy } from '../stream/stream-policy.ts';
import type { SessionJson } from './kinds-json.ts';
import { inForce, policyNames, readPolicy, requirePolicy } from './read-policy.ts';

export interface SessionPoliciesPorts {
  readonly audit: (event: AuditEvent) => void;
  readonly log: Logger;
  /** Milliseconds of a clock that nobody sets. */
  readonly now: () => number;
  /** How long the API server has said nothing about sessions, in milliseconds. */
  readonly feedAgeMs: () => number;
}

/** For one stream; dispose it with the stream. */
export interface PolicyLease extends Disposable {
  readonly policy: StreamPolicy;
  readonly allowance: Allowance;
}

interface Followed {
  readonly policy: StreamPolicy;
  /** `Session/namespace/name`. */
  readonly object: string;
  /** Of the session that the policy was read from. */
  version: bigint;
  unreadableSince: number | undefined;
  /** The policies as the audit has them since a change; undefined without one. */
  told: string | undefined;
  streams: number;
}

export class SessionPolicies {
  readonly #ports: SessionPoliciesPorts;
  readonly #allowances: Allowances;
  /** By UID of the session. */
  readonly #followed = new Map<string, Followed>();

  constructor(ports: SessionPoliciesPorts) {
    this.#ports = ports;
    this.#allowances = new Allowances(ports.now);
  }

  /** @param session as it is now @throws PolicyUnavailable */
  enter(session: SessionJson, person: string): PolicyLease {
    const { uid = '', namespace, name } = session.metadata;
    const read = requirePolicy(session);
    this.accept(session); // it may be newer than what the watch has told
    const followed = this.#followed.get(uid) ?? {
      policy: new StreamPolicy(inForce(read)),
      object: `Session/${namespace}/${name}`,
      version: versionOf(session),
      unreadableSince: undefined,
      told: undefined,
      streams: 0,
    };
    this.#followed.set(uid, followed);
    followed.streams += 1;
    const allowance = this.#allowances.lease(uid, person);
    let held = true;
    return {
      policy: followed.policy,
      allowance: allowance.allowance,
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        allowance[Symbol.dispose]();
        followed.streams -= 1;
        if (followed.streams === 0) this.#followed.delete(uid);
      },
    };
  }

  /** A session as it is now, or was at some time: what is older than what is in force is left alone. */
  accept(session: SessionJson): void {
    const followed = this.#followed.get(session.metadata.uid ?? '');
    const version = versionOf(session);
    if (followed === undefined || version < followed.version) return;
    const next = readPolicy(session);
    if (next === undefined) {
      if (followed.unreadableSince !== undefined) return;
      followed.unreadableSince = this.#ports.now();
      this.#ports.log.warn({ object: followed.object }, 'the policy of a session cannot be read; its streams keep the last');
      return;
    }
    followed.version = version;
    followed.unreadableSince = undefined;
    this.#change(followed, next);
  }

  /** How long the oldest policy in use may be out of date; 0 without streams. */
  staleSeconds(): number {
    if (this.#followed.size === 0) return 0;
    const now = this.#ports.now();
    const unreadable = [...this.#followed.values()].map(({ unreadableSince = now }) => now - unreadableSince);
    return Math.max(this.#ports.feedAgeMs(), ...unreadable) / 1000;
  }

  #change(followed: Followed, next: EffectivePolicy): void {
    const { policy, streams } = followed;
    const oldHash = policy.hash;
    const names = policyNames(next);
    // The same rules may come from other objects now.
    policy.replace(inForce(next));
    if (next.hash !== oldHash) {
      followed.told = names;
      this.#audit(followed, 'policy.changed', { oldHash, newHash: next.hash, policies: names, streams });
    } else if (followed.told !== undefined && followed.told !== names) {
      // In force at once; its commit is known when the sync that wrote it has ended.
      followed.told = names;
      this.#audit(followed, 'policy.traced', { hash: next.hash, policies: names });
    }
  }

  #audit({ object }: Followed, type: AuditEvent['type'], details: NonNullable<AuditEvent['details']>): void {
    this.#ports.audit({ type, actor: null, result: 'success', object, details });
  }
}

/** Tells the policies of every change of a session. @returns the way to stop it */
export function followPolicies(
  feed: Pick<Feed<SessionJson>, 'objects' | 'onChange'>,
  policies: Pick<SessionPolicies, 'accept'>,
): () => void {
  return feed.onChange((key) => {
    const session = feed.objects.get(key);
    if (session !== undefined) policies.accept(session);
  });
}

/** Resource versions are ordered numbers since Kubernetes 1.35; what is no number is taken as it comes. */
function versionOf({ metadata: { resourceVersion = '' } }: SessionJson): bigint {
  return /^\d{1,20}$/.test(resourceVersion) ? BigInt(resourceVersion) : 0n;
}
