// Downloads that outlive whoever asked for them: a repository of a million files takes its time, and a sync that waited for it
// would keep a worker from the others. Each is begun once, however many ask.
import { StreamSpaceError } from '../../../schemas/errors.ts';

export interface DownloadLimits {
  readonly fetchMs: number;
  readonly patienceMs: number;
}

interface Running {
  readonly ended: Promise<void>;
  /** Asked for before: whoever comes again waits no longer than for an answer that is there. */
  waitedFor: boolean;
}

/** When to look again. */
const RETRY_MS = 5_000;
const SHORT_MS = 500;
/** A failure that nobody came back for is forgotten. */
const KEEP_FAILURE_MS = 10 * 60_000;

export class Downloads implements AsyncDisposable {
  readonly #limits: DownloadLimits;
  readonly #running = new Map<string, Running>();
  readonly #stop = new AbortController();

  constructor(limits: DownloadLimits) {
    this.#limits = limits;
  }

  /** @throws GitFetchRunning, and whatever the work throws, once */
  async run(key: string, url: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const running = this.#running.get(key) ?? this.#begin(key, url, work);
    const ended = await within(running.ended, running.waitedFor ? SHORT_MS : this.#limits.patienceMs, signal);
    if (!ended) {
      running.waitedFor = true;
      throw new StreamSpaceError('GitFetchRunning', `${url} is being fetched`, { retryAfterMs: RETRY_MS });
    }
    this.#running.delete(key);
    await running.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the source was closed'));
    await Promise.allSettled([...this.#running.values()].map(({ ended }) => ended));
  }

  #begin(key: string, url: string, work: (signal: AbortSignal) => Promise<void>): Running {
    const { fetchMs } = this.#limits;
    const timeout = AbortSignal.timeout(fetchMs);
    const begin = async (): Promise<void> => {
      try {
        await work(AbortSignal.any([this.#stop.signal, timeout]));
      } catch (error) {
        if (!timeout.aborted) throw error;
        throw new StreamSpaceError('GitUnreachable', `${url} was not fetched within ${fetchMs} ms`, {
          facts: { url },
          cause: error,
        });
      }
    };
    const running: Running = { ended: begin(), waitedFor: false };
    this.#running.set(key, running);
    running.ended.then(
      () => running.waitedFor && this.#running.delete(key), // what it brought is found in the clone
      () => setTimeout(() => this.#forget(key, running), KEEP_FAILURE_MS).unref(),
    );
    return running;
  }

  #forget(key: string, running: Running): void {
    if (this.#running.get(key) === running) this.#running.delete(key);
  }
}

/** Whether it ended, in whatever way, in time. */
async function within(work: Promise<void>, ms: number, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  return await new Promise<boolean>((resolve, reject) => {
    const done = (settle: () => void) => () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onAbort = (): void => done(() => reject(signal.reason))();
    const timer = setTimeout(
      done(() => resolve(false)),
      ms,
    );
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(
      done(() => resolve(true)),
      done(() => resolve(true)),
    );
  });
}
