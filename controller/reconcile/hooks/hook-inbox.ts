// Where hooks go once they are believed: into the database, where they outlive this process and reach whoever syncs the GitSync; without
// one, and while it is away, into the memory of this process, as polling makes up for what is lost.
import type { Logger } from '../../../runtime/log/log.ts';
import { type HookMetrics, NO_HOOK_METRICS } from './hook-metrics.ts';

export interface GitSyncKey {
  readonly namespace: string;
  readonly name: string;
}

export interface HookOptions {
  /** Names one delivery of one GitSync; one that was seen does nothing. */
  readonly delivery?: string | undefined;
  /** Spreads what one push wakes; all hooks of a GitSync until then are one. Default: at once. */
  readonly delayMs?: number;
}

export interface HookStore {
  /** Rejects when it cannot be stored now. */
  store(keys: readonly GitSyncKey[], options: HookOptions): Promise<'noted' | 'repeated'>;
}

export interface HookInboxPorts {
  /** Left out: no database. */
  readonly store?: HookStore | undefined;
  /** A GitSync may have something new. */
  readonly look: (key: GitSyncKey) => void;
  readonly metrics?: HookMetrics;
  readonly log: Logger;
}

/** About a day of a busy forge. */
const MAX_DELIVERIES = 10_000;

export class HookInbox {
  readonly #ports: HookInboxPorts;
  readonly #metrics: HookMetrics;
  /** Of this process, the oldest first; those that others took are in the database. */
  readonly #deliveries = new Set<string>();
  /** In memory. */
  readonly #waiting = new Set<string>();
  #away = false;

  constructor(ports: HookInboxPorts) {
    this.#ports = ports;
    this.#metrics = ports.metrics ?? NO_HOOK_METRICS;
  }

  seen(key: GitSyncKey, delivery: string): boolean {
    const seen = this.#deliveries.has(`${idOf(key)} ${delivery}`);
    if (seen) this.#metrics.taken('none');
    return seen;
  }

  /** Resolves when it is stored, or waits in memory. Never rejects. */
  async take(keys: readonly GitSyncKey[], options: HookOptions = {}): Promise<'noted' | 'repeated'> {
    const [first] = keys;
    if (first === undefined) return 'noted';
    if (options.delivery !== undefined) this.#remember(`${idOf(first)} ${options.delivery}`);
    const stored = await this.#stored(keys, options);
    this.#metrics.taken(stored === undefined ? 'memory' : stored === 'noted' ? 'database' : 'none');
    if (stored !== undefined) return stored;
    for (const key of keys) this.#wait(key, options.delayMs ?? 0);
    return 'noted';
  }

  async #stored(keys: readonly GitSyncKey[], options: HookOptions): Promise<'noted' | 'repeated' | undefined> {
    const { store, log } = this.#ports;
    if (store === undefined) return undefined;
    try {
      const outcome = await store.store(keys, options);
      if (this.#away) log.info('hooks are stored in the database again');
      this.#away = false;
      return outcome;
    } catch (error) {
      if (!this.#away) log.warn({ err: error }, 'hooks wait in memory: they cannot be stored in the database');
      this.#away = true;
      return undefined;
    }
  }

  #remember(delivery: string): void {
    this.#deliveries.add(delivery);
    const [oldest] = this.#deliveries;
    if (this.#deliveries.size > MAX_DELIVERIES && oldest !== undefined) this.#deliveries.delete(oldest);
  }

  #wait(key: GitSyncKey, delayMs: number): void {
    const { look } = this.#ports;
    if (delayMs <= 0) {
      look(key);
      return;
    }
    const id = idOf(key);
    if (this.#waiting.has(id)) return;
    this.#waiting.add(id);
    setTimeout(() => {
      this.#waiting.delete(id);
      look(key);
    }, delayMs).unref();
  }
}

function idOf({ namespace, name }: GitSyncKey): string {
  return `${namespace}/${name}`;
}
