// Waits until objects are what they should be, and says what is not and why.
import type { KubeClient, Resource } from '../../runtime/kube/types.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { eachLimited, readExact } from '../apply/cluster.ts';
import { type ObjectId, partsOf } from '../render/manifest.ts';
import type { JsonObject } from '../render/yaml/json.ts';
import type { HealthExpressions } from './expressions.ts';
import { type Health, healthOf, isAlwaysCurrent } from './health.ts';
import { explain } from './why.ts';

export interface Watched {
  readonly id: ObjectId;
  readonly resource: Resource;
}

export interface Unhealthy extends Health {
  readonly id: ObjectId;
}

/** The code of what is not healthy at the end of a wait. */
export function unhealthyCode(state: Health['state']): 'HealthFailed' | 'HealthRuleInvalid' | 'HealthTimeout' {
  if (state === 'Failed') return 'HealthFailed';
  return state === 'Unknown' ? 'HealthRuleInvalid' : 'HealthTimeout';
}

export interface LookOptions {
  /** With the controller's own rights: the tenant need not be allowed to read what it may apply. */
  readonly client: Pick<KubeClient, 'json' | 'list' | 'text'>;
  readonly signal: AbortSignal;
  /** Finds most of the objects by one list a kind and namespace. Left out: each is read by itself. */
  readonly labelSelector?: string;
  readonly rules?: HealthExpressions;
}

export interface WaitOptions extends LookOptions {
  readonly timeoutMs: number;
  /** Rejects to end the wait early, such as when a newer revision is there. Asked before each look. */
  readonly keepWaiting?: () => Promise<void>;
  /** Told of each look at what is not there yet. */
  readonly onLook?: (unhealthy: readonly Unhealthy[]) => void;
}

/** Looks come quickly at first, for what is ready at once, and every 2 s later. */
const LOOKS_MS = [0, 50, 100, 200, 300, 500, 1000];
const SLOW_LOOK_MS = 2000;
const CONCURRENCY = 8;
/** From so many on, a list is cheaper than reading one by one. */
const LIST_FROM = 4;

/** Ends when all are current or one has failed; what is left then, or after the time, with the reason why. */
export async function waitUntilHealthy(objects: readonly Watched[], options: WaitOptions): Promise<readonly Unhealthy[]> {
  const deadline = performance.now() + options.timeoutMs;
  const unknown = new Map<ObjectId, Unhealthy>();
  let open = objects;
  for (let look = 0; ; look += 1) {
    await delay(LOOKS_MS[look] ?? SLOW_LOOK_MS, options.signal);
    await options.keepWaiting?.();
    const found = await judge(open, options);
    options.onLook?.([...found].map(([id, { health }]) => ({ id, ...health })));
    for (const [id, { health }] of found) if (health.state === 'Unknown') unknown.set(id, { id, ...health });
    open = open.filter(({ id }) => found.has(id) && !unknown.has(id));
    const failed = open.some(({ id }) => found.get(id)?.health.state === 'Failed');
    if (open.length > 0 && !failed && performance.now() <= deadline) continue;
    const told = await withReasons(open, found, options);
    return objects.flatMap(({ id }) => unknown.get(id) ?? told.get(id) ?? []);
  }
}

/** One look, in the order of the objects; with reasons too, so that a second look says the same as the first. */
export async function lookAt(objects: readonly Watched[], options: LookOptions): Promise<readonly Unhealthy[]> {
  const found = await judge(objects, options);
  const told = await withReasons(objects, found, options);
  return objects.flatMap(({ id }) => told.get(id) ?? []);
}

interface Judged {
  readonly health: Health;
  readonly live: JsonObject | undefined;
}

/** What is not current. */
async function judge(objects: readonly Watched[], options: LookOptions): Promise<ReadonlyMap<ObjectId, Judged>> {
  const { client, signal, rules } = options;
  const found = new Map<ObjectId, Judged>();
  const read = objects.filter(({ id }) => {
    const { group, kind } = partsOf(id);
    return rules?.has(group, kind) === true || !isAlwaysCurrent(group, kind);
  });
  const listed = await listGroups(read, options);
  await eachLimited(read, CONCURRENCY, async ({ id, resource }) => {
    const { namespace, name } = partsOf(id);
    // What the list does not have may have lost its label, or never had it.
    const ref = { resource, namespace: namespace === '' ? undefined : namespace, name };
    const live = listed.get(id) ?? (await readExact(client, ref, signal));
    const health = healthOf(live, rules);
    if (health.state !== 'Current') found.set(id, { health, live });
  });
  return found;
}

async function listGroups(
  objects: readonly Watched[],
  { client, labelSelector, signal }: LookOptions,
): Promise<ReadonlyMap<ObjectId, JsonObject>> {
  const listed = new Map<ObjectId, JsonObject>();
  if (labelSelector === undefined) return listed;
  const groups = [...Map.groupBy(objects, ({ id }) => placeOf(id)).values()].filter(({ length }) => length >= LIST_FROM);
  await eachLimited(groups, CONCURRENCY, async (group) => {
    const [first] = group;
    if (first === undefined) return;
    const { namespace } = partsOf(first.id);
    const options = { labelSelector, signal, ...(namespace === '' ? {} : { namespace }) };
    const { items } = await client.list<JsonObject & { readonly metadata: { readonly name: string } }>(first.resource, options);
    const byName = new Map(items.map((item) => [item.metadata.name, item]));
    for (const { id } of group) {
      const item = byName.get(partsOf(id).name);
      if (item !== undefined) listed.set(id, item);
    }
  });
  return listed;
}

function placeOf(id: ObjectId): string {
  const { group, kind, namespace } = partsOf(id);
  return `${group}/${kind}/${namespace}`;
}

async function withReasons(
  objects: readonly Watched[],
  found: ReadonlyMap<ObjectId, Judged>,
  options: LookOptions,
): Promise<ReadonlyMap<ObjectId, Unhealthy>> {
  const judged = objects.flatMap(({ id }) => {
    const { health, live } = found.get(id) ?? {};
    return health === undefined ? [] : [{ id, health, live }];
  });
  const reasons = await explain(judged, options);
  return new Map(
    judged.map(({ id, health }) => {
      const reason = reasons.get(id);
      return [id, { id, state: health.state, message: reason === undefined ? health.message : `${health.message}; ${reason}` }];
    }),
  );
}
