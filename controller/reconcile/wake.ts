// Whom a change wakes: from an object of the cluster to the keys of the reconcilers. Pure.
import { isDeepStrictEqual } from 'node:util';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeObjectJson, Resource } from '../../runtime/kube/types.ts';
import type { GitSync } from '../../schemas/kinds/git-sync/git-sync.ts';
import type { Session } from '../../schemas/kinds/sessions/session.ts';
import type { SessionShare } from '../../schemas/kinds/sessions/session-share.ts';
import { teamNamespace } from '../../schemas/kinds/team.ts';
import { ANNOTATIONS, LABELS, SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import { releasedBy } from '../plan/dependencies.ts';
import type { ObjectKey } from './contract.ts';
import { templatePlaces } from './template/ref.ts';
import { accessWokenBy } from './wake-access.ts';
import { policiesWokenBy } from './wake-policies.ts';
import { quotasWokenBy } from './wake-quotas.ts';
import { signInPoliciesWokenBy } from './wake-sign-in.ts';
import type { Known, Woken } from './woken.ts';

/** Sessions in these phases wait for something outside of them. */
const WAITING = new Set<string | undefined>([undefined, 'Pending', 'Admitted', 'Failed']);

export function wokenBy(
  resource: Resource,
  object: KubeObjectJson,
  before: KubeObjectJson | undefined,
  known: Known,
): readonly Woken[] {
  return [
    ...objectsWokenBy(resource, object, before, known),
    ...policiesWokenBy(resource, object, before, known, isNews(object, before)),
    ...quotasWokenBy(resource, object, before, known, isNews(object, before)),
    ...signInPoliciesWokenBy(resource, object, before, known, isNews(object, before)),
    ...accessWokenBy(resource, object, before, known, isNews(object, before)),
  ];
}

function objectsWokenBy(
  resource: Resource,
  object: KubeObjectJson,
  before: KubeObjectJson | undefined,
  known: Known,
): readonly Woken[] {
  const key = keyOf(object);
  switch (resource.plural) {
    case RESOURCES.sessions.plural:
      return [
        ...(isNews(object, before) ? [{ kind: 'Session', key } as const] : []),
        ...(isNews(object, before) || livesOtherwise(object, before) ? [{ kind: 'SessionLifetime', key } as const] : []),
        ...teamOfSession(object, before, known),
        ...sharesOf(object, before, known),
      ];
    case RESOURCES.teams.plural:
      return isNews(object, before) ? [{ kind: 'Team', key }] : [];
    case RESOURCES.gitSyncs.plural:
      return [
        ...(isNews(object, before) || isAskedFor(object, before) ? [{ kind: 'GitSync', key } as const] : []),
        ...waitingForSync(object, before, known),
      ];
    case RESOURCES.templates.plural:
      return isNews(object, before) ? [{ kind: 'Template', key }, ...waitingForTemplate(object, known)] : [];
    case RESOURCES.namespaces.plural:
      return [...teamsOf(object, known), ...waitingIn(object.metadata.name, known)];
    case RESOURCES.networkPolicies.plural:
      return [...teamsOf(object, known), ...waitingIn(object.metadata.namespace, known)];
    case RESOURCES.networkProfiles.plural:
      return isNews(object, before) ? teamsUnder(object.metadata.namespace, known) : [];
    case RESOURCES.dlpPolicies.plural:
    case RESOURCES.recordingPolicies.plural:
    case RESOURCES.sessionPolicies.plural:
    case RESOURCES.quotas.plural:
    case RESOURCES.signInPolicies.plural:
      return [];
    case RESOURCES.sessionShares.plural:
      return isNews(object, before) || usesOf(object) !== usesOf(before) ? [{ kind: 'SessionShare', key }] : [];
    case RESOURCES.events.plural:
      return subjectOf(object);
    default:
      return [...teamsOf(object, known), ...sessionOf(object)];
  }
}

/** Our own status wakes nobody: only what somebody wishes, and its end. */
function isNews({ metadata }: KubeObjectJson, before: KubeObjectJson | undefined): boolean {
  return (
    before === undefined ||
    before.metadata.uid !== metadata.uid ||
    before.metadata.generation !== metadata.generation ||
    before.metadata.deletionTimestamp !== metadata.deletionTimestamp ||
    before.metadata.resourceVersion === metadata.resourceVersion
  );
}

/** All that the lifetime of a session is made of, and what was written of it: who takes that away has it put back. */
function livesOtherwise(object: KubeObjectJson, before: KubeObjectJson | undefined): boolean {
  const factsOf = (session: KubeObjectJson | undefined): unknown => {
    const { status } = (session ?? {}) as Partial<Session>;
    const { phase, startedAt, runningSince, hibernatedAt, activity, effectivePolicy } = status ?? {};
    return [phase, startedAt, runningSince, hibernatedAt, activity, effectivePolicy?.lifetime, status?.lifetime];
  };
  return !isDeepStrictEqual(factsOf(object), factsOf(before));
}

/** A sync is asked for, and deletions are confirmed, by annotation. */
function isAskedFor({ metadata }: KubeObjectJson, before: KubeObjectJson | undefined): boolean {
  const asked = [ANNOTATIONS.syncRequestedAt, ANNOTATIONS.confirmDeletions];
  return asked.some((name) => metadata.annotations?.[name] !== before?.metadata.annotations?.[name]);
}

function waitingForSync(object: KubeObjectJson, before: KubeObjectJson | undefined, { gitSyncs }: Known): readonly Woken[] {
  const released = releasedBy(object as KubeObjectJson & GitSync, before as (KubeObjectJson & GitSync) | undefined, gitSyncs);
  return released.map(({ metadata: { namespace = '', name } }) => ({ kind: 'GitSync', key: { namespace, name }, gently: true }));
}

function keyOf({ metadata: { namespace, name } }: KubeObjectJson): ObjectKey {
  return namespace === undefined ? { name } : { namespace, name };
}

/** By label, and by name too: a namespace that was not ours may have been the one that a team waits for. */
function teamsOf(object: KubeObjectJson, { teams }: Known): readonly Woken[] {
  const label = object.metadata.labels?.[LABELS.team];
  const names = new Set(label === undefined ? [] : [label]);
  if (object.kind === RESOURCES.namespaces.kind)
    for (const team of teams) if (teamNamespace(team) === object.metadata.name) names.add(team.metadata.name);
  return [...names].map((name) => ({ kind: 'Team', key: { name } }));
}

/** A profile of the system may be named by every team. */
function teamsUnder(namespace: string | undefined, { teams }: Known): readonly Woken[] {
  return [...teams]
    .filter((team) => namespace === SYSTEM_NAMESPACE || namespace === teamNamespace(team))
    .map(({ metadata: { name } }) => ({ kind: 'Team', key: { name } }));
}

function sessionOf({ metadata: { namespace, labels } }: KubeObjectJson): readonly Woken[] {
  const name = labels?.[LABELS.session];
  return name === undefined || namespace === undefined ? [] : [{ kind: 'Session', key: { namespace, name } }];
}

function waitingIn(namespace: string | undefined, { sessions }: Known): readonly Woken[] {
  return [...sessions]
    .filter(({ metadata, status }) => metadata.namespace === namespace && WAITING.has(status?.phase))
    .map(({ metadata: { name } }) => ({ kind: 'Session', key: { namespace: namespace ?? '', name } }));
}

function waitingForTemplate(template: KubeObjectJson, { sessions }: Known): readonly Woken[] {
  const { namespace, name } = template.metadata;
  return [...sessions]
    .filter(({ metadata, spec, status }) => {
      const places = templatePlaces(spec.template, metadata.namespace ?? '');
      const waits = WAITING.has(status?.phase) || status?.phase === 'Starting';
      return waits && places.some((place) => place.namespace === namespace && place.name === name);
    })
    .map(({ metadata }) => ({ kind: 'Session', key: { namespace: metadata.namespace ?? '', name: metadata.name } }));
}

/** A team that is being deleted waits for the end of its sessions. */
function teamOfSession(object: KubeObjectJson, before: KubeObjectJson | undefined, { teams }: Known): readonly Woken[] {
  const phaseOf = (session: KubeObjectJson | undefined): unknown =>
    (session as (KubeObjectJson & Session) | undefined)?.status?.phase;
  if (
    before !== undefined &&
    phaseOf(before) === phaseOf(object) &&
    before.metadata.resourceVersion !== object.metadata.resourceVersion
  )
    return [];
  return [...teams]
    .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
    .filter((team) => teamNamespace(team) === object.metadata.namespace)
    .map(({ metadata: { name } }) => ({ kind: 'Team', key: { name } }));
}

/** Another policy may allow them no more, or again. */
function sharesOf(object: KubeObjectJson, before: KubeObjectJson | undefined, { shares = [] }: Known): readonly Woken[] {
  const sharingOf = (session: KubeObjectJson | undefined): unknown =>
    (session as (KubeObjectJson & Session) | undefined)?.status?.effectivePolicy?.sharing;
  if (before !== undefined && isDeepStrictEqual(sharingOf(object), sharingOf(before))) return [];
  return [...shares]
    .filter(
      ({ metadata, spec }) => metadata.namespace === object.metadata.namespace && spec.sessionRef.name === object.metadata.name,
    )
    .map(({ metadata: { namespace = '', name } }) => ({ kind: 'SessionShare', key: { namespace, name } }));
}

/** Counted by the gateway. */
function usesOf(object: KubeObjectJson | undefined): number {
  return (object as (KubeObjectJson & SessionShare) | undefined)?.status?.uses ?? 0;
}

/** The StatefulSet of a session has the session's name. */
function subjectOf(event: KubeObjectJson): readonly Woken[] {
  const { namespace, name } = (event['involvedObject'] ?? {}) as { readonly namespace?: string; readonly name?: string };
  return namespace === undefined || name === undefined ? [] : [{ kind: 'Session', key: { namespace, name } }];
}
