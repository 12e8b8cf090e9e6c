// Team: keeps the namespace of a team with its rights and network policies, and takes it away with the team.
import type { RecordAudit } from '../../../runtime/audit/record-audit.ts';
import { findCondition, setCondition } from '../../../runtime/kube/conditions.ts';
import type { EventRecorder } from '../../../runtime/kube/events.ts';
import { isStatus } from '../../../runtime/kube/kube-status-error.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { AuditEvent } from '../../../schemas/events.ts';
import type { NetworkProfile } from '../../../schemas/kinds/policies/network-profile.ts';
import type { Session } from '../../../schemas/kinds/sessions/session.ts';
import { type Team, type TeamStatus, teamNamespace } from '../../../schemas/kinds/team.ts';
import { ANNOTATIONS, CONTROLLER_FIELD_MANAGER, FINALIZERS, LABELS } from '../../../schemas/names.ts';
import type { ObjectKey, ReconcileContext, ReconcileResult, Reconciler } from '../contract.ts';
import { addFinalizer, removeFinalizer } from '../finalizer.ts';
import { failureOf, saveStatus } from '../save-status.ts';
import { type CacheOfAll, ensure, type Ownership, type Wanted, withFingerprint } from '../wanted.ts';
import { teamObjects } from './objects.ts';

export interface TeamPorts {
  readonly client: Pick<KubeClient, 'find' | 'create' | 'apply' | 'mergePatch' | 'delete' | 'list'>;
  readonly cache: CacheOfAll;
  readonly events: EventRecorder;
  readonly audit: RecordAudit;
  readonly now: () => Date;
}

type Reason = 'NamespaceReady' | 'NamespaceTerminating' | 'SessionsRemain';

export function createTeamReconciler(ports: TeamPorts): Reconciler {
  return new TeamReconciler(ports);
}

class TeamReconciler implements Reconciler {
  readonly kind = 'Team';
  readonly #ports: TeamPorts;
  /** What was there once: a policy of a profile is missing as long as the profile is not there. */
  readonly #kept = new Set<string>();

  constructor(ports: TeamPorts) {
    this.#ports = ports;
  }

  async reconcile({ name }: ObjectKey, { signal }: ReconcileContext): Promise<ReconcileResult> {
    const { client } = this.#ports;
    const team = await client.find<Team>(RESOURCES.teams, undefined, name, { signal });
    if (team === undefined) return {};
    try {
      if (team.metadata.deletionTimestamp !== undefined) await this.#takeAway(team, signal);
      else await this.#keep(team, signal);
      return {};
    } catch (error) {
      const failure = signal.aborted ? undefined : failureOf(error);
      if (failure !== undefined) await this.#report(team, 'False', failure.code, failure.message, signal);
      throw error;
    }
  }

  async #keep(team: Team, signal: AbortSignal): Promise<void> {
    const { client } = this.#ports;
    const name = teamNamespace(team);
    const before = await client.find<KubeObjectJson>(RESOURCES.namespaces, undefined, name, { signal });
    if (before !== undefined && ownerOf(team, before) === 'foreign') throw namespaceTaken(name, before);
    await addFinalizer(client, RESOURCES.teams, team, FINALIZERS.team);
    if (before?.metadata.deletionTimestamp !== undefined) {
      const message = `namespace ${name} is being deleted; it is made again afterwards`;
      return await this.#report(team, 'False', 'NamespaceTerminating', message, signal);
    }
    const namespace = before ?? (await this.#claim(team, name, signal));
    const profiles = this.#ports.cache.all<NetworkProfile>(RESOURCES.networkProfiles);
    const objects = teamObjects(team, { created: wasCreatedFor(team, namespace), profiles });
    await this.#ensure(team, objects.namespace, signal);
    // Nothing may run in a namespace that is open: sessions wait until the policies among these are there.
    for (const wanted of objects.contents) await this.#ensure(team, wanted, signal);
    await this.#removeUnwanted(team, objects.contents, signal);
    const message = `namespace ${name} has its rights and network policies`;
    await this.#report(team, 'True', 'NamespaceReady', message, signal);
  }

