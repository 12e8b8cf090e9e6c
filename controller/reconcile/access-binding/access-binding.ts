// AccessBinding: RoleBindings while it is granted and none before and after, judged anew at each edge by the clock on the wall.
// Beginning and end are told as Events, and in the audit log.
import type { RecordAudit } from '../../../runtime/audit/record-audit.ts';
import { findCondition, setCondition } from '../../../runtime/kube/conditions.ts';
import type { EventRecorder } from '../../../runtime/kube/events.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson, Resource } from '../../../runtime/kube/types.ts';
import type { AccessBinding, AccessBindingStatus } from '../../../schemas/kinds/access/access-binding.ts';
import type { AccessRole } from '../../../schemas/kinds/access/access-role.ts';
import { type AccessVerdict, type AccessWorld, accessVerdict } from '../../../schemas/kinds/access/access-verdict.ts';
import type { Team } from '../../../schemas/kinds/team.ts';
import { FINALIZERS, LABELS } from '../../../schemas/names.ts';
import type { ObjectKey, ReconcileContext, ReconcileResult, Reconciler } from '../contract.ts';
import { addFinalizer, removeFinalizer } from '../finalizer.ts';
import { failureOf, saveStatus } from '../save-status.ts';
import { type CacheOfAll, ensure, type Wanted } from '../wanted.ts';
import { auditOfBinding } from './audit-binding.ts';
import { bindingObjects, neededRole } from './objects.ts';

export interface AccessBindingPorts {
  readonly client: Pick<KubeClient, 'find' | 'create' | 'apply' | 'mergePatch' | 'delete' | 'list'>;
  readonly cache: CacheOfAll;
  readonly events: EventRecorder;
  readonly audit: RecordAudit;
  readonly now: () => Date;
}

/** A timer does not know when the clock on the wall is set: while an edge is to come, the clock is read at least this often. */
const LOOK_AGAIN_MS = 30_000;
const ROLE_RETRY_MS = 1_000;

/** Bindings first: they give, the roles do not. */
const MADE = [RESOURCES.clusterRoleBindings, RESOURCES.roleBindings, RESOURCES.roles] as const;

export function createAccessBindingReconciler(ports: AccessBindingPorts): Reconciler {
  return { kind: 'AccessBinding', reconcile: (key, context) => new Reconciliation(ports, context.signal).run(key) };
}

class Reconciliation {
  readonly #ports: AccessBindingPorts;
  readonly #signal: ReconcileContext['signal'];

  constructor(ports: AccessBindingPorts, signal: AbortSignal) {
    this.#ports = ports;
    this.#signal = signal;
  }

