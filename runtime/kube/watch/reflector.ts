// A local copy of a list that keeps itself right: list, watch, and list again whenever the watch cannot be trusted.
import { delay } from '../../shutdown/shutdown.ts';
import { KubeStatusError } from '../kube-status-error.ts';
import type { KubeObjectJson, Reflector, ReflectorOptions } from '../types.ts';
import { type Backoff, backoffMs } from './backoff.ts';
import { watchOnce } from './watch.ts';

export interface ReflectorTimings {
  /** Each watch is asked to end after a random time between the two. */
  readonly watchSeconds: readonly [least: number, most: number];
  /** A watch that says nothing for this long beyond its own end is dead. */
  readonly graceMs: number;
  /** The same once the server is seen to send bookmarks (it does so about once a minute). */
  readonly silenceMs: number;
  readonly backoff: Backoff;
}

const TIMINGS: ReflectorTimings = {
  watchSeconds: [300, 600],
  graceMs: 15_000,
  silenceMs: 180_000,
  backoff: { firstMs: 500, maxMs: 30_000 },
};
/** A watch that lasted this long was a good one: the backoff starts over. */
const GOOD_WATCH_MS = 5_000;

/** Starts at once; ends by `options.signal`. `timings` is for tests. */
export function startReflector<T extends KubeObjectJson>(
  options: ReflectorOptions<T>,
  timings: Partial<ReflectorTimings> = {},
): Reflector<T> {
  const reflector = new ListAndWatch<T>(options, { ...TIMINGS, ...timings });
  reflector.ended = reflector.run();
  return reflector;
}

/** `namespace/name`, or `name` for a cluster-wide object: the key in {@link Reflector.store}. */
export function storeKeyOf(object: KubeObjectJson): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

class ListAndWatch<T extends KubeObjectJson> implements Reflector<T> {
  readonly store = new Map<string, T>();
  readonly synced: Promise<void>;
  ended: Promise<void> = Promise.resolve();
  readonly #options: ReflectorOptions<T>;
  readonly #timings: ReflectorTimings;
  readonly #first = Promise.withResolvers<void>();
  /** `undefined`: the next step is a list. */
  #cursor: string | undefined;
  #resourceVersion: string | undefined;
  #heardAt = performance.now();
  #watchedAt = performance.now();
  #bookmarks = false;

  constructor(options: ReflectorOptions<T>, timings: ReflectorTimings) {
    this.#options = options;
    this.#timings = timings;
    this.synced = this.#first.promise;
    // Nobody need wait for it.
    this.synced.catch(() => undefined);
  }

  get resourceVersion(): string | undefined {
    return this.#resourceVersion;
  }

  ageMs(): number {
    return performance.now() - this.#heardAt;
  }

  async run(): Promise<void> {
    const { signal, onError } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      const startedAt = performance.now();
      let waitMs: number | undefined;
      try {
        if (this.#cursor === undefined) await this.#list();
        await this.#watch(this.#cursor ?? '');
      } catch (error) {
        if (signal.aborted) break;
        // A connection that was cut has lost nothing: the watch goes on from the cursor. Any answer of the API server, and
        // silence, mean that the cursor is worth nothing.
        if (error instanceof KubeStatusError || error instanceof Silence || error instanceof SyntaxError)
          this.#cursor = undefined;
        if (error instanceof KubeStatusError) waitMs = error.statusCode === 410 && failures === 0 ? 0 : error.retryAfterMs;
        onError?.(error);
      }
      failures = performance.now() - startedAt >= GOOD_WATCH_MS ? 0 : failures + 1;
      waitMs ??= failures === 0 ? 0 : backoffMs(this.#timings.backoff, failures - 1, Math.random());
      await delay(waitMs, signal).catch(() => undefined);
    }
    this.#first.reject(signal.reason);
  }

  async #list(): Promise<void> {
    const { client, resource, onEvent, ...rest } = this.#options;
    const { items, resourceVersion } = await client.list<T>(resource, {
      signal: rest.signal,
      ...(rest.namespace === undefined ? {} : { namespace: rest.namespace }),
      ...(rest.labelSelector === undefined ? {} : { labelSelector: rest.labelSelector }),
      ...(rest.fieldSelector === undefined ? {} : { fieldSelector: rest.fieldSelector }),
      ...(rest.metadataOnly === undefined ? {} : { metadataOnly: rest.metadataOnly }),
    });
    this.#heard(resourceVersion);
    const present = new Map(items.map((item) => [storeKeyOf(item), item]));
    for (const [key, object] of [...this.store]) if (!present.has(key)) this.#remove(key, object);
    for (const [key, object] of present) this.#put(key, object);
    onEvent({ type: 'synced', resourceVersion });
    this.#first.resolve();
  }

  async #watch(from: string): Promise<void> {
    this.#options.signal.throwIfAborted(); // a listener that is added after the abort is never called
    const [least, most] = this.#timings.watchSeconds;
    const timeoutSeconds = Math.round(least + (most - least) * Math.random());
    const controller = new AbortController();
    const stop = (): void => controller.abort(this.#options.signal.reason);
    this.#options.signal.addEventListener('abort', stop, { once: true });
    // Not as if something had been heard: an API server that takes no watch at all must be seen to grow old.
    this.#watchedAt = performance.now();
    const limit = (): number => (this.#bookmarks ? this.#timings.silenceMs : timeoutSeconds * 1000 + this.#timings.graceMs);
    let timer = setTimeout(check.bind(this), limit());
    function check(this: ListAndWatch<T>): void {
      const leftMs = limit() - Math.min(this.ageMs(), performance.now() - this.#watchedAt);
      if (leftMs <= 0) controller.abort(new Silence(this.#options.resource.plural));
      else timer = setTimeout(check.bind(this), leftMs);
    }
    try {
      const watch = { ...this.#options, resourceVersion: from, timeoutSeconds, signal: controller.signal };
      for await (const event of watchOnce<T>(watch)) {
        // A frame that was already read when the reflector was stopped is nobody's news any more.
        if (this.#options.signal.aborted) return;
        if (event.type === 'bookmark') {
          if (!this.#bookmarks) {
            this.#bookmarks = true;
            clearTimeout(timer);
            timer = setTimeout(check.bind(this), limit()); // the shorter limit holds from now on
          }
        } else if (event.type === 'deleted') this.#remove(storeKeyOf(event.object), event.object);
        else this.#put(storeKeyOf(event.object), event.object);
        this.#heard(event.resourceVersion);
      }
    } finally {
      clearTimeout(timer);
      this.#options.signal.removeEventListener('abort', stop);
    }
  }

  #heard(resourceVersion: string): void {
    this.#heardAt = performance.now();
    this.#cursor = resourceVersion;
    this.#resourceVersion = resourceVersion;
  }

  #put(key: string, object: T): void {
    const before = this.store.get(key);
    if (before !== undefined && before.metadata.uid !== object.metadata.uid) this.#remove(key, before);
    else if (before !== undefined && before.metadata.resourceVersion === object.metadata.resourceVersion) return;
    const type = this.store.has(key) ? 'changed' : 'added';
    this.store.set(key, this.#options.keep?.(object) ?? object);
    this.#options.onEvent({ type, object });
  }

  #remove(key: string, object: T): void {
    // Also when it was never seen (a watch may tell of the end of what a list missed): whoever keeps a tally must not wait.
    this.store.delete(key);
    this.#options.onEvent({ type: 'deleted', object });
  }
}

class Silence extends Error {
  override readonly name = 'Silence';
  constructor(plural: string) {
    super(`the watch on ${plural} went silent`);
  }
}
