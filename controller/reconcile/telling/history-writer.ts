// Between the syncs and the database. Taking something costs a sync nothing; what cannot be stored waits, within bounds, and
// what goes beyond them is dropped and counted.
import type { Database, Queryable } from '../../../runtime/db/database.ts';
import { type Backoff, backoffMs } from '../../../runtime/kube/watch/backoff.ts';
import type { Logger } from '../../../runtime/log/log.ts';
import type { Registry } from '../../../runtime/metrics/metrics.ts';
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { type Blame, type BlameWish, saveBlame } from './file-blame.ts';
import { createHistoryMetrics, type HistoryMetrics } from './history-metrics.ts';
import { appendSync, forgetObjects, type ObjectsOf, pruneHistory, type Retention, saveObjects } from './history-store.ts';
import type { SyncRecord } from './sync-record.ts';

export interface SyncHistory {
  /** Returns at once. */
  append(record: SyncRecord): void;
  /** Returns at once; of several for one GitSync the newest is stored, and only that is made. */
  tellObjects(uid: string, objects: () => ObjectsOf, blame?: BlameWish): void;
  forget(uid: string): void;
}

export const NO_HISTORY: SyncHistory = {
  append: () => undefined,
  tellObjects: () => undefined,
  forget: () => undefined,
};

export interface HistoryWriterOptions {
  readonly db: Pick<Database, 'query' | 'transaction'>;
  readonly retention: Retention;
  readonly log: Logger;
  readonly registry: Registry;
  /** Rows that wait at most. Default 1,000: a day of a database that is away, and a few dozen megabytes. */
  readonly maxWaiting?: number;
}

const RETRY: Backoff = { firstMs: 500, maxMs: 10_000 };
const PRUNE_EVERY_MS = 10 * 60_000;
const PRUNE_PAUSE_MS = 100;

interface Told {
  readonly objects: (() => ObjectsOf) | undefined;
  readonly blame: BlameWish | undefined;
}

export class HistoryWriter implements SyncHistory {
  readonly #options: HistoryWriterOptions;
  readonly #rows: SyncRecord[] = [];
  readonly #objects = new Map<string, Told>();
  readonly #metrics: HistoryMetrics;
  #wake = Promise.withResolvers<void>();
  #away = false;

  constructor(options: HistoryWriterOptions) {
    this.#options = options;
    this.#metrics = createHistoryMetrics(options.registry, () => this.#rows.length);
  }

  /** What readiness says of it. */
  get state(): 'on' | 'waiting for the database' {
    return this.#away ? 'waiting for the database' : 'on';
  }

  append(record: SyncRecord): void {
    this.#rows.push(record);
    if (this.#rows.length > (this.#options.maxWaiting ?? 1_000)) {
      this.#rows.shift();
      this.#metrics.dropped();
    }
    this.#wake.resolve();
  }

  tellObjects(uid: string, objects: () => ObjectsOf, blame?: BlameWish): void {
    this.#objects.set(uid, { objects, blame });
    this.#wake.resolve();
  }

  forget(uid: string): void {
    this.#objects.set(uid, { objects: undefined, blame: undefined });
    this.#wake.resolve();
  }

  /** Stores what waits until the signal is aborted, then once more. Never rejects. */
  async writeLoop(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.#flush(signal);
        this.#away = false;
        failures = 0;
        await settled(this.#wake.promise, signal);
      } catch (error) {
        if (!this.#away) this.#options.log.warn({ err: error }, 'the history of syncs waits for the database');
        this.#away = true;
        await delay(backoffMs(RETRY, failures, Math.random()), signal).catch(() => undefined);
        failures += 1;
      }
    }
    if (!this.#away) await this.#flush(AbortSignal.timeout(2_000)).catch(() => undefined);
    if (this.#rows.length > 0) this.#options.log.warn({ rows: this.#rows.length }, 'rows of the history of syncs are lost');
  }

  /** Resolves when the signal is aborted. */
  async pruneLoop(signal: AbortSignal): Promise<void> {
    const { db, retention, log } = this.#options;
    while (!signal.aborted) {
      const pruned = await pruneHistory(db, retention).catch((error: unknown) => {
        log.debug({ err: error }, 'the history of syncs could not be pruned');
        return 0;
      });
      await delay(pruned > 0 ? PRUNE_PAUSE_MS : PRUNE_EVERY_MS, signal).catch(() => undefined);
    }
  }

  async #flush(signal: AbortSignal): Promise<void> {
    this.#wake = Promise.withResolvers();
    for (let row = this.#rows[0]; row !== undefined; row = this.#rows[0]) {
      const waiting = row;
      if (await this.#stored(() => appendSync(this.#options.db, waiting))) this.#metrics.written();
      if (this.#rows[0] === waiting) this.#rows.shift();
    }
    for (const [uid, told] of this.#objects) {
      await this.#stored(() => this.#options.db.transaction((tx) => store(tx, uid, told)));
      if (this.#objects.get(uid) === told) this.#objects.delete(uid);
      if (told.blame !== undefined) await this.#blame(told.blame, signal);
    }
  }

  /** What the database refuses would be refused again: it is dropped. @throws while the database is away */
  async #stored(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (error instanceof StreamSpaceError && error.code === 'DatabaseUnavailable') throw error;
      this.#options.log.error({ err: error }, 'the database refused a part of the history of syncs');
      this.#metrics.dropped();
      return false;
    }
  }

  async #blame(wish: BlameWish, signal: AbortSignal): Promise<void> {
    const found: readonly Blame[] = await wish.find(this.#options.db, signal).catch((error: unknown) => {
      this.#options.log.debug({ err: error }, 'the commits of files could not be told');
      return [];
    });
    await this.#stored(() => saveBlame(this.#options.db, wish.uid, found));
  }
}

async function store(tx: Queryable, uid: string, { objects }: Told): Promise<void> {
  if (objects === undefined) await forgetObjects(tx, uid);
  else await saveObjects(tx, objects());
}

async function settled(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const ended = Promise.withResolvers<void>();
  const onAbort = (): void => ended.resolve();
  if (signal.aborted) return;
  signal.addEventListener('abort', onAbort, { once: true });
  await Promise.race([promise, ended.promise]);
  signal.removeEventListener('abort', onAbort);
}