  /** By create, not by apply: a namespace that somebody else made in this moment is not taken over. */
  async #claim(team: Team, name: string, signal: AbortSignal): Promise<KubeObjectJson> {
    const { manifest } = teamObjects(team, { created: true, profiles: [] }).namespace;
    try {
      const options = { fieldManager: CONTROLLER_FIELD_MANAGER, signal };
      return await this.#ports.client.create(RESOURCES.namespaces, undefined, JSON.stringify(manifest), options);
    } catch (error) {
      if (!isStatus(error, 409)) throw error;
      const other = await this.#ports.client.find<KubeObjectJson>(RESOURCES.namespaces, undefined, name, { signal });
      if (other === undefined || ownerOf(team, other) === 'foreign') throw namespaceTaken(name, other);
      return other;
    }
  }

  async #ensure(team: Team, wanted: Wanted, signal: AbortSignal): Promise<void> {
    const { kind, metadata } = wanted.manifest;
    const before = this.#ports.cache.find<KubeObjectJson>(wanted.resource, metadata.namespace, metadata.name);
    const { result } = await ensure(this.#ports, wanted, () => 'ours', signal);
    // With our fingerprint it is not us who want something else now: somebody has changed it.
    const { annotations } = withFingerprint(wanted.manifest).metadata;
    const isOfNow = before?.metadata.annotations?.[ANNOTATIONS.applied] === annotations?.[ANNOTATIONS.applied];
    if (result === 'applied' && isOfNow) this.#ports.audit(restored(team, wanted, 'changed'));
    const isNew = !this.#kept.has(idOf(team, wanted)) && metadata.annotations?.[ANNOTATIONS.networkProfiles] !== undefined;
    this.#kept.add(idOf(team, wanted));
    const wasReady = findCondition(team.status?.conditions, 'Ready')?.status === 'True';
    if (result !== 'created' || isNew || !wasReady || team.status?.observedGeneration !== team.metadata.generation) return;
    // Managed fields tell who wrote an object, never who deleted it.
    const message = `${kind} ${metadata.name} was missing and is back; who deleted it is not known here, the audit log of the API server tells`;
    this.#record(team, 'Normal', 'PutBack', message);
    this.#ports.audit(restored(team, wanted, 'deleted'));
  }

  /** Bindings of a role that nobody has any more. Only what we made: the fingerprint says so. */
  async #removeUnwanted(team: Team, contents: readonly Wanted[], signal: AbortSignal): Promise<void> {
    const namespace = teamNamespace(team);
    const wanted = new Set(contents.map(({ resource, manifest }) => `${resource.plural}/${manifest.metadata.name}`));
    for (const resource of CONTENT_RESOURCES)
      for (const object of this.#ports.cache.list(resource, namespace)) {
        if (wanted.has(`${resource.plural}/${object.metadata.name}`) || !madeFor(team, object)) continue;
        signal.throwIfAborted();
        await this.#delete(resource, object, signal);
        this.#kept.delete(idOf(team, { resource, manifest: object }));
      }
  }

  async #takeAway(team: Team, signal: AbortSignal): Promise<void> {
    if (!(team.metadata.finalizers ?? []).includes(FINALIZERS.team)) return;
    const { client } = this.#ports;
    const name = teamNamespace(team);
    const namespace = await client.find<KubeObjectJson>(RESOURCES.namespaces, undefined, name, { signal });
    if (namespace !== undefined && ownerOf(team, namespace) !== 'foreign') {
      const remaining = await this.#liveSessions(name, signal);
      if (remaining.length > 0 && namespace.metadata.deletionTimestamp === undefined)
        return await this.#report(team, 'False', 'SessionsRemain', sessionsRemain(remaining), signal);
      if (wasCreatedFor(team, namespace)) {
        if (namespace.metadata.deletionTimestamp === undefined) await this.#delete(RESOURCES.namespaces, namespace, signal);
        // Its end is an event, and the call after that removes the finalizer.
        return await this.#report(team, 'False', 'NamespaceTerminating', `namespace ${name} is being deleted`, signal);
      }
      await this.#emptyAdopted(team, name, signal);
    }
    await removeFinalizer(client, RESOURCES.teams, team, FINALIZERS.team);
    for (const id of this.#kept) if (id.startsWith(`${team.metadata.name}/`)) this.#kept.delete(id);
  }

  async #liveSessions(namespace: string, signal: AbortSignal): Promise<readonly Session[]> {
    const { items } = await this.#ports.client.list<Session>(RESOURCES.sessions, { namespace, signal });
    return items.filter(({ status }) => status?.phase !== 'Terminated');
  }

  /** A namespace that was there before us stays; what we put there goes, the policies that close it last. */
  async #emptyAdopted(team: Team, namespace: string, signal: AbortSignal): Promise<void> {
    const labelSelector = `${LABELS.team}=${team.metadata.name}`;
    for (const resource of CONTENT_RESOURCES) {
      const { items } = await this.#ports.client.list<KubeObjectJson>(resource, { namespace, labelSelector, signal });
      for (const object of items) if (madeFor(team, object)) await this.#delete(resource, object, signal);
    }
  }

  async #delete(resource: Wanted['resource'], { metadata }: KubeObjectJson, signal: AbortSignal): Promise<void> {
    const precondition = metadata.uid === undefined ? {} : { uid: metadata.uid };
    await this.#ports.client.delete(resource, metadata.namespace, metadata.name, { ...precondition, signal });
  }

  async #report(
    team: Team,
    status: 'True' | 'False',
    reason: Reason | string,
    message: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { generation } = team.metadata;
    const before = findCondition(team.status?.conditions, 'Ready');
    const condition = { type: 'Ready', status, reason, message, observedGeneration: generation };
    const next: TeamStatus = {
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      conditions: [...setCondition(team.status?.conditions, condition, this.#ports.now().toISOString())],
      namespace: teamNamespace(team),
      members: team.spec.members?.length ?? 0,
    };
    await saveStatus(this.#ports.client, RESOURCES.teams, team, next, signal);
    if (before?.reason !== reason || before.message !== message)
      this.#record(team, status === 'True' || reason === 'NamespaceTerminating' ? 'Normal' : 'Warning', reason, message);
  }

  #record(team: Team, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { name, uid = '' } = team.metadata;
    this.#ports.events.record({ resource: RESOURCES.teams, name, uid }, { type, reason, message });
  }
}

