// The door of a session for whoever has a ticket, and for people whom a share names.

import type { Queryable } from '../../runtime/db/database.ts';
import type { StreamRight } from '../../schemas/api/api.ts';
import type { SharedSession } from '../../schemas/api/sharing.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { SessionJson, SessionShareJson } from '../sessions/kinds-json.ts';
import type { Person } from '../store/people.ts';
import type { Room } from '../store/seats.ts';
import { isBarred } from '../store/visits.ts';
import type { ShareEntry, StreamGrant } from '../stream/door/door-ports.ts';
import type { LiveSeat } from './live-seat.ts';
import type { Presence } from './presence.ts';
import { type Shares, throwRefusal } from './shares.ts';

/** Takes a seat. @throws ShareFull, ModeratorAway, ShareRevoked, ShareKicked */
export async function takeSeatFor(
  { presence, shares }: { readonly presence: Presence; readonly shares: Shares },
  session: SessionJson,
  { person, displayName, right, via }: StreamGrant,
): Promise<LiveSeat> {
  const { namespace = '', name, uid = '' } = session.metadata;
  const share = via === undefined ? undefined : await shares.requireOpen(namespace, via.share, via.shareUid);
  const seat = {
    ...{ namespace, session: name, sessionUid: uid, person, displayName: displayName ?? person, baseRight: right },
    guest: via?.guest ?? false,
    owns: via === undefined,
    moderated: share?.spec.moderated ?? false,
    shareUid: via?.shareUid ?? null,
    visit: via?.visit ?? null,
  };
  const max = session.status?.effectivePolicy?.sharing?.maxViewers;
  return await presence.sit(seat, via, (room) => {
    if (via !== undefined) admit(room, { max, moderated: seat.moderated });
  });
}

function admit(
  { viewers, moderator, barred }: Room,
  { max, moderated }: { readonly max: number | undefined; readonly moderated: boolean },
) {
  if (barred) throw new StreamSpaceError('ShareKicked', 'you were put out of the session');
  if (max !== undefined && viewers >= max)
    throw new StreamSpaceError('ShareFull', `${viewers} are in the session through shares, and the policy allows ${max}`);
  if (moderated && !moderator) throw new StreamSpaceError('ModeratorAway', 'nobody is there to moderate the session');
}

/**
 * The share by which a person comes into a session; undefined where none names him.
 * @throws Forbidden where he may look on only, ShareKicked, or why the shares that name him let nobody in
 */
export async function shareFor(
  { shares, db }: { readonly shares: Shares; readonly db: Queryable },
  person: Person,
  { namespace, name, right }: { readonly namespace: string; readonly name: string; readonly right: StreamRight },
): Promise<ShareEntry | undefined> {
  const forHim = shares.of(namespace, name).filter((share) => shares.isFor(share, person));
  const newest = forHim.at(-1);
  if (newest === undefined) return undefined;
  const open = forHim.filter((share) => shares.refusalOf(share) === undefined);
  if (open.length === 0) throwRefusal(shares.refusalOf(newest));
  const chosen = open.find(({ spec }) => spec.mode === 'Control') ?? open.at(-1);
  if (chosen === undefined) return undefined;
  if (right === 'control' && chosen.spec.mode !== 'Control')
    throw new StreamSpaceError('Forbidden', `session ${namespace}/${name} is shared with ${person.name} to look on only`);
  const { name: share, uid: shareUid = '' } = chosen.metadata;
  if (await isBarred(db, shareUid, person.name)) throw new StreamSpaceError('ShareKicked', 'you were put out of the session');
  return { share, shareUid, visit: null, guest: false };
}

/** What others share with a person now. */
export function sharedWith(
  { shares, sessions }: { readonly shares: Shares; readonly sessions: ReadonlyMap<string, SessionJson> },
  person: Person,
): readonly SharedSession[] {
  const bySession = new Map<string, SharedSession>();
  for (const share of shares.all()) {
    const found = sessions.get(`${share.metadata.namespace}/${share.spec.sessionRef.name}`);
    if (found?.metadata.uid !== share.spec.sessionRef.uid) continue;
    if (!shares.isFor(share, person) || shares.refusalOf(share) !== undefined) continue;
    const view = presentShared(shares, share, found);
    const before = bySession.get(`${view.namespace}/${view.name}`);
    if (before?.mode !== 'Control') bySession.set(`${view.namespace}/${view.name}`, view);
  }
  return [...bySession.values()].toSorted((a, b) => a.name.localeCompare(b.name));
}

function presentShared(shares: Shares, share: SessionShareJson, { metadata, spec, status }: SessionJson): SharedSession {
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    owner: spec.owner,
    displayName: status?.templateRef?.displayName ?? metadata.name,
    mode: share.spec.mode,
    expiresAt: shares.endOf(share).toISOString(),
    running: status?.phase === 'Running',
  };
}
