// Why something is not ready: its pods, what their containers wait for, and the newest warning that Kubernetes recorded about
// them. Asked once, when a wait has ended, and bounded.
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../runtime/kube/types.ts';
import { eachLimited } from '../apply/cluster.ts';
import { type ObjectId, partsOf } from '../render/manifest.ts';
import { at, type JsonObject, type JsonValue, textAt } from '../render/yaml/json.ts';
import type { Health } from './facts.ts';
import { podTrouble } from './pod-trouble.ts';
import { selectorText } from './selector.ts';

export interface Judged {
  readonly id: ObjectId;
  readonly health: Health;
  readonly live: JsonObject | undefined;
}

type Client = Pick<KubeClient, 'json' | 'list'>;

/** More are not read by anybody; the first say what is wrong. */
const MAX_OBJECTS = 20;
const MAX_PODS_READ = 100;
const MAX_PODS_TOLD = 2;
const MAX_MESSAGE = 800;
const CONCURRENCY = 4;

const WITH_PODS = new Set(['apps/Deployment', 'apps/StatefulSet', 'apps/DaemonSet', 'apps/ReplicaSet', 'batch/Job', '/Pod']);
const WITH_EVENTS = new Set([...WITH_PODS, '/PersistentVolumeClaim', '/Service', 'networking.k8s.io/Ingress']);

/** Nothing for what no reason is found for. */
export async function explain(
  judged: readonly Judged[],
  options: { readonly client: Client; readonly signal: AbortSignal },
): Promise<ReadonlyMap<ObjectId, string>> {
  const reasons = new Map<ObjectId, string>();
  const first = judged.filter(({ id }) => WITH_EVENTS.has(kindOf(id))).slice(0, MAX_OBJECTS);
  await eachLimited(first, CONCURRENCY, async ({ id, live }) => {
    if (live === undefined) return;
    const parts = await reasonsOf(id, live, options.client, options.signal);
    if (parts.length > 0) reasons.set(id, parts.join('; ').slice(0, MAX_MESSAGE));
  });
  return reasons;
}

async function reasonsOf(id: ObjectId, live: JsonObject, client: Client, signal: AbortSignal): Promise<readonly string[]> {
  const pods = WITH_PODS.has(kindOf(id)) ? await podsOf(id, live, client, signal) : [];
  const parts: string[] = [];
  for (const { pod, trouble } of troubled(pods).slice(0, MAX_PODS_TOLD)) {
    const name = textAt(pod, 'metadata', 'name') ?? '';
    const told = kindOf(id) === '/Pod' ? trouble : `pod ${name}: ${trouble}`;
    const event = await newestWarning(pod, client, signal);
    parts.push([told, ...(event === undefined ? [] : [event])].join('; '));
  }
  if (parts.length > 0) return parts;
  const event = await newestWarning(live, client, signal);
  return event === undefined ? [] : [event];
}

function troubled(pods: readonly JsonObject[]): readonly { readonly pod: JsonObject; readonly trouble: string }[] {
  return pods.flatMap((pod) => {
    const trouble = podTrouble(pod);
    return trouble === undefined ? [] : [{ pod, trouble }];
  });
}

/** By the selector; where the owner is the object itself, by that too. A Deployment owns its pods through a ReplicaSet. */
async function podsOf(id: ObjectId, live: JsonObject, client: Client, signal: AbortSignal): Promise<readonly JsonObject[]> {
  if (kindOf(id) === '/Pod') return [live];
  const selector = selectorText(at(live, 'spec', 'selector'));
  if (selector === undefined) return [];
  const { namespace } = partsOf(id);
  const { items } = await client.json<{ readonly items: readonly JsonObject[] | null }>({
    method: 'GET',
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`,
    query: { labelSelector: selector, limit: MAX_PODS_READ },
    signal,
  });
  const uid = textAt(live, 'metadata', 'uid');
  const direct = kindOf(id) !== 'apps/Deployment';
  return (items ?? []).filter((pod) => !direct || owners(pod).includes(uid ?? ''));
}

function owners(pod: JsonObject): readonly string[] {
  const list = at(pod, 'metadata', 'ownerReferences');
  return Array.isArray(list) ? (list as readonly JsonValue[]).flatMap((each) => textAt(each, 'uid') ?? []) : [];
}

interface EventJson extends KubeObjectJson {
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly series?: { readonly lastObservedTime?: string };
}

async function newestWarning(object: JsonObject, client: Client, signal: AbortSignal): Promise<string | undefined> {
  const uid = textAt(object, 'metadata', 'uid');
  if (uid === undefined) return undefined;
  const namespace = textAt(object, 'metadata', 'namespace') ?? 'default';
  const { items } = await client.list<EventJson>(RESOURCES.events, {
    namespace,
    fieldSelector: `involvedObject.uid=${uid},type=Warning`,
    signal,
  });
  const newest = items.toSorted((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1))[0];
  if (newest === undefined) return undefined;
  const message = (newest.message ?? '').replaceAll(/\s+/g, ' ').slice(0, 300);
  return `${newest.reason ?? 'Warning'}: ${message}`;
}

function timeOf({ series, lastTimestamp, eventTime, metadata }: EventJson): string {
  return series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '';
}

function kindOf(id: ObjectId): string {
  const { group, kind } = partsOf(id);
  return `${group}/${kind}`;
}