  async run({ namespace, name }: ObjectKey): Promise<ReconcileResult> {
    // Its resourceVersion is a precondition of the finalizer, so the cache is not asked.
    const options = { signal: this.#signal };
    const binding = await this.#ports.client.find<AccessBinding>(RESOURCES.accessBindings, namespace, name, options);
    if (binding === undefined) return {};
    if (binding.metadata.deletionTimestamp !== undefined) {
      await this.#takeAway(binding);
      return {};
    }
    const nowMs = this.#ports.now().getTime();
    const verdict = accessVerdict(binding, worldOf(this.#ports.cache), nowMs);
    try {
      return await this.#enforce(binding, verdict, nowMs);
    } catch (error) {
      const failure = this.#signal.aborted ? undefined : failureOf(error);
      if (failure !== undefined)
        await this.#report(binding, { status: 'False', reason: failure.code, message: failure.message }, 0);
      throw error;
    }
  }

  async #enforce(binding: AccessBinding, verdict: AccessVerdict, nowMs: number): Promise<ReconcileResult> {
    if (verdict.state !== 'granted') {
      await this.#keepOnly(binding, []);
      await this.#report(binding, withheld(verdict), 0);
      return verdict.state === 'notStarted' ? lookAgain(verdict.untilMs, nowMs) : {};
    }
    const role = neededRole(binding, verdict);
    if (role !== undefined && this.#ports.cache.find(role.resource, role.namespace, role.name) === undefined)
      return { requeueAfterMs: ROLE_RETRY_MS };
    const { client } = this.#ports;
    await addFinalizer(client, RESOURCES.accessBindings, binding, FINALIZERS.accessBinding);
    const wanted = bindingObjects(binding, verdict);
    // What was given and is no more goes first: another role or place is not both for a moment.
    await this.#keepOnly(binding, wanted);
    for (const each of wanted)
      await ensure(this.#ports, each, (object) => (isOf(binding, object) ? 'ours' : 'foreign'), this.#signal);
    const until = binding.spec.expiresAt === undefined ? '' : ` until ${binding.spec.expiresAt}`;
    await this.#report(
      binding,
      { status: 'True', reason: 'Granted', message: `the role "${binding.spec.roleRef}" is given${until}` },
      verdict.holders.length,
    );
    return verdict.untilMs === undefined ? {} : lookAgain(verdict.untilMs, nowMs);
  }

  async #keepOnly(binding: AccessBinding, wanted: readonly Wanted[]): Promise<void> {
    const names = new Set(wanted.map(({ resource, manifest: { metadata } }) => idOf(resource, metadata)));
    for (const resource of MADE)
      for (const object of this.#ports.cache.all(resource))
        if (isOf(binding, object) && !names.has(idOf(resource, object.metadata))) await this.#delete(resource, object);
  }

  /** Asked of the API server: what was made a moment ago may not be cached yet, and afterwards nobody looks again. */
  async #takeAway(binding: AccessBinding): Promise<void> {
    const { client } = this.#ports;
    if (!(binding.metadata.finalizers ?? []).includes(FINALIZERS.accessBinding)) return;
    const labelSelector = `${LABELS.accessBinding}=${binding.metadata.uid ?? ''}`;
    for (const resource of MADE) {
      const { items } = await client.list<KubeObjectJson>(resource, { labelSelector, signal: this.#signal });
      for (const object of items) if (isOf(binding, object)) await this.#delete(resource, object);
    }
    await removeFinalizer(client, RESOURCES.accessBindings, binding, FINALIZERS.accessBinding);
    this.#ports.audit(auditOfBinding(binding, 'Removed'));
  }

  async #delete(resource: Resource, { metadata }: KubeObjectJson): Promise<void> {
    this.#signal.throwIfAborted();
    const precondition = metadata.uid === undefined ? {} : { uid: metadata.uid };
    await this.#ports.client.delete(resource, metadata.namespace, metadata.name, { ...precondition, signal: this.#signal });
  }

  async #report(binding: AccessBinding, verdict: Verdict, subjects: number): Promise<void> {
    const { generation, name, namespace, uid = '' } = binding.metadata;
    const before = findCondition(binding.status?.conditions, 'Ready');
    const of = generation === undefined ? {} : { observedGeneration: generation };
    const status: AccessBindingStatus = {
      ...of,
      conditions: [
        ...setCondition(binding.status?.conditions, { type: 'Ready', ...verdict, ...of }, this.#ports.now().toISOString()),
      ],
      subjects,
    };
    await saveStatus(this.#ports.client, RESOURCES.accessBindings, binding, status, this.#signal);
    if (before?.reason === verdict.reason && before.message === verdict.message) return;
    const type = verdict.status === 'True' || QUIET.has(verdict.reason) ? 'Normal' : 'Warning';
    const { reason, message } = verdict;
    if (before?.reason !== reason) this.#ports.audit(auditOfBinding(binding, reason));
    this.#ports.events.record({ resource: RESOURCES.accessBindings, namespace, name, uid }, { type, reason, message });
  }
}

interface Verdict {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

const QUIET: ReadonlySet<string> = new Set(['NotStarted', 'AccessExpired']);

function withheld(verdict: Exclude<AccessVerdict, { state: 'granted' }>): Verdict {
  const reason = { notStarted: 'NotStarted', expired: 'AccessExpired', refused: '' }[verdict.state];
  return { status: 'False', reason: verdict.state === 'refused' ? verdict.code : reason, message: verdict.message };
}

function lookAgain(untilMs: number, nowMs: number): ReconcileResult {
  return { requeueAfterMs: Math.min(untilMs - nowMs, LOOK_AGAIN_MS) };
}

function worldOf(cache: CacheOfAll): AccessWorld {
  const byName = <T extends { readonly metadata: { readonly name: string } }>(objects: Iterable<T>): ReadonlyMap<string, T> =>
    new Map([...objects].map((object) => [object.metadata.name, object] as const));
  return {
    roles: byName(cache.all<AccessRole>(RESOURCES.accessRoles)),
    teams: byName(cache.all<Team>(RESOURCES.teams)),
    hasSession: (namespace, name) => cache.find(RESOURCES.sessions, namespace, name) !== undefined,
  };
}

function isOf({ metadata }: AccessBinding, object: KubeObjectJson): boolean {
  return metadata.uid !== undefined && object.metadata.labels?.[LABELS.accessBinding] === metadata.uid;
}

function idOf(resource: Resource, { namespace = '', name }: { readonly namespace?: string; readonly name: string }): string {
  return `${resource.plural}/${namespace}/${name}`;
}
