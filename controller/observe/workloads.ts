// Health of what runs pods, by the rules of kstatus. Pure.
import { at, type JsonObject, type JsonValue, textAt } from '../render/yaml/json.ts';
import { CURRENT, condition, count, failed, type Health, type HealthRule, progress } from './facts.ts';

export const WORKLOAD_RULES: Readonly<Record<string, HealthRule>> = {
  'apps/Deployment': deployment,
  'apps/StatefulSet': statefulSet,
  'apps/DaemonSet': daemonSet,
  'apps/ReplicaSet': replicaSet,
  '/ReplicationController': replicaSet,
  '/Pod': pod,
  'batch/Job': job,
};

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

/**
 * Not as kstatus has it, which calls a Job that runs current: what comes after a migration must not come while it runs, and one
 * that fails later must not have been called healthy.
 */
function job(object: JsonObject): Health {
  const failure = condition(object, 'Failed');
  if (failure?.status === 'True') return failed(failure.message);
  if (condition(object, 'Complete')?.status === 'True' || condition(object, 'Suspended')?.status === 'True') return CURRENT;
  if (at(object, 'status', 'startTime') === undefined) return progress('it has not started');
  return progress(`it runs: ${count(object, 'status', 'active')} active, ${count(object, 'status', 'succeeded')} succeeded`);
}
