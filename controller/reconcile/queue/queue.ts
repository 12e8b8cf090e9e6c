// The work queue that keeps the promises of contract.ts: one call a key, keys side by side, retries by the error's code.
import { type Backoff, backoffMs } from '../../../runtime/kube/watch/backoff.ts';
import type { Logger } from '../../../runtime/log/log.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { type ObjectKey, type ReconcileResult, type Reconciler, RetryWithin, Stopped, Superseded } from '../contract.ts';
import { NO_METRICS, type QueueMetrics } from './queue-metrics.ts';
import { judgeError } from './retry.ts';

export interface WorkQueueOptions {
  readonly reconciler: Reconciler;
  readonly log: Logger;
  /** How many keys at once. */
  readonly concurrency: number;
  /** Shutdown or a lost Lease: running calls are aborted, nothing new begins. */
  readonly signal: AbortSignal;
  readonly metrics?: QueueMetrics;
  /** Default 750 ms to 15 min. */
  readonly backoff?: Backoff;
  /** In [0, 1). Default `Math.random`. */
  readonly random?: () => number;
}

export interface WorkQueue {
  /** Asks for a call, now; while one runs, for one more after it. Also ends a wait for a retry. */
  add(key: ObjectKey): void;
  /** As {@link add}, but a running call is aborted with {@link Superseded}: a newer wish makes it pointless. */
  supersede(key: ObjectKey): void;
  /** Resolves when nothing runs and nothing waits but timers. */
  idle(): Promise<void>;
  /** Resolves when the signal was aborted and the last call has returned. */
  readonly ended: Promise<void>;
}

const BACKOFF: Backoff = { firstMs: 750, maxMs: 15 * 60_000 };

export function startWorkQueue(options: WorkQueueOptions): WorkQueue {
  return new KeyedQueue(options);
}

interface Entry {
  readonly key: ObjectKey;
  state: 'waiting' | 'running' | 'runningAgain' | 'resting';
  failures: number;
  timer: NodeJS.Timeout | undefined;
  /** An API server or a Git server asked for patience until then: no event makes it sooner (S-062). */
  notBefore: number;
  controller: AbortController | undefined;
}

class KeyedQueue implements WorkQueue {
  readonly ended: Promise<void>;
  readonly #options: WorkQueueOptions;
  readonly #metrics: QueueMetrics;
  /** Keys with something to remember: a call, a timer, a count of failures. */
  readonly #entries = new Map<string, Entry>();
  readonly #waiting: Entry[] = [];
  readonly #ended = Promise.withResolvers<void>();
  #idle = Promise.withResolvers<void>();
  #running = 0;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#metrics = options.metrics ?? NO_METRICS;
    this.ended = this.#ended.promise;
    if (options.signal.aborted) this.#ended.resolve();
    else options.signal.addEventListener('abort', () => this.#stop(), { once: true });
  }

