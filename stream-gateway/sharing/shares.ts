// The shares of all sessions as the gateway watches them, judged by the policy of their session.
import { timingSafeEqual } from 'node:crypto';
import { isStatus } from '../../runtime/kube/kube-status-error.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { type MergedSharing, OPEN_SHARING } from '../../schemas/kinds/policies/session-rules.ts';
import type { ShareSubject } from '../../schemas/kinds/sessions/session-share.ts';
import { isUsedUp, type ShareRefusal, shareEndMs, shareRefusal } from '../../schemas/kinds/sessions/share-verdict.ts';
import { GATEWAY_FIELD_MANAGER } from '../../schemas/names.ts';
import type { Feed } from '../http/live/feed.ts';
import type { SessionJson, SessionShareJson, TeamJson } from '../sessions/kinds-json.ts';
import { membershipsOf } from '../sessions/teams.ts';
import type { Person } from '../store/people.ts';
import type { SeatState } from './live-seat.ts';

export interface SharesPorts {
  /** With the gateway's own rights. */
  readonly client: KubeClient;
  readonly shares: Pick<Feed<SessionShareJson>, 'objects' | 'onChange'>;
  readonly sessions: Pick<Feed<SessionJson>, 'objects'>;
  readonly teams: () => Iterable<TeamJson>;
  readonly now: () => Date;
}

interface ShareIndex {
  readonly byUid: ReadonlyMap<string, SessionShareJson>;
  readonly bySession: ReadonlyMap<string, readonly SessionShareJson[]>;
}

const MAX_LAG_MS = 2_000;

const createdAt = ({ metadata }: SessionShareJson): string => metadata.creationTimestamp ?? '';

export class Shares {
  readonly #ports: SharesPorts;

  #index: ShareIndex | undefined;

  constructor(ports: SharesPorts) {
    this.#ports = ports;
    ports.shares.onChange(() => {
      this.#index = undefined;
    });
  }

  /** By creation. */
  of(namespace: string, session: string): readonly SessionShareJson[] {
    return this.#indexed().bySession.get(`${namespace}/${session}`) ?? [];
  }

  all(): Iterable<SessionShareJson> {
    return this.#ports.shares.objects.values();
  }

  byUid(uid: string): SessionShareJson | undefined {
    return this.#indexed().byUid.get(uid);
  }

  /** Resolves when this one is watched, and at the latest after a time in which the others are not heard of either. */
  async untilWatched(uid: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => {
      if (this.byUid(uid) !== undefined) resolve();
    };
    const stop = this.#ports.shares.onChange(look);
    const timer = setTimeout(resolve, MAX_LAG_MS);
    look();
    await promise;
    clearTimeout(timer);
    stop();
  }

  /** Looks at every one, each in the same time. @param hash SHA-256 of the secret of a link */
  byLink(hash: Buffer): SessionShareJson | undefined {
    let found: SessionShareJson | undefined;
    for (const share of this.#ports.shares.objects.values()) {
      const own = Buffer.from(share.spec.linkHash ?? '', 'hex');
      if (own.length === hash.length && timingSafeEqual(own, hash)) found = share;
    }
    return found;
  }

  /** Of the session as it is watched. */
  policyOf(namespace: string, session: string): MergedSharing {
    return this.#ports.sessions.objects.get(`${namespace}/${session}`)?.status?.effectivePolicy?.sharing ?? OPEN_SHARING;
  }

  /** Why nobody may be in through it now. */
  refusalOf(share: SessionShareJson, policy = this.policyOf(share.metadata.namespace ?? '', share.spec.sessionRef.name)) {
    return shareRefusal(share, policy, this.#ports.now().getTime());
  }

  endOf({ spec, metadata }: SessionShareJson): Date {
    const policy = this.policyOf(metadata.namespace ?? '', spec.sessionRef.name);
    return new Date(shareEndMs(spec.expiresAt, Date.parse(metadata.creationTimestamp ?? ''), policy));
  }

  isFor({ spec }: SessionShareJson, person: Person): boolean {
    const teams = membershipsOf(person, this.#ports.teams()).map(({ name }) => name);
    const names: Readonly<Record<ShareSubject['kind'], readonly string[]>> = {
      User: [person.name],
      Group: person.groups,
      Team: teams,
    };
    return (spec.subjects ?? []).some(({ kind, name }) => names[kind].includes(name));
  }

  /** What a share and its policy leave of the right of a seat. */
  stateOf(seat: {
    readonly namespace: string;
    readonly session: string;
    readonly shareUid: string | null;
  }): Pick<SeatState, 'shareMode' | 'mayBeGiven'> {
    const mayBeGiven = this.policyOf(seat.namespace, seat.session).modes.includes('Control');
    return { mayBeGiven, shareMode: seat.shareUid === null ? null : (this.byUid(seat.shareUid)?.spec.mode ?? null) };
  }

  /** As the API server has it now, and open. @throws ShareRevoked, ShareExpired, ... */
  async requireOpen(namespace: string, name: string, uid: string): Promise<SessionShareJson> {
    const share = await this.#ports.client.find<SessionShareJson>(RESOURCES.sessionShares, namespace, name);
    if (share?.metadata.uid !== uid) throw new StreamSpaceError('ShareRevoked', 'the share is gone');
    throwRefusal(this.refusalOf(share));
    return share;
  }

  /**
   * Counts one use, with a precondition: whatever number of replicas try, no use is spent twice.
   * @throws ShareUsedUp
   */
  async spendUse(share: SessionShareJson): Promise<void> {
    const { client } = this.#ports;
    const { namespace, name } = share.metadata;
    for (let current = share; ; current = await client.get<SessionShareJson>(RESOURCES.sessionShares, namespace, name)) {
      if (isUsedUp(current)) throw new StreamSpaceError('ShareUsedUp', 'the link was opened as often as it may be');
      throwRefusal(this.refusalOf(current));
      const { resourceVersion } = current.metadata;
      const patch = { metadata: { resourceVersion }, status: { uses: (current.status?.uses ?? 0) + 1 } };
      try {
        await this.patchStatus(current, patch);
        return;
      } catch (error) {
        if (!isStatus(error, 409, 'Conflict')) throw error;
      }
    }
  }

  /** Asked for every seat several times a second, and made anew only when a share has changed. */
  #indexed(): ShareIndex {
    if (this.#index !== undefined) return this.#index;
    const all = [...this.#ports.shares.objects.values()].toSorted((a, b) => createdAt(a).localeCompare(createdAt(b)));
    this.#index = {
      byUid: new Map(all.map((share) => [share.metadata.uid ?? '', share])),
      bySession: Map.groupBy(all, ({ metadata, spec }) => `${metadata.namespace}/${spec.sessionRef.name}`),
    };
    return this.#index;
  }

  async patchStatus({ metadata: { namespace, name } }: SessionShareJson, patch: object): Promise<void> {
    const options = { subresource: 'status', fieldManager: GATEWAY_FIELD_MANAGER };
    await this.#ports.client.mergePatch(RESOURCES.sessionShares, namespace, name, patch, options);
  }
}

export function throwRefusal(refusal: ShareRefusal | undefined): void {
  if (refusal !== undefined) throw new StreamSpaceError(refusal.code, refusal.message);
}
