// AccessRole: a ClusterRole with its rules and those that it inherits. One that cannot be expanded gives no right at all.
import { setCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient } from '../../../runtime/kube/types.ts';
import type { AccessRole, AccessRoleStatus } from '../../../schemas/kinds/access/access-role.ts';
import { beyond, type Expansion, expandRole } from '../../../schemas/kinds/access/expand-role.ts';
import { API_GROUP_VERSION, CLUSTER_RIGHTS_PREFIX, LABELS, MANAGED_BY } from '../../../schemas/names.ts';
import { type PolicyRule, TEAM_ROLE_RULES } from '../../../schemas/rights.ts';
import type { ObjectKey, ReconcileContext, ReconcileResult, Reconciler } from '../contract.ts';
import { failureOf, saveStatus } from '../save-status.ts';
import { type CacheOfAll, ensure, type Wanted } from '../wanted.ts';

export interface AccessRolePorts {
  readonly client: Pick<KubeClient, 'find' | 'create' | 'apply'>;
  readonly cache: CacheOfAll;
  readonly now: () => Date;
}

const RBAC = 'rbac.authorization.k8s.io';

/** The ClusterRole of an AccessRole. */
export function clusterRoleName(role: string): string {
  return `${CLUSTER_RIGHTS_PREFIX}role:${role}`;
}

export function createAccessRoleReconciler(ports: AccessRolePorts): Reconciler {
  return { kind: 'AccessRole', reconcile: (key, context) => reconcile(ports, key, context) };
}

async function reconcile(ports: AccessRolePorts, { name }: ObjectKey, { signal }: ReconcileContext): Promise<ReconcileResult> {
  const { cache, client, now } = ports;
  const role = cache.find<AccessRole>(RESOURCES.accessRoles, undefined, name);
  // Its ClusterRole goes by the owner reference.
  if (role === undefined || role.metadata.deletionTimestamp !== undefined) return {};
  const roles = [...cache.all<AccessRole>(RESOURCES.accessRoles)];
  const expansion = expandRole(name, new Map(roles.map(({ metadata, spec }) => [metadata.name, spec] as const)));
  const rules = expansion.ok ? distinct(expansion) : [];
  const tell = async (verdict: Verdict): Promise<void> =>
    void (await saveStatus(client, RESOURCES.accessRoles, role, statusOf(role, rules, verdict, now()), signal));
  try {
    await ensure(
      ports,
      clusterRole(role, rules),
      ({ metadata }) => (metadata.labels?.[LABELS.accessRole] === name ? 'ours' : 'foreign'),
      signal,
    );
  } catch (error) {
    const failure = signal.aborted ? undefined : failureOf(error);
    if (failure !== undefined) await tell({ status: 'False', reason: failure.code, message: failure.message });
    throw error;
  }
  await tell(
    expansion.ok
      ? { status: 'True', reason: 'Expanded', message: `it has ${rules.length} rules with those that it inherits` }
      : { status: 'False', reason: expansion.code, message: expansion.message },
  );
  return {};
}

function clusterRole({ metadata: { name, uid = '' } }: AccessRole, rules: readonly PolicyRule[]): Wanted {
  const owner = { apiVersion: API_GROUP_VERSION, kind: 'AccessRole', name, uid, controller: true };
  const labels = { [LABELS.accessRole]: name, [LABELS.managedBy]: MANAGED_BY };
  return {
    resource: RESOURCES.clusterRoles,
    mode: 'keep',
    manifest: {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRole',
      metadata: { name: clusterRoleName(name), labels, ownerReferences: [owner] },
      rules,
    },
  };
}

function distinct({ rules }: Extract<Expansion, { ok: true }>): readonly PolicyRule[] {
  return [...new Map(rules.map(({ rule }) => [JSON.stringify(rule), rule])).values()];
}

interface Verdict {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

function statusOf({ metadata, status }: AccessRole, rules: readonly PolicyRule[], verdict: Verdict, at: Date): AccessRoleStatus {
  const { generation } = metadata;
  const of = generation === undefined ? {} : { observedGeneration: generation };
  return {
    ...of,
    conditions: [...setCondition(status?.conditions, { type: 'Ready', ...verdict, ...of }, at.toISOString())],
    rules: rules.length,
    beyondTeam: beyond(rules, TEAM_ROLE_RULES.admin).join(', '),
  };
}
