// SignInPolicy: says whether it holds for anybody. The gateway reads and applies it.
import { setCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../../runtime/kube/types.ts';
import type { SignInPolicy } from '../../../schemas/kinds/sign-in/sign-in-policy.ts';
import { LABELS, SYSTEM_NAMESPACE } from '../../../schemas/names.ts';
import type { ObjectKey, ReconcileContext, ReconcileResult, Reconciler } from '../contract.ts';
import { saveStatus } from '../save-status.ts';
import type { CacheOfAll } from '../wanted.ts';

export interface SignInPolicyPorts {
  readonly client: Pick<KubeClient, 'apply' | 'find'>;
  readonly cache: CacheOfAll;
  readonly now: () => Date;
}

export function createSignInPolicyReconciler({ client, cache, now }: SignInPolicyPorts): Reconciler {
  const reached = (namespace: string): boolean =>
    namespace === SYSTEM_NAMESPACE ||
    cache.find<KubeObjectJson>(RESOURCES.namespaces, undefined, namespace)?.metadata.labels?.[LABELS.team] !== undefined;
  return {
    kind: 'SignInPolicy',
    async reconcile({ namespace = '', name }: ObjectKey, { signal }: ReconcileContext): Promise<ReconcileResult> {
      const policy = cache.find<SignInPolicy>(RESOURCES.signInPolicies, namespace, name);
      if (policy === undefined) return {};
      const { generation } = policy.metadata;
      const ready = reached(namespace)
        ? ({ status: 'True', reason: 'Accepted', message: 'it holds for whom its namespace reaches' } as const)
        : ({
            status: 'False',
            reason: 'PolicyUnreached',
            message: `namespace ${namespace} is neither ${SYSTEM_NAMESPACE} nor that of a team: it holds for nobody`,
          } as const);
      const told = { type: 'Ready', ...ready, observedGeneration: generation } as const;
      const status = {
        ...(generation === undefined ? {} : { observedGeneration: generation }),
        conditions: [...setCondition(policy.status?.conditions, told, now().toISOString())],
      };
      await saveStatus(client, RESOURCES.signInPolicies, policy, status, signal);
      return {};
    },
  };
}
