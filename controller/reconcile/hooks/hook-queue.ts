// The queue of hooks with its own connections to the database. Any replica takes a hook; only the one that holds the shard of its GitSync
// acts on it. What comes of another division into shards is for whoever finds it, and is filed anew (ADR 0055).
import * as z from 'zod';
import { databaseOn, openPool } from '../../../runtime/db/database.ts';
import { type GatedDatabase, gateDatabase } from '../../../runtime/db/gated-database.ts';
import { workOnJobs } from '../../../runtime/db/job-worker.ts';
import { type Backoff, backoffMs } from '../../../runtime/kube/watch/backoff.ts';
import type { Logger } from '../../../runtime/log/log.ts';
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { shardOf } from '../../sharding/assign.ts';
import type { GitSyncKey, HookOptions, HookStore } from './hook-inbox.ts';
import type { HookMetrics } from './hook-metrics.ts';
import { HOOK_SCHEMA, HOOK_TASK, storeHooks, tidyHooks, wakeWorkers } from './hook-store.ts';

export interface HookWorkPorts {
  /** Is the shard held by this process now? */
  readonly holds: (shard: number) => boolean;
  /** May throw: it is tried again. */
  readonly look: (key: GitSyncKey) => void;
  readonly givenUp: (key: GitSyncKey, error: unknown) => void;
}

export interface HookQueueOptions {
  readonly url: string;
  /** How many there are. */
  readonly shards: number;
  readonly metrics: HookMetrics;
  readonly log: Logger;
  /** Default 6: four minutes. */
  readonly tries?: number;
  /** Default 5 s. */
  readonly pollMs?: number;
}

/** One listens, one works, one stores. */
const CONNECTIONS = 3;
/** A forge waits ten seconds for an answer. */
const STORE_MS = 2_000;
const RETRY: Backoff = { firstMs: 500, maxMs: 10_000 };
const TIDY_EVERY_MS = 3_600_000;
/** Where nobody of this division holds the shard, two of different ones would hand it to each other. */
const REFILE_MS = 1_000;
const WAKE_SLACK_MS = 20;

const payload = z.object({ namespace: z.string(), name: z.string() });

export class HookQueue implements HookStore, AsyncDisposable {
  readonly #options: HookQueueOptions;
  readonly #pool: ReturnType<typeof openPool>;
  readonly #db: GatedDatabase;
  readonly #stop = new AbortController();
  /** GitSyncs whose time a timer of ours will tell. */
  readonly #told = new Set<string>();
  #loops: readonly Promise<void>[] = [];
  #ready = false;
  #away = false;

  constructor(options: HookQueueOptions) {
    const { url, log } = options;
    this.#options = options;
    this.#pool = openPool({ url, log, maxConnections: CONNECTIONS });
    this.#pool.on('connect', (client) => client.on('error', (error) => log.debug({ err: error }, 'database connection lost')));
    this.#db = gateDatabase(databaseOn(this.#pool), { url, log });
  }

  /** For readiness: it is told, and nothing depends on it. */
  get state(): 'on' | 'waiting for the database' {
    return this.#ready && !this.#away ? 'on' : 'waiting for the database';
  }

  /** Returns at once; from now on hooks are stored and acted on. Call once. */
  work(ports: HookWorkPorts): void {
    const { signal } = this.#stop;
    this.#loops = [this.#workLoop(ports, signal), this.#tidyLoop(signal)];
  }

  async store(keys: readonly GitSyncKey[], { delivery, delayMs = 0 }: HookOptions): Promise<'noted' | 'repeated'> {
    try {
      const outcome = await withinTime(STORE_MS, this.#file(keys, delayMs, delivery));
      this.#away = false;
      return outcome;
    } catch (error) {
      this.#away = true;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the queue of hooks is closed'));
    await Promise.all(this.#loops);
    await Promise.race([this.#db[Symbol.asyncDispose](), timePassed(STORE_MS)]);
  }

  async #file(keys: readonly GitSyncKey[], delayMs: number, delivery?: string): Promise<'noted' | 'repeated'> {
    if (!this.#ready) throw new StreamSpaceError('DatabaseUnavailable', 'the queue of hooks is not ready yet');
    const { shards, tries = 6 } = this.#options;
    const jobs = keys.map((key) => ({ ...key, delayMs, flag: flagOf(shardOf(key, shards), shards) }));
    const outcome = await storeHooks(this.#db, jobs, { delivery, tries });
    if (outcome === 'noted' && delayMs > 0) for (const key of keys) this.#tellLater(key, delayMs);
    return outcome;
  }

  /** The time of a job is none of the queue's news. */
  #tellLater({ namespace, name }: GitSyncKey, delayMs: number): void {
    const id = `${namespace}/${name}`;
    if (this.#told.has(id)) return;
    this.#told.add(id);
    setTimeout(() => {
      this.#told.delete(id);
      if (!this.#stop.signal.aborted) wakeWorkers(this.#db).catch(() => undefined); // else it is found when they next look
    }, delayMs + WAKE_SLACK_MS).unref();
  }

  async #workLoop(ports: HookWorkPorts, signal: AbortSignal): Promise<void> {
    const { shards, metrics, log, pollMs = 5_000 } = this.#options;
    const all = Array.from({ length: shards }, (_, shard) => shard);
    await this.#db.open(signal);
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        await workOnJobs(
          {
            ...{ pool: this.#pool, schema: HOOK_SCHEMA, pollMs, log },
            tasks: { [HOOK_TASK]: async (job) => await this.#act(ports, payload.parse(job)) },
            leave: () => all.filter((shard) => !ports.holds(shard)).map((shard) => flagOf(shard, shards)),
            onReady: () => {
              this.#ready = true;
              failures = 0;
            },
            onFailed: (job, error) => {
              metrics.failed();
              log.warn({ err: error, hook: job }, 'a hook could not be acted on; it is tried again');
            },
            onGivenUp: (job, error) => {
              metrics.givenUp();
              log.error({ err: error, hook: job }, 'a hook is given up');
              const key = payload.safeParse(job);
              if (key.success) ports.givenUp(key.data, error);
            },
          },
          signal,
        );
      } catch (error) {
        log.warn({ err: error }, 'the queue of hooks waits for the database');
      }
      await delay(backoffMs(RETRY, failures, Math.random()), signal).catch(() => undefined);
    }
  }

  async #act({ holds, look }: HookWorkPorts, key: GitSyncKey): Promise<void> {
    if (holds(shardOf(key, this.#options.shards))) look(key);
    else await this.#file([key], REFILE_MS);
  }

  async #tidyLoop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#ready) await tidyHooks(this.#db).catch((error: unknown) => this.#options.log.debug({ err: error }, 'not tidied'));
      await delay(this.#ready ? TIDY_EVERY_MS : RETRY.maxMs, signal).catch(() => undefined);
    }
  }
}

function flagOf(shard: number, shards: number): string {
  return `shard-${shard}-of-${shards}`;
}

async function withinTime<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = timePassed(ms).then(() => {
    throw new StreamSpaceError('DatabaseUnavailable', 'the database does not answer in time');
  });
  late.catch(() => undefined);
  return await Promise.race([work, late]);
}

async function timePassed(ms: number): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
}
