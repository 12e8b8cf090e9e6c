// The way in by a link: its secret for a visit, the pass of the visit for one-time tickets.
import type { Database } from '../../runtime/db/database.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import type { StreamRight, TicketView } from '../../schemas/api/api.ts';
import type { VisitCreated, VisitView } from '../../schemas/api/sharing.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { OPEN_SHARING } from '../../schemas/kinds/policies/session-rules.ts';
import { isUsedUp } from '../../schemas/kinds/sessions/share-verdict.ts';
import type { KeyGuesses } from '../auth/authenticate.ts';
import type { Identity } from '../auth/identity.ts';
import { sha256 } from '../auth/secrets.ts';
import type { SessionJson, SessionShareJson } from '../sessions/kinds-json.ts';
import { requirePolicy } from '../sessions/read-policy.ts';
import { issueTicket } from '../store/tickets.ts';
import { beginVisit, findVisit, GUEST_PREFIX, isBarred, type Visit } from '../store/visits.ts';
import { guestName } from './presence-notice.ts';
import type { Shares } from './shares.ts';

export interface VisitPorts {
  readonly db: Database;
  readonly client: KubeClient;
  readonly shares: Shares;
  readonly guesses: KeyGuesses;
}

/** Who brings the secret: somebody who is signed in, or nobody. */
export type Caller = Pick<Identity, 'person' | 'credential'> | undefined;

const MAX_NAME = 40;

/** Spends one use. @throws ShareLinkInvalid for what is unknown and what is wrong alike; ShareExpired, ShareUsedUp, ... */
export async function openLink(
  ports: VisitPorts,
  caller: Caller,
  wish: { readonly secret: string; readonly name?: string | undefined; readonly sourceAddress: string },
): Promise<{ readonly visit: VisitCreated; readonly person: string; readonly object: string; readonly share: string }> {
  const { db, shares, guesses } = ports;
  await guesses.check(wish.sourceAddress);
  const known = shares.byLink(sha256(wish.secret));
  if (known === undefined) {
    await guesses.wrong(wish.sourceAddress);
    throw new StreamSpaceError('ShareLinkInvalid', 'no share has this link');
  }
  const { namespace = '', name: shareName, uid = '' } = known.metadata;
  const share = await shares.requireOpen(namespace, shareName, uid);
  const session = await sessionOf(ports, share);
  const policy = requirePolicy(session).sharing ?? OPEN_SHARING;
  if (isUsedUp(share)) throw new StreamSpaceError('ShareUsedUp', 'the link was opened as often as it may be');
  if (caller === undefined && !policy.guests)
    throw new StreamSpaceError('ShareGuestsNotAllowed', 'the policy lets nobody in without an account');
  const name = caller === undefined ? requireName(wish.name) : caller.person.displayName;
  const person = caller === undefined ? GUEST_PREFIX + name : caller.person.name;
  if (caller !== undefined && (await isBarred(db, uid, person)))
    throw new StreamSpaceError('ShareKicked', 'you were put out of the session');
  await shares.spendUse(share);
  const state = caller === undefined && policy.requireApproval ? 'Waiting' : 'Admitted';
  const place = { namespace, session: share.spec.sessionRef.name, sessionUid: share.spec.sessionRef.uid };
  const guest = caller === undefined;
  const visit = await beginVisit(db, { ...place, share: shareName, shareUid: uid, person, guest }, state, shares.endOf(share));
  return {
    visit: { ...presentVisit(shares, share, state), pass: visit.pass, name, guest },
    person,
    object: `Session/${namespace}/${place.session}`,
    share: shareName,
  };
}

/** @throws ShareLinkInvalid, ShareExpired, ShareRevoked */
export async function readVisit(ports: VisitPorts, caller: Caller, pass: string): Promise<{ visit: Visit; view: VisitView }> {
  const visit = await findVisit(ports.db, pass);
  if (visit === undefined) throw new StreamSpaceError('ShareLinkInvalid', 'the visit is unknown or over: open the link again');
  if (!visit.guest && caller?.person.name !== visit.person)
    throw new StreamSpaceError('ShareNotForYou', 'somebody else has opened this link');
  const share = await ports.shares.requireOpen(visit.namespace, visit.share, visit.shareUid);
  return { visit, view: presentVisit(ports.shares, share, visit.state) };
}

/** @throws ShareWaiting, ShareDenied, ShareKicked, ... */
export async function ticketForVisit(
  ports: VisitPorts,
  caller: Caller,
  pass: string,
): Promise<{ readonly ticket: TicketView; readonly right: StreamRight; readonly visit: Visit }> {
  const { visit, view } = await readVisit(ports, caller, pass);
  const { namespace, session: name, sessionUid, share, shareUid, guest, person, id } = visit;
  requireAdmitted(visit);
  if (!guest && (await isBarred(ports.db, shareUid, person)))
    throw new StreamSpaceError('ShareKicked', 'you were put out of the session');
  if (guest && !ports.shares.policyOf(namespace, name).guests)
    throw new StreamSpaceError('ShareGuestsNotAllowed', 'the policy lets nobody in without an account any more');
  const { ticket, expiresAt } = await issueTicket(ports.db, {
    ...{ person, namespace, session: name, sessionUid, right: view.right },
    credential: guest ? '' : (caller?.credential ?? ''),
    via: { share, shareUid, visit: id, guest },
  });
  const path = `/api/v1/namespaces/${namespace}/sessions/${name}/stream`;
  return { ticket: { ticket, path, expiresAt: expiresAt.toISOString() }, right: view.right, visit };
}

export function requireAdmitted({ state, person }: Visit): void {
  switch (state) {
    case 'Waiting':
      throw new StreamSpaceError('ShareWaiting', `${guestName(person)} has not been let in yet`);
    case 'Denied':
      throw new StreamSpaceError('ShareDenied', 'you were not let in');
    case 'Removed':
      throw new StreamSpaceError('ShareKicked', 'you were put out of the session');
    case 'Admitted':
  }
}

function presentVisit(shares: Shares, share: SessionShareJson, state: VisitView['state']): VisitView {
  const { metadata, spec } = share;
  return {
    state,
    session: { namespace: metadata.namespace ?? '', name: spec.sessionRef.name },
    right: spec.mode === 'Control' ? 'control' : 'view',
    moderated: spec.moderated,
    expiresAt: shares.endOf(share).toISOString(),
  };
}

async function sessionOf({ client }: VisitPorts, { metadata, spec }: SessionShareJson): Promise<SessionJson> {
  const session = await client.find<SessionJson>(RESOURCES.sessions, metadata.namespace, spec.sessionRef.name);
  if (session?.metadata.uid !== spec.sessionRef.uid) throw new StreamSpaceError('ShareRevoked', 'the session is gone');
  return session;
}

/** As others are to read it: one line of printable characters. */
function requireName(given: string | undefined): string {
  const name = (given ?? '').normalize('NFC').replaceAll(/\s+/gu, ' ').trim();
  if (name === '' || [...name].length > MAX_NAME || /[\p{Cc}\p{Cf}\p{Co}\p{Cn}]/u.test(name))
    throw new StreamSpaceError('ShareGuestName', `a guest gives a name of 1 to ${MAX_NAME} characters`);
  return name;
}
