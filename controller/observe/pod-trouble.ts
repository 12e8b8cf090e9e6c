// What keeps a pod from being ready, in the words of Kubernetes. What a container wrote before it ended is not among them: it may
// be anything, also a secret. Pure.
import { at, isJsonObject, type JsonObject, type JsonValue, textAt } from '../render/yaml/json.ts';
import { condition, wordsOf } from './facts.ts';

const MAX_WORDS = 300;

/** `undefined` for a pod that is ready, or has done its work. */
export function podTrouble(pod: JsonObject): string | undefined {
  if (textAt(pod, 'status', 'phase') === 'Succeeded' || condition(pod, 'Ready')?.status === 'True') return undefined;
  const troubles = ['initContainerStatuses', 'containerStatuses'].flatMap((field) =>
    statusesIn(pod, field).flatMap((status) => containerTrouble(status) ?? []),
  );
  const [first] = troubles;
  if (first !== undefined) return first;
  const scheduled = condition(pod, 'PodScheduled');
  if (scheduled?.status === 'False') return `${scheduled.reason}: ${scheduled.message}`.slice(0, MAX_WORDS);
  const reason = textAt(pod, 'status', 'reason');
  if (reason !== undefined) return `${reason}: ${textAt(pod, 'status', 'message') ?? ''}`.slice(0, MAX_WORDS);
  const ready = condition(pod, 'Ready');
  return ready === undefined ? `phase ${textAt(pod, 'status', 'phase') ?? 'unknown'}` : wordsOf(ready, 'it is not ready');
}

function statusesIn(pod: JsonObject, field: string): readonly JsonObject[] {
  const list = at(pod, 'status', field);
  return Array.isArray(list) ? (list as readonly JsonValue[]).filter(isJsonObject) : [];
}

/** A container that waits says why; one that was restarted says how it last ended. */
function containerTrouble(status: JsonObject): string | undefined {
  const name = textAt(status, 'name') ?? '';
  const waiting = textAt(status, 'state', 'waiting', 'reason');
  const ended = endingOf(at(status, 'state', 'terminated')) ?? endingOf(at(status, 'lastState', 'terminated'));
  if (waiting !== undefined && waiting !== 'ContainerCreating' && waiting !== 'PodInitializing') {
    const message = textAt(status, 'state', 'waiting', 'message');
    const words = [waiting, ...(message === undefined ? [] : [message]), ...(ended === undefined ? [] : [ended])].join(': ');
    return `container ${name}: ${words}`.slice(0, MAX_WORDS);
  }
  return ended === undefined ? undefined : `container ${name}: ${ended}`;
}

function endingOf(terminated: JsonValue | undefined): string | undefined {
  const code = at(terminated, 'exitCode');
  if (code === undefined || code === 0) return undefined;
  return `ended with ${textAt(terminated, 'reason') ?? 'Error'}, exit code ${String(code)}`;
}
