// Keeps lists in the query cache equal to the cluster: one event stream a list, shared by everything that shows it.
//
// A stream always begins with a snapshot, so a reconnect needs no cursor and cannot leave a gap. Streams run only while
// somebody shows the list and the tab is visible: HTTP/1.1 gives a browser six connections to a host, for all tabs together.
import type { QueryClient } from '@tanstack/react-query';
import type { Api } from '../client.ts';
import { type ApiError, toApiError } from '../problem.ts';
import { backoffMs, wait } from './backoff.ts';
import { applyWatchEvent, type ListedObject, type LiveList } from './watch-events.ts';
import { readWatch } from './watch-stream.ts';

export interface ListDefinition<T extends ListedObject> {
  readonly key: readonly [string];
  readonly path: string;
  /** Never set; ties the definition to what it lists. */
  readonly item?: T;
}

export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  | { readonly state: 'lost'; readonly since: number; readonly error: ApiError };

interface Watch {
  readonly list: ListDefinition<ListedObject>;
  users: number;
  connection: Connection;
  running: AbortController | null;
  /** Cuts the wait before the next try. */
  hurry: AbortController;
  readonly waiting: Set<{ resolve(): void; reject(error: ApiError): void }>;
}

export interface LiveListsPorts {
  readonly api: Api;
  readonly queries: QueryClient;
  readonly now: () => number;
  readonly random: () => number;
  /** Told once when an answer says that nobody is signed in any more. */
  readonly onSignedOut: () => void;
}

const CONNECTING: Connection = { state: 'connecting' };
const LIVE: Connection = { state: 'live' };
/** Going from page to page must not close and open the same stream. */
const LINGER_MS = 3_000;

export class LiveLists {
  readonly #ports: LiveListsPorts;
  readonly #watches = new Map<string, Watch>();
  readonly #listeners = new Set<() => void>();
  #visible = true;

  constructor(ports: LiveListsPorts) {
    this.#ports = ports;
  }

  connection(list: ListDefinition<ListedObject>): Connection {
    return this.#watches.get(list.path)?.connection ?? CONNECTING;
  }

  /** The connection that has been lost longest, of all lists that are shown. */
  lost(): Extract<Connection, { state: 'lost' }> | null {
    const lost = [...this.#watches.values()].flatMap(({ users, connection }) =>
      users > 0 && connection.state === 'lost' ? [connection] : [],
    );
    return lost.sort((a, b) => a.since - b.since)[0] ?? null;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Shows the list until the returned function is called. */
  show<T extends ListedObject>(list: ListDefinition<T>): () => void {
    const watch = this.#watch(list);
    watch.users += 1;
    this.#start(watch);
    return () => {
      watch.users -= 1;
      if (watch.users === 0) setTimeout(() => watch.users === 0 && this.#stop(watch), LINGER_MS);
    };
  }

  /** Waits for the next snapshot; rejects when the attempt under way fails (more follow by themselves). */
  async first<T extends ListedObject>(list: ListDefinition<T>): Promise<LiveList<T>> {
    const watch = this.#watch(list);
    const known = this.#ports.queries.getQueryData<LiveList<T>>(list.key);
    if (known === undefined || watch.connection.state === 'lost') {
      const snapshot = Promise.withResolvers<void>();
      watch.waiting.add(snapshot);
      watch.hurry.abort();
      this.#start(watch);
      await snapshot.promise;
    }
    return this.#ports.queries.getQueryData<LiveList<T>>(list.key) ?? { items: [], partial: false, touched: {} };
  }

  setVisible(visible: boolean): void {
    this.#visible = visible;
    for (const watch of this.#watches.values()) {
      if (!visible) this.#stop(watch);
      else if (watch.users > 0) this.#start(watch);
    }
  }

  retryNow(): void {
    for (const watch of this.#watches.values()) watch.hurry.abort();
  }

  [Symbol.dispose](): void {
    for (const watch of this.#watches.values()) this.#stop(watch);
  }

  #watch(list: ListDefinition<ListedObject>): Watch {
    const known = this.#watches.get(list.path);
    if (known !== undefined) return known;
    const watch: Watch = {
      list,
      users: 0,
      connection: CONNECTING,
      running: null,
      hurry: new AbortController(),
      waiting: new Set(),
    };
    this.#watches.set(list.path, watch);
    return watch;
  }

  #start(watch: Watch): void {
    if (watch.running !== null || !this.#visible) return;
    watch.running = new AbortController();
    void this.#run(watch, watch.running.signal);
  }

  #stop(watch: Watch): void {
    watch.running?.abort();
    watch.running = null;
  }

  async #run(watch: Watch, signal: AbortSignal): Promise<void> {
    const { list } = watch;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      let failure: unknown = new Error('the stream ended');
      try {
        const response = await this.#ports.api.openWatch(list.path, signal);
        if (response.body !== null) {
          for await (const event of readWatch<ListedObject>(response.body)) {
            if (signal.aborted) return;
            attempt = 0;
            this.#ports.queries.setQueryData<LiveList<ListedObject>>(list.key, (before) =>
              applyWatchEvent(before, event, this.#ports.now()),
            );
            if (event.type === 'snapshot') this.#settle(watch, null);
          }
        }
      } catch (error) {
        failure = error;
      }
      if (signal.aborted) return;
      const error = toApiError(failure);
      this.#settle(watch, error);
      if (error.signedOut) {
        watch.running = null;
        this.#ports.onSignedOut();
        return;
      }
      await this.#pause(watch, attempt, signal);
    }
  }

  #settle(watch: Watch, error: ApiError | null): void {
    if (error === null) {
      watch.connection = LIVE;
    } else {
      const since = watch.connection.state === 'lost' ? watch.connection.since : this.#ports.now();
      watch.connection = { state: 'lost', since, error };
    }
    for (const waiting of watch.waiting) {
      if (error === null) waiting.resolve();
      else waiting.reject(error);
    }
    watch.waiting.clear();
    for (const listener of this.#listeners) listener();
  }

  async #pause(watch: Watch, attempt: number, signal: AbortSignal): Promise<void> {
    watch.hurry = new AbortController();
    const ms = backoffMs(attempt, { firstMs: 500, maxMs: 15_000, random: this.#ports.random() });
    await wait(ms, AbortSignal.any([signal, watch.hurry.signal]));
  }
}
