// Whom a change wakes that may alter which policies are in force in a session. Pure.
import { isDeepStrictEqual } from 'node:util';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeObjectJson, Resource } from '../../runtime/kube/types.ts';
import type { GitSync } from '../../schemas/kinds/git-sync/git-sync.ts';
import type { EffectivePolicy } from '../../schemas/kinds/policies/effective-policy.ts';
import type { Session } from '../../schemas/kinds/sessions/session.ts';
import { type Team, teamNamespace } from '../../schemas/kinds/team.ts';
import type { TargetedPolicy } from '../policies/merging.ts';
import { networkLabel } from '../policies/network/session-network.ts';
import { gitSyncOf } from '../policies/revision.ts';
import { reaches } from '../policies/targets.ts';
import type { ObjectKey } from './contract.ts';
import { templatePlaces } from './template/ref.ts';
import type { Known, Woken } from './woken.ts';

type KnownToPolicies = Pick<Known, 'sessions' | 'dlpPolicies' | 'recordingPolicies' | 'sessionPolicies' | 'networkProfiles'>;

/** The kinds of objects that say what holds in a session. */
export type PolicyKind = EffectivePolicy['policies'][number]['kind'];

/** @param news whether somebody wished something, or it is new or gone; labels and status are looked at here */
export function policiesWokenBy(
  resource: Resource,
  object: KubeObjectJson,
  before: KubeObjectJson | undefined,
  known: KnownToPolicies,
  news: boolean,
): readonly Woken[] {
  const differs = (fields: (object: KubeObjectJson) => unknown): boolean =>
    news || before === undefined || !isDeepStrictEqual(fields(object), fields(before));
  const { namespace = '', name } = object.metadata;
  switch (resource.plural) {
    case RESOURCES.dlpPolicies.plural:
      return news ? policyAndSessions('DlpPolicy', { namespace, name }, known) : [];
    case RESOURCES.recordingPolicies.plural:
      return news ? policyAndSessions('RecordingPolicy', { namespace, name }, known) : [];
    case RESOURCES.sessionPolicies.plural:
      return news ? policyAndSessions('SessionPolicy', { namespace, name }, known) : [];
    // It may say how long a session may run.
    case RESOURCES.quotas.plural:
      return news ? sessionsUnder(known, namespace) : [];
    case RESOURCES.networkProfiles.plural:
      return news ? policyAndSessions('NetworkProfile', { namespace, name }, known) : [];
    case RESOURCES.teams.plural:
      return news ? sessionsOf(known, (session) => placeOf(session) === teamNamespace(object as KubeObjectJson & Team)) : [];
    case RESOURCES.statefulSets.plural:
      return differs(networkOf) ? [{ kind: 'EffectivePolicy', key: { namespace, name } }] : [];
    case RESOURCES.sessions.plural:
      return [
        ...(differs(judgedOf) ? [{ kind: 'EffectivePolicy', key: { namespace, name } } as const] : []),
        ...countedAnew(object, before),
      ];
    case RESOURCES.templates.plural:
      return differs(({ metadata }) => metadata.labels ?? {})
        ? sessionsOf(known, (session) => mayRun(session, namespace, name))
        : [];
    case RESOURCES.namespaces.plural:
      return differs(({ metadata }) => metadata.labels ?? {})
        ? [...sessionsOf(known, (session) => placeOf(session) === name), ...policiesIn(name, known)]
        : [];
    case RESOURCES.gitSyncs.plural:
      return differs(appliedOf) ? waitingForRevision(object, known) : [];
    default:
      return [];
  }
}

const placeOf = ({ metadata }: Session): string => metadata.namespace ?? '';

/** The profile that a desktop was started with. */
function networkOf(statefulSet: KubeObjectJson): string | undefined {
  return networkLabel(statefulSet as KubeObjectJson & Parameters<typeof networkLabel>[0]);
}

