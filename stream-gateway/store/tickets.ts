// One-use rights to open one stream or console. The ticket is in the browser only; its hash is here, for 30 seconds.
import type { Queryable } from '../../runtime/db/database.ts';
import { NOT_LOCKED } from '../../runtime/db/person-state.ts';
import type { StreamRight } from '../../schemas/api/api.ts';
import { newSecret, sha256 } from '../auth/secrets.ts';
import type { ShareEntry } from '../stream/door/door-ports.ts';
import type { Person } from './people.ts';

export const TICKET_TTL_MS = 30_000;

/** `exec`: a console. */
export type TicketRight = StreamRight | 'exec';

export interface TicketFor {
  readonly person: string;
  readonly namespace: string;
  readonly session: string;
  /** A session that was deleted and made again under the same name is another one. */
  readonly sessionUid: string;
  readonly right: TicketRight;
  /** What the stream ends with; empty for a guest, who has none. */
  readonly credential: string;
  /** Left out: by a right of his own. */
  readonly via?: ShareEntry;
}

export interface RedeemedTicket extends Omit<TicketFor, 'person'> {
  readonly person: Person;
}

export async function issueTicket(
  db: Queryable,
  wish: TicketFor,
  ttlMs = TICKET_TTL_MS,
): Promise<{ readonly ticket: string; readonly expiresAt: Date }> {
  const ticket = newSecret();
  const [row] = await db.query<{ expires_at: Date }>(
    `insert into tickets (ticket_hash, person, namespace, session, session_uid, stream_right, credential, via, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $9, now() + $8 * interval '1 millisecond') returning expires_at`,
    [
      ...[sha256(ticket), wish.person, wish.namespace, wish.session, wish.sessionUid, wish.right, wish.credential, ttlMs],
      wish.via === undefined ? null : JSON.stringify(wish.via),
    ],
  );
  if (row === undefined) throw new Error('insert returned no row');
  return { ticket, expiresAt: row.expires_at };
}

interface TicketRow extends Record<string, unknown> {
  readonly namespace: string;
  readonly session: string;
  readonly session_uid: string;
  readonly stream_right: TicketRight;
  readonly credential: string;
  readonly via: ShareEntry | null;
  readonly expired: boolean;
  readonly name: string;
  readonly display_name: string;
  readonly groups: readonly string[];
}

/** Takes the ticket, whatever comes of it: it is gone even when it is expired. `undefined`: unknown, used or expired. */
export async function redeemTicket(db: Queryable, ticket: string): Promise<RedeemedTicket | undefined> {
  const [row] = await db.query<TicketRow>(
    `with taken as (delete from tickets where ticket_hash = $1 returning *)
     select t.namespace, t.session, t.session_uid, t.stream_right, t.credential, t.via, t.expires_at <= now() as expired,
            t.person as name, coalesce(p.display_name, substr(t.person, 7)) as display_name, coalesce(p.groups, '{}') as groups
       from taken t left join people p on p.name = t.person
      where (p.name is not null and ${NOT_LOCKED}) or t.via->>'guest' = 'true'`,
    [sha256(ticket)],
  );
  if (row === undefined || row.expired) return undefined;
  return {
    person: { name: row.name, displayName: row.display_name, groups: row.groups },
    namespace: row.namespace,
    session: row.session,
    sessionUid: row.session_uid,
    right: row.stream_right,
    credential: row.credential,
    ...(row.via === null ? {} : { via: row.via }),
  };
}
