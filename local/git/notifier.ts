// Tells the controller that somebody has pushed: at once, at most one call at a time, and a push during a call is told after it.
import { type FSWatcher, watch } from 'node:fs';
import type { Logger } from '../../runtime/log/log.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';

export interface NotifierOptions {
  /** Grows with every push. */
  readonly markFile: string;
  /** Sends one notice; rejects when it did not arrive. */
  readonly send: (signal: AbortSignal) => Promise<void>;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** The controller polls as well, so what fails this often is given up: it is down, and will look when it is back. */
const RETRY_AFTER_MS: readonly number[] = [100, 300, 1_000, 3_000];

export class PushNotifier {
  readonly #options: NotifierOptions;
  #watcher: FSWatcher | undefined;
  #wanted = false;
  #working: Promise<void> | undefined;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Watches; and tells once, for pushes by path while nobody watched. */
  start(): void {
    this.#watcher = watch(this.#options.markFile, { persistent: false }, () => this.notify());
    this.#options.signal.addEventListener('abort', () => this.#watcher?.close(), { once: true });
    this.notify();
  }

  notify(): void {
    this.#wanted = true;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async #work(): Promise<void> {
    while (this.#wanted && !this.#options.signal.aborted) {
      this.#wanted = false;
      await this.#sendWithRetry().catch(() => {}); // only a stop gets here
    }
  }

  async #sendWithRetry(): Promise<void> {
    const { send, log, signal } = this.#options;
    for (const waitMs of [...RETRY_AFTER_MS, undefined]) {
      try {
        await send(signal);
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (waitMs === undefined) log.warn({ err: error }, 'the controller did not hear about a push');
        else await delay(waitMs, signal);
      }
    }
  }
}

/** `POST {url}` as JSON. @throws when the controller does not answer with 2xx within two seconds */
export function postNotice(noticeUrl: string, repositoryUrl: string): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    const response = await fetch(noticeUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ url: repositoryUrl }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(2_000)]),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the controller answered ${response.status}`);
  };
}