/** All that a policy may choose a session by, and what was written of the outcome: who takes that away has it put back. */
function judgedOf(object: KubeObjectJson): unknown {
  const { metadata, status } = object as KubeObjectJson & Session;
  return [metadata.labels ?? {}, status?.templateRef, status?.effectivePolicy];
}

/** A GitSync that has applied something anew. */
function appliedOf(object: KubeObjectJson): unknown {
  const { status } = object as KubeObjectJson & GitSync;
  return [status?.revision, status?.lastSyncAt];
}

function sessionsOf({ sessions }: KnownToPolicies, matches: (session: Session) => boolean): readonly Woken[] {
  return [...sessions]
    .filter(matches)
    .map((session) => ({ kind: 'EffectivePolicy', key: { namespace: placeOf(session), name: session.metadata.name } }));
}

/** A policy of the system is for all of them. */
function sessionsUnder(known: KnownToPolicies, namespace: string): readonly Woken[] {
  return sessionsOf(known, (session) => reaches(namespace, placeOf(session)));
}

function policyAndSessions(kind: PolicyKind, key: Required<ObjectKey>, known: KnownToPolicies): readonly Woken[] {
  return [{ kind, key }, ...sessionsUnder(known, key.namespace)];
}

function policiesIn(namespace: string, known: KnownToPolicies): readonly Woken[] {
  const of = (kind: PolicyKind, policies: Iterable<TargetedPolicy>): readonly Woken[] =>
    [...policies]
      .filter(({ metadata }) => metadata.namespace === namespace)
      .map(({ metadata }) => ({ kind, key: { namespace, name: metadata.name } }));
  return [
    ...of('DlpPolicy', known.dlpPolicies),
    ...of('RecordingPolicy', known.recordingPolicies),
    ...of('SessionPolicy', known.sessionPolicies),
    ...of('NetworkProfile', known.networkProfiles ?? []),
  ];
}

function mayRun(session: Session, namespace: string, name: string): boolean {
  const places = [...templatePlaces(session.spec.template, placeOf(session)), session.status?.templateRef];
  return places.some((place) => place?.namespace === namespace && place.name === name);
}

/** The policies that it has come under, or is under no more, tell another number. */
function countedAnew(object: KubeObjectJson, before: KubeObjectJson | undefined): readonly Woken[] {
  const now = policiesOf(object);
  const then = before === undefined ? new Map<string, Woken>() : policiesOf(before);
  const ended = before === undefined; // or begun
  return [...new Map([...then, ...now])].filter(([uid]) => ended || now.has(uid) !== then.has(uid)).map(([, woken]) => woken);
}

function policiesOf(object: KubeObjectJson): ReadonlyMap<string, Woken> {
  const { status } = object as KubeObjectJson & Session;
  if (status?.phase === 'Terminated') return new Map();
  const policies = status?.effectivePolicy?.policies ?? [];
  return new Map(policies.map(({ kind, uid, namespace, name }) => [uid, { kind, key: { namespace, name } }]));
}

/** A sync that has ended says which commit the policies come from that it has written. */
function waitingForRevision({ metadata }: KubeObjectJson, known: KnownToPolicies): readonly Woken[] {
  const all = [...known.dlpPolicies, ...known.recordingPolicies, ...known.sessionPolicies, ...(known.networkProfiles ?? [])];
  const applied = all.filter((policy) => isAppliedBy(policy, metadata)).map((policy) => policy.metadata.uid);
  if (applied.length === 0) return [];
  const uids = new Set(applied);
  return sessionsOf(known, ({ status }) =>
    (status?.effectivePolicy?.policies ?? []).some(({ uid, revision }) => revision === undefined && uids.has(uid)),
  );
}

function isAppliedBy(policy: TargetedPolicy, { namespace, name }: KubeObjectJson['metadata']): boolean {
  const gitSync = gitSyncOf(policy);
  return gitSync?.namespace === namespace && gitSync?.name === name;
}
