// Whether an object is what it should be, by the rules of kstatus (sigs.k8s.io/cli-utils, pkg/kstatus/status). Pure.
import { at, isJsonObject, type JsonObject, type JsonValue, textAt } from '../render/json.ts';
import { groupOf } from '../render/manifest.ts';

export interface Health {
  readonly state: 'Current' | 'InProgress' | 'Failed' | 'Terminating' | 'NotFound';
  /** Why it is not `Current`; empty when it is. */
  readonly message: string;
}

const CURRENT: Health = { state: 'Current', message: '' };
const progress = (message: string): Health => ({ state: 'InProgress', message });
const failed = (message: string): Health => ({ state: 'Failed', message });

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
]);

export function isAlwaysCurrent(group: string, kind: string): boolean {
  return ALWAYS_CURRENT.has(`${group}/${kind}`);
}

type Rule = (object: JsonObject) => Health;

/** Kinds with rules of their own; every other kind has the general ones alone. */
const RULES: Readonly<Record<string, Rule>> = {
  'apps/Deployment': deployment,
  'apps/StatefulSet': statefulSet,
  'apps/DaemonSet': daemonSet,
  'apps/ReplicaSet': replicaSet,
  '/Pod': pod,
  '/PersistentVolumeClaim': (object) => bound(object),
  '/Service': service,
  '/Namespace': (object) => (textAt(object, 'status', 'phase') === 'Active' ? CURRENT : progress('the namespace is not active')),
  'batch/Job': job,
  'apiextensions.k8s.io/CustomResourceDefinition': definition,
  'policy/PodDisruptionBudget': () => CURRENT,
};

