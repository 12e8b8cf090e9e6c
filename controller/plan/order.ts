// The order of applying: what others need comes first. Pruning goes the other way round.
import { API_GROUP } from '../../schemas/names.ts';
import { type ObjectId, partsOf } from '../render/manifest.ts';

/** Between two stages the apply waits: for definitions to be served and for namespaces to exist. */
export const STAGES = ['foundation', 'teams', 'objects', 'webhooks'] as const;
export type Stage = (typeof STAGES)[number];

/** What a wave cannot change: definitions, namespaces and teams come before everything that may need them. */
export const PHASES = ['foundation', 'teams', 'waves'] as const;
export type Phase = (typeof PHASES)[number];

const FOUNDATION = [
  'Namespace',
  'CustomResourceDefinition',
  'PriorityClass',
  'StorageClass',
  'RuntimeClass',
  'IngressClass',
  'ClusterRole',
];
/** S-065: they come last, so that they do not stand in the way of their own pods. */
const WEBHOOKS = [
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
];
/** Within a stage; what is not listed comes between the two lists. */
const EARLY = [
  ...FOUNDATION,
  'ServiceAccount',
  'Role',
  'ClusterRoleBinding',
  'RoleBinding',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'PodDisruptionBudget',
  'Secret',
  'ConfigMap',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Service',
];
const LATE = [
  'DaemonSet',
  'Pod',
  'ReplicaSet',
  'Deployment',
  'StatefulSet',
  'HorizontalPodAutoscaler',
  'Job',
  'CronJob',
  'Ingress',
  'APIService',
  'GitSync', // may bring anything, so it comes after what this set brings
  ...WEBHOOKS,
];

export function stageOf(id: ObjectId): Stage {
  const { group, kind } = partsOf(id);
  if (group === API_GROUP && kind === 'Team') return 'teams';
  if (WEBHOOKS.includes(kind) && group === 'admissionregistration.k8s.io') return 'webhooks';
  return FOUNDATION.includes(kind) ? 'foundation' : 'objects';
}

export function phaseOf(id: ObjectId): Phase {
  const stage = stageOf(id);
  return stage === 'foundation' || stage === 'teams' ? stage : 'waves';
}

/** Equal for objects that may be applied side by side. */
export function rankOf(id: ObjectId): number {
  const { kind } = partsOf(id);
  const stage = STAGES.indexOf(stageOf(id)) * 1000;
  const early = EARLY.indexOf(kind);
  if (early !== -1) return stage + early;
  const late = LATE.indexOf(kind);
  return stage + (late === -1 ? 500 : 600 + late);
}

/** Total and stable: two different ids are never equal. */
export function compareIds(a: ObjectId, b: ObjectId): number {
  return rankOf(a) - rankOf(b) || (a < b ? -1 : a > b ? 1 : 0);
}