  add(key: ObjectKey): void {
    if (this.#options.signal.aborted) return;
    const id = `${key.namespace ?? ''}/${key.name}`;
    let entry = this.#entries.get(id);
    if (entry === undefined) {
      entry = { key, state: 'resting', failures: 0, timer: undefined, notBefore: 0, controller: undefined };
      this.#entries.set(id, entry);
    }
    this.#wake(entry);
  }

  supersede(key: ObjectKey): void {
    // Looked up before: the call that `add` may begin is the newer wish itself.
    const running = this.#entries.get(`${key.namespace ?? ''}/${key.name}`)?.controller;
    this.add(key);
    running?.abort(new Superseded('a newer wish for the same object'));
  }

  async idle(): Promise<void> {
    while (this.#running > 0 || this.#waiting.length > 0) await this.#idle.promise;
  }

  #wake(entry: Entry): void {
    clearTimeout(entry.timer);
    entry.timer = undefined;
    if (entry.state === 'running') entry.state = 'runningAgain';
    if (entry.state !== 'resting') return;
    const patienceMs = entry.notBefore - performance.now();
    if (patienceMs > 0) {
      entry.timer = setTimeout(() => this.#wake(entry), Math.ceil(patienceMs));
      return;
    }
    entry.state = 'waiting';
    this.#waiting.push(entry);
    this.#begin();
  }

  #begin(): void {
    while (this.#running < this.#options.concurrency) {
      const entry = this.#waiting.shift();
      if (entry === undefined) break;
      entry.state = 'running';
      this.#running += 1;
      void this.#call(entry);
    }
    this.#metrics.depth(this.#options.reconciler.kind, this.#waiting.length);
  }

  /** Never rejects: this is the edge where errors end. */
  async #call(entry: Entry): Promise<void> {
    const { reconciler, log } = this.#options;
    const controller = new AbortController();
    entry.controller = controller;
    const keyLog = log.child({ kind: reconciler.kind, ...entry.key });
    const startedAt = performance.now();
    let waitMs: number | undefined;
    let outcome: 'done' | 'failed' | 'stopped' = 'done';
    try {
      // In a microtask of its own, so that a caller of `add` never runs a reconciler on its stack.
      const result: ReconcileResult = await Promise.resolve().then(() =>
        reconciler.reconcile(entry.key, { signal: controller.signal, log: keyLog }),
      );
      entry.failures = 0;
      waitMs = result.requeueAfterMs;
    } catch (error) {
      outcome = controller.signal.reason instanceof Stopped ? 'stopped' : 'failed';
      if (outcome === 'failed') waitMs = this.#failed(entry, error, keyLog);
    }
    entry.controller = undefined;
    this.#metrics.finished(reconciler.kind, outcome, (performance.now() - startedAt) / 1000);
    this.#finish(entry, waitMs);
  }

  #failed(entry: Entry, thrown: unknown, log: Logger): number | undefined {
    const [error, atMostMs] = thrown instanceof RetryWithin ? [thrown.cause, thrown.ms] : [thrown, Number.POSITIVE_INFINITY];
    const { code, retry } = judgeError(error);
    this.#metrics.failed(this.#options.reconciler.kind, code);
    const random = (this.#options.random ?? Math.random)();
    const waitMs =
      retry.class === 'never'
        ? undefined
        : retry.class === 'after'
          ? Math.round(retry.delayMs * (1 + random / 10))
          : Math.min(atMostMs, backoffMs(this.#options.backoff ?? BACKOFF, entry.failures, random));
    entry.failures += 1;
    if (retry.class === 'after' && retry.earliest) entry.notBefore = performance.now() + retry.delayMs;
    const fields = { err: error, code, failures: entry.failures, ...(waitMs === undefined ? {} : { retryInMs: waitMs }) };
    if (code === 'Internal' && !(error instanceof StreamSpaceError)) log.error(fields, 'reconcile failed unexpectedly');
    else log.warn(fields, 'reconcile failed');
    return waitMs;
  }

  #finish(entry: Entry, waitMs: number | undefined): void {
    this.#running -= 1;
    const again = entry.state === 'runningAgain';
    entry.state = 'resting';
    if (this.#options.signal.aborted) {
      if (this.#running === 0) this.#ended.resolve();
    } else if (again) {
      this.#wake(entry);
    } else if (waitMs !== undefined) {
      // setTimeout counts in 32 bits; nobody asks for more than a day.
      entry.timer = setTimeout(() => this.#wake(entry), Math.min(waitMs, 86_400_000));
    } else if (entry.failures === 0) {
      this.#entries.delete(`${entry.key.namespace ?? ''}/${entry.key.name}`);
    }
    this.#begin();
    if (this.#running === 0 && this.#waiting.length === 0) {
      this.#idle.resolve();
      this.#idle = Promise.withResolvers<void>();
    }
  }

  #stop(): void {
    const { reason } = this.#options.signal;
    const stopped = reason instanceof Stopped ? reason : new Stopped('the controller stops', { cause: reason });
    this.#waiting.length = 0;
    for (const entry of this.#entries.values()) {
      clearTimeout(entry.timer);
      entry.controller?.abort(stopped);
    }
    if (this.#running === 0) this.#ended.resolve();
  }
}
