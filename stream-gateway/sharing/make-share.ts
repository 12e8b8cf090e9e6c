// Making, changing and ending shares: judged here, written with the gateway's own rights, which nobody else has.
import { randomBytes } from 'node:crypto';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import type { ShareChange, ShareCreate, ShareListView, ShareView } from '../../schemas/api/sharing.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { durationMs } from '../../schemas/kinds/kind.ts';
import { type MergedSharing, OPEN_SHARING } from '../../schemas/kinds/policies/session-rules.ts';
import type { SessionShareSpec } from '../../schemas/kinds/sessions/session-share.ts';
import { isUsedUp, wishRefusal } from '../../schemas/kinds/sessions/share-verdict.ts';
import { API_GROUP_VERSION, GATEWAY_FIELD_MANAGER } from '../../schemas/names.ts';
import type { Decisions } from '../auth/decisions.ts';
import { newSecret, sha256 } from '../auth/secrets.ts';
import type { SessionJson, SessionShareJson } from '../sessions/kinds-json.ts';
import { requirePolicy } from '../sessions/read-policy.ts';
import type { Person } from '../store/people.ts';
import { type Shares, throwRefusal } from './shares.ts';

export interface MakeSharePorts {
  /** With the gateway's own rights. */
  readonly client: KubeClient;
  readonly decisions: Decisions;
  readonly shares: Shares;
  readonly publicUrl: string;
  readonly now: () => Date;
}

interface Place {
  readonly namespace: string;
  readonly name: string;
}

const DAY_MS = 24 * 3_600_000;

/** Whoever controls the session by a right of his own. @throws Forbidden, NotFound */
export async function requireControl(
  { client, decisions }: Pick<MakeSharePorts, 'client' | 'decisions'>,
  person: Person,
  { namespace, name }: Place,
): Promise<SessionJson> {
  if (!(await decisions.ask(person, { verb: 'control', resource: 'sessions', namespace, name })))
    throw new StreamSpaceError('Forbidden', `${person.name} may not control session ${namespace}/${name}`);
  return await client.get<SessionJson>(RESOURCES.sessions, namespace, name);
}

/** @returns with `link`, which is nowhere else @throws the refusal of the policy, ShareTooLong */
export async function makeShare(
  ports: MakeSharePorts,
  person: Person,
  place: Place,
  wish: ShareCreate,
): Promise<{ readonly share: SessionShareJson; readonly link: string | null }> {
  const session = await requireControl(ports, person, place);
  const policy = requirePolicy(session).sharing ?? OPEN_SHARING;
  const sharedBy = await sharerOf(ports, person, place);
  throwRefusal(wishRefusal({ ...wish, sharedBy }, policy));
  const nowMs = ports.now().getTime();
  const secret = wish.link === true ? newSecret() : undefined;
  const spec: SessionShareSpec = {
    sessionRef: { name: place.name, uid: session.metadata.uid ?? '' },
    sharedBy,
    ...(secret === undefined ? { subjects: [...(wish.subjects ?? [])] } : { linkHash: sha256(secret).toString('hex') }),
    mode: wish.mode,
    expiresAt: new Date(endWished(wish.expiresInMinutes, policy, nowMs, nowMs)).toISOString(),
    ...(wish.maxUses === undefined ? {} : { maxUses: wish.maxUses }),
    moderated: wish.moderated,
    revoked: false,
  };
  const { apiVersion, kind, metadata } = session;
  const owner = { apiVersion: apiVersion ?? API_GROUP_VERSION, kind: kind ?? 'Session', name: place.name, uid: metadata.uid };
  const manifest = {
    apiVersion: API_GROUP_VERSION,
    kind: 'SessionShare',
    metadata: {
      name: `${place.name}-${randomBytes(4).toString('hex')}`,
      namespace: place.namespace,
      ownerReferences: [owner],
    },
    spec,
  };
  const share = await ports.client.create<SessionShareJson>(RESOURCES.sessionShares, place.namespace, JSON.stringify(manifest), {
    fieldManager: GATEWAY_FIELD_MANAGER,
  });
  // Whoever is told the link may open it at once.
  await ports.shares.untilWatched(share.metadata.uid ?? '');
  // Behind the #: a browser sends that to nobody, so it is in no log.
  return { share, link: secret === undefined ? null : `${ports.publicUrl}/share#${secret}` };
}

