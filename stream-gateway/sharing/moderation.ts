// A moderated session without its moderator: input is frozen, a grace runs, then the session hibernates (G-49). The time of the
// absence stands in the database, so all replicas mean the same moment and each may be the one that ends it.
import type { Database } from '../../runtime/db/database.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import { GATEWAY_FIELD_MANAGER } from '../../schemas/names.ts';
import { impersonationOf } from '../auth/identity.ts';
import type { SessionJson } from '../sessions/kinds-json.ts';
import { endAbsences, noteAbsence, type SeatRow } from '../store/seats.ts';

export interface ModerationPorts {
  readonly db: Database;
  readonly client: KubeClient;
  readonly audit: (event: AuditEvent) => void;
  readonly graceMs: number;
  readonly now: () => Date;
}

/** Somebody is there who may not be alone, and nobody who moderates. */
export function isFrozen(seats: readonly SeatRow[]): boolean {
  const here = seats.filter(({ kicked }) => !kicked);
  return here.some(({ moderated }) => moderated) && !here.some((seat) => moderates(seat));
}

export function moderates({ owns, baseRight }: Pick<SeatRow, 'owns' | 'baseRight'>): boolean {
  return owns && baseRight === 'control';
}

export class Moderation {
  readonly #ports: ModerationPorts;
  /** RFC 3339, by UID of the session: the same text for as long as it is the same absence. */
  readonly #until = new Map<string, string>();

  constructor(ports: ModerationPorts) {
    this.#ports = ports;
  }

  /** @returns when the session ends; null while it is not frozen */
  async look(sessionUid: string, seats: readonly SeatRow[]): Promise<string | null> {
    const { db, graceMs, now } = this.#ports;
    if (!isFrozen(seats)) {
      if (this.#until.delete(sessionUid)) await endAbsences(db, [sessionUid]);
      return null;
    }
    const awayMs = await noteAbsence(db, sessionUid);
    const [seat] = seats;
    if (awayMs >= graceMs && seat !== undefined) await this.#end(seat);
    const until = this.#until.get(sessionUid) ?? new Date(now().getTime() + graceMs - awayMs).toISOString();
    this.#until.set(sessionUid, until);
    return until;
  }

  /** Hibernated and not terminated: a moderator whose network broke must not cost anybody his home. */
  async #end({ namespace, session: name, sessionUid }: SeatRow): Promise<void> {
    const { client, audit, graceMs } = this.#ports;
    const session = await client.find<SessionJson>(RESOURCES.sessions, namespace, name);
    if (session?.metadata.uid !== sessionUid || (session.spec.desiredState ?? 'Running') !== 'Running') return;
    const { resourceVersion } = session.metadata;
    const patch = {
      metadata: resourceVersion === undefined ? {} : { resourceVersion },
      spec: { desiredState: 'Hibernated' },
    };
    // As its owner, who may: the gateway itself writes no sessions.
    const owner = client.as(impersonationOf({ name: session.spec.owner, displayName: '', groups: [] }));
    await owner.mergePatch(RESOURCES.sessions, namespace, name, patch, { fieldManager: GATEWAY_FIELD_MANAGER });
    audit({
      type: 'moderation.ended',
      actor: null,
      result: 'success',
      object: `Session/${namespace}/${name}`,
      details: { graceSeconds: Math.round(graceMs / 1000) },
    });
  }
}
