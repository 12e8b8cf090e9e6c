// Waits until objects are what they should be, and says what is not and why.
import type { KubeClient, Resource } from '../../runtime/kube/types.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { eachLimited, readExact } from '../apply/cluster.ts';
import { type ObjectId, partsOf } from '../render/manifest.ts';
import { type Health, healthOf, isAlwaysCurrent } from './health.ts';

export interface Watched {
  readonly id: ObjectId;
  readonly resource: Resource;
}

export interface Unhealthy extends Health {
  readonly id: ObjectId;
}

export interface WaitOptions {
  /** With the controller's own rights: the tenant need not be allowed to read what it may apply. */
  readonly client: KubeClient;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Rejects to end the wait early, such as when a newer revision is there. Asked before each look. */
  readonly keepWaiting?: () => Promise<void>;
  /** Told of each look at what is not there yet. */
  readonly onLook?: (unhealthy: readonly Unhealthy[]) => void;
}

/** Looks come quickly at first, for what is ready at once, and every 2 s later. */
const LOOKS_MS = [0, 50, 100, 200, 300, 500, 1000];
const SLOW_LOOK_MS = 2000;
const CONCURRENCY = 8;

/** Ends when all are current or one has failed; what is left then, or after the time. */
export async function waitUntilHealthy(objects: readonly Watched[], options: WaitOptions): Promise<readonly Unhealthy[]> {
  const deadline = performance.now() + options.timeoutMs;
  let open = objects.filter(({ id }) => {
    const { group, kind } = partsOf(id);
    return !isAlwaysCurrent(group, kind);
  });
  for (let look = 0; ; look += 1) {
    await delay(LOOKS_MS[look] ?? SLOW_LOOK_MS, options.signal);
    await options.keepWaiting?.();
    const unhealthy = await lookAt(open, options);
    options.onLook?.(unhealthy);
    if (unhealthy.length === 0 || unhealthy.some(({ state }) => state === 'Failed') || performance.now() > deadline)
      return unhealthy;
    const left = new Set(unhealthy.map(({ id }) => id));
    open = open.filter(({ id }) => left.has(id));
  }
}

/** One look, in the order of the objects. */
export async function lookAt(
  objects: readonly Watched[],
  { client, signal }: Pick<WaitOptions, 'client' | 'signal'>,
): Promise<readonly Unhealthy[]> {
  const found = new Map<ObjectId, Health>();
  await eachLimited(objects, CONCURRENCY, async ({ id, resource }) => {
    const { group, kind, namespace, name } = partsOf(id);
    if (isAlwaysCurrent(group, kind)) return;
    const live = await readExact(client, { resource, namespace: namespace === '' ? undefined : namespace, name }, signal);
    const health = healthOf(live);
    if (health.state !== 'Current') found.set(id, health);
  });
  return objects.flatMap(({ id }) => {
    const health = found.get(id);
    return health === undefined ? [] : [{ id, ...health }];
  });
}
