// Whether an object is what it should be, by the rules of kstatus (sigs.k8s.io/cli-utils, pkg/kstatus/status). Pure.

import { groupOf } from '../render/manifest.ts';
import { at, type JsonObject, textAt } from '../render/yaml/json.ts';
import type { HealthExpressions } from './expressions.ts';
import { CURRENT, condition, failed, type Health, type HealthRule, progress } from './facts.ts';
import { KIND_RULES } from './kinds.ts';
import { WORKLOAD_RULES } from './workloads.ts';

export type { Health } from './facts.ts';

/** Kinds that are as they should be as soon as they exist: nobody need read them again. */
const ALWAYS_CURRENT = new Set([
  '/ConfigMap',
  '/Secret',
  '/ServiceAccount',
  '/LimitRange',
  '/ResourceQuota',
  'rbac.authorization.k8s.io/Role',
  'rbac.authorization.k8s.io/RoleBinding',
  'rbac.authorization.k8s.io/ClusterRole',
  'rbac.authorization.k8s.io/ClusterRoleBinding',
  'networking.k8s.io/NetworkPolicy',
  'scheduling.k8s.io/PriorityClass',
  'storage.k8s.io/StorageClass',
  'batch/CronJob',
  // Says nothing about itself, and without a load balancer its address stays empty for good (kstatus).
  'networking.k8s.io/Ingress',
  'networking.k8s.io/IngressClass',
  'node.k8s.io/RuntimeClass',
  'discovery.k8s.io/EndpointSlice',
  'coordination.k8s.io/Lease',
  'admissionregistration.k8s.io/MutatingWebhookConfiguration',
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding',
  'admissionregistration.k8s.io/MutatingAdmissionPolicyBinding',
]);

export function isAlwaysCurrent(group: string, kind: string): boolean {
  return ALWAYS_CURRENT.has(`${group}/${kind}`);
}

/** Kinds with rules of their own; every other kind has the general ones alone. */
const RULES: Readonly<Record<string, HealthRule>> = { ...WORKLOAD_RULES, ...KIND_RULES };

/** @param own the rules of the GitSync: for a kind that has one, it stands for the built-in rule */
export function healthOf(object: JsonObject | undefined, own?: HealthExpressions): Health {
  if (object === undefined) return { state: 'NotFound', message: 'it is not there' };
  if (at(object, 'metadata', 'deletionTimestamp') !== undefined) return { state: 'Terminating', message: blockers(object) };
  const generation = at(object, 'metadata', 'generation');
  const observed = at(object, 'status', 'observedGeneration');
  if (generation !== undefined && observed !== undefined && generation !== observed)
    return progress('its controller has not seen the change yet');
  const judged = own?.judge(object);
  if (judged !== undefined) return judged;
  const reconciling = condition(object, 'Reconciling');
  if (reconciling?.status === 'True') return progress(reconciling.message);
  const stalled = condition(object, 'Stalled');
  if (stalled?.status === 'True') return failed(stalled.message);
  const key = `${groupOf(textAt(object, 'apiVersion') ?? '')}/${textAt(object, 'kind') ?? ''}`;
  const rule = Object.hasOwn(RULES, key) ? RULES[key] : undefined;
  if (rule !== undefined) return rule(object);
  const ready = condition(object, 'Ready');
  if (ready === undefined || ready.status === 'True') return CURRENT;
  return progress(ready.message === '' ? ready.reason : ready.message);
}

function blockers(object: JsonObject): string {
  const finalizers = at(object, 'metadata', 'finalizers');
  const names = Array.isArray(finalizers) ? finalizers.join(', ') : '';
  return names === '' ? 'it is being deleted' : `it is being deleted; it waits for ${names}`;
}