/** In the order in which they are taken away: the policies that close the namespace last. */
const CONTENT_RESOURCES = [
  RESOURCES.roleBindings,
  RESOURCES.roles,
  RESOURCES.serviceAccounts,
  RESOURCES.networkPolicies,
] as const;

function restored(team: Team, { manifest: { kind, metadata } }: Wanted, was: 'deleted' | 'changed'): AuditEvent {
  const object = metadata.namespace === undefined ? `${kind}/${metadata.name}` : `${kind}/${metadata.namespace}/${metadata.name}`;
  return { type: 'object.restored', actor: null, result: 'success', object, details: { team: team.metadata.name, was } };
}

function idOf(team: Team, { resource, manifest }: Pick<Wanted, 'resource' | 'manifest'>): string {
  return `${team.metadata.name}/${resource.plural}/${manifest.metadata.name}`;
}

/** The label is the claim: an admin hands over a namespace by setting it. */
function ownerOf(team: Team, namespace: KubeObjectJson): Ownership {
  return namespace.metadata.labels?.[LABELS.team] === team.metadata.name ? 'ours' : 'foreign';
}

function wasCreatedFor(team: Team, { metadata }: KubeObjectJson): boolean {
  return team.metadata.uid !== undefined && metadata.annotations?.[ANNOTATIONS.createdFor] === team.metadata.uid;
}

function madeFor(team: Team, { metadata }: KubeObjectJson): boolean {
  return metadata.labels?.[LABELS.team] === team.metadata.name && metadata.annotations?.[ANNOTATIONS.applied] !== undefined;
}

function namespaceTaken(name: string, namespace: KubeObjectJson | undefined): StreamSpaceError {
  const owner = namespace?.metadata.labels?.[LABELS.team];
  const whose = owner === undefined ? 'does not belong to a team' : `belongs to team "${owner}"`;
  return new StreamSpaceError('NamespaceTaken', `namespace ${name} exists already and ${whose}`, { facts: { namespace: name } });
}

function sessionsRemain(sessions: readonly Session[]): string {
  const names = sessions.map(({ metadata }) => metadata.name).sort();
  const shown = names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '');
  return `${names.length} ${names.length === 1 ? 'session remains' : 'sessions remain'}: ${shown}`;
}