export function healthOf(object: JsonObject | undefined): Health {
  if (object === undefined) return { state: 'NotFound', message: 'it is not there' };
  if (at(object, 'metadata', 'deletionTimestamp') !== undefined) return { state: 'Terminating', message: blockers(object) };
  const generation = at(object, 'metadata', 'generation');
  const observed = at(object, 'status', 'observedGeneration');
  if (generation !== undefined && observed !== undefined && generation !== observed)
    return progress('its controller has not seen the change yet');
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

interface ConditionView {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

function condition(object: JsonObject, type: string): ConditionView | undefined {
  const list = at(object, 'status', 'conditions');
  if (!Array.isArray(list)) return undefined;
  const found = (list as readonly JsonValue[]).find((each) => isJsonObject(each) && each['type'] === type);
  if (found === undefined) return undefined;
  return {
    status: textAt(found, 'status') ?? '',
    reason: textAt(found, 'reason') ?? '',
    message: textAt(found, 'message') ?? '',
  };
}

function count(object: JsonObject, ...path: readonly string[]): number {
  const value = at(object, ...path);
  return typeof value === 'number' ? value : 0;
}

function blockers(object: JsonObject): string {
  const finalizers = at(object, 'metadata', 'finalizers');
  const names = Array.isArray(finalizers) ? finalizers.join(', ') : '';
  return names === '' ? 'it is being deleted' : `it is being deleted; it waits for ${names}`;
}

function deployment(object: JsonObject): Health {
  const progressing = condition(object, 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') return failed(progressing.message);
  const wanted = at(object, 'spec', 'replicas') === undefined ? 1 : count(object, 'spec', 'replicas');
  const status = (field: string): number => count(object, 'status', field);
  if (at(object, 'status', 'observedGeneration') === undefined) return progress('its controller has not seen it yet');
  if (wanted > status('replicas')) return progress(`${status('replicas')} of ${wanted} pods are made`);
  if (wanted > status('updatedReplicas')) return progress(`${status('updatedReplicas')} of ${wanted} pods are up to date`);
  if (status('replicas') > wanted) return progress(`${status('replicas') - wanted} old pods remain`);
  if (status('updatedReplicas') > status('availableReplicas'))
    return progress(`${status('availableReplicas')} of ${status('updatedReplicas')} pods are available`);
  if (wanted > status('readyReplicas')) return progress(`${status('readyReplicas')} of ${wanted} pods are ready`);
  const available = condition(object, 'Available');
  return available === undefined || available.status === 'True' ? CURRENT : progress(available.message);
}

function statefulSet(object: JsonObject): Health {
  if (textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete') return CURRENT;
  const wanted = at(object, 'spec', 'replicas') === undefined ? 1 : count(object, 'spec', 'replicas');
  const status = (field: string): number => count(object, 'status', field);
  if (at(object, 'status', 'observedGeneration') === undefined) return progress('its controller has not seen it yet');
  if (wanted > status('replicas')) return progress(`${status('replicas')} of ${wanted} pods are made`);
  if (wanted > status('readyReplicas')) return progress(`${status('readyReplicas')} of ${wanted} pods are ready`);
  if (status('replicas') > wanted) return progress(`${status('replicas') - wanted} pods too many`);
  const partition = at(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
  if (typeof partition === 'number' && partition > 0)
    return status('updatedReplicas') < wanted - partition ? progress('pods above the partition are being updated') : CURRENT;
  if (status('currentReplicas') < wanted) return progress(`${status('currentReplicas')} of ${wanted} pods are current`);
  const same = textAt(object, 'status', 'currentRevision') === textAt(object, 'status', 'updateRevision');
  return same ? CURRENT : progress('pods are being updated');
}

function daemonSet(object: JsonObject): Health {
  if (at(object, 'status', 'observedGeneration') === undefined) return progress('its controller has not seen it yet');
  const wanted = count(object, 'status', 'desiredNumberScheduled');
  for (const [field, words] of [
    ['currentNumberScheduled', 'scheduled'],
    ['updatedNumberScheduled', 'up to date'],
    ['numberAvailable', 'available'],
    ['numberReady', 'ready'],
  ] as const) {
    const have = count(object, 'status', field);
    if (wanted > have) return progress(`${have} of ${wanted} pods are ${words}`);
  }
  return CURRENT;
}

function replicaSet(object: JsonObject): Health {
  const failure = condition(object, 'ReplicaFailure');
  if (failure?.status === 'True') return progress(failure.message);
  const wanted = at(object, 'spec', 'replicas') === undefined ? 1 : count(object, 'spec', 'replicas');
  const ready = count(object, 'status', 'readyReplicas');
  return wanted > ready ? progress(`${ready} of ${wanted} pods are ready`) : CURRENT;
}

function pod(object: JsonObject): Health {
  const phase = textAt(object, 'status', 'phase') ?? '';
  if (phase === 'Succeeded' || phase === 'Failed') return CURRENT;
  const containers = at(object, 'status', 'containerStatuses');
  const waiting = Array.isArray(containers)
    ? (containers as readonly JsonValue[])
        .map((each) => textAt(each, 'state', 'waiting', 'reason'))
        .find((reason) => reason !== undefined)
    : undefined;
  if (waiting === 'CrashLoopBackOff') return failed('a container crashes again and again');
  if (condition(object, 'Ready')?.status === 'True') return CURRENT;
  return progress(waiting ?? condition(object, 'PodScheduled')?.message ?? `phase ${phase}`);
}

function bound(object: JsonObject): Health {
  const phase = textAt(object, 'status', 'phase') ?? '';
  return phase === 'Bound' ? CURRENT : progress(`the claim is ${phase === '' ? 'not bound' : phase}`);
}

function service(object: JsonObject): Health {
  const balanced = textAt(object, 'spec', 'type') === 'LoadBalancer';
  return balanced && textAt(object, 'spec', 'clusterIP') === undefined ? progress('it has no address yet') : CURRENT;
}

function job(object: JsonObject): Health {
  const failure = condition(object, 'Failed');
  if (failure?.status === 'True') return failed(failure.message);
  if (condition(object, 'Complete')?.status === 'True' || condition(object, 'Suspended')?.status === 'True') return CURRENT;
  return at(object, 'status', 'startTime') === undefined ? progress('it has not started') : CURRENT;
}

function definition(object: JsonObject): Health {
  const names = condition(object, 'NamesAccepted');
  if (names?.status === 'False') return failed(names.message);
  const established = condition(object, 'Established');
  if (established?.status === 'True') return CURRENT;
  if (established?.status === 'False' && established.reason !== 'Installing') return failed(established.message);
  return progress('it is not served yet');
}