/** @throws NotFound, ShareTooLong */
export async function changeShare(
  ports: MakeSharePorts,
  person: Person,
  place: Place & { readonly share: string },
  change: ShareChange,
): Promise<SessionShareJson> {
  const { session, share } = await ownShare(ports, person, place);
  const policy = requirePolicy(session).sharing ?? OPEN_SHARING;
  const createdMs = Date.parse(share.metadata.creationTimestamp ?? '');
  const { mode, expiresInMinutes } = change;
  const spec = {
    ...(mode === undefined ? {} : { mode }),
    ...(expiresInMinutes === undefined
      ? {}
      : { expiresAt: new Date(endWished(expiresInMinutes, policy, ports.now().getTime(), createdMs)).toISOString() }),
  };
  return await patch(ports, share, spec);
}

/** It stays for a day, so that whoever comes later reads that it was revoked. @throws NotFound */
export async function revokeShare(
  ports: MakeSharePorts,
  person: Person,
  place: Place & { readonly share: string },
): Promise<SessionShareJson> {
  const { share } = await ownShare(ports, person, place);
  return await patch(ports, share, { revoked: true });
}

export async function listShares(ports: MakeSharePorts, person: Person, place: Place): Promise<ShareListView> {
  await requireControl(ports, person, place);
  const policy = ports.shares.policyOf(place.namespace, place.name);
  const sharedBy = await sharerOf(ports, person, place);
  // What asks least of the policy: where even that is refused, nothing is to be shared.
  const [mode = 'View'] = policy.modes;
  const refusal = wishRefusal({ subjects: [], mode, sharedBy }, policy) ?? null;
  const items = ports.shares.of(place.namespace, place.name).map((share) => presentShare(ports.shares, share));
  return { items, policy, refusal: policy.allow === 'None' ? none(policy) : refusal };
}

export function presentShare(shares: Shares, share: SessionShareJson): ShareView {
  const { metadata, spec, status } = share;
  const usedUp = isUsedUp(share) ? { code: 'ShareUsedUp', message: 'the link was opened as often as it may be' } : null;
  return {
    name: metadata.name,
    subjects: spec.subjects ?? null,
    mode: spec.mode,
    sharedBy: spec.sharedBy.person,
    createdAt: metadata.creationTimestamp ?? '',
    expiresAt: shares.endOf(share).toISOString(),
    maxUses: spec.maxUses ?? null,
    uses: status?.uses ?? 0,
    viewers: status?.viewers ?? 0,
    moderated: spec.moderated,
    refusal: shares.refusalOf(share) ?? usedUp,
  };
}

function none(policy: MergedSharing): ShareListView['refusal'] {
  return policy.allow === 'None' ? { code: 'SharingNotAllowed', message: 'the policy allows no sharing' } : null;
}

async function sharerOf({ decisions }: MakeSharePorts, person: Person, { namespace }: Place) {
  return { person: person.name, admin: await decisions.ask(person, { verb: 'assign', resource: 'sessions', namespace }) };
}

/** Milliseconds since 1970. */
function endWished(minutes: number | undefined, policy: MergedSharing, nowMs: number, createdMs: number): number {
  const latest = policy.maxTTL === undefined ? Infinity : createdMs + durationMs(policy.maxTTL);
  if (minutes === undefined) return Math.min(nowMs + DAY_MS, latest);
  const wished = nowMs + minutes * 60_000;
  if (wished <= latest) return wished;
  const words = `the policy allows ${policy.maxTTL} from its making: until ${new Date(latest).toISOString()}`;
  throw new StreamSpaceError('ShareTooLong', words);
}

async function ownShare(ports: MakeSharePorts, person: Person, { namespace, name, share }: Place & { readonly share: string }) {
  const session = await requireControl(ports, person, { namespace, name });
  const found = await ports.client.find<SessionShareJson>(RESOURCES.sessionShares, namespace, share);
  if (found?.spec.sessionRef.name !== name) throw new StreamSpaceError('NotFound', `session ${name} has no share ${share}`);
  return { session, share: found };
}

async function patch({ client }: MakeSharePorts, share: SessionShareJson, spec: object): Promise<SessionShareJson> {
  const { namespace, name } = share.metadata;
  return await client.mergePatch<SessionShareJson>(
    RESOURCES.sessionShares,
    namespace,
    name,
    { spec },
    {
      fieldManager: GATEWAY_FIELD_MANAGER,
    },
  );
}
