// Answers that are good for a short while. Calls for the same key at the same time share one load; failures are not kept.

export interface ExpiringCacheOptions {
  readonly ttlMs: number;
  /** The oldest entry makes room: what is cached can be asked again. */
  readonly maxEntries: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

interface Entry<V> {
  readonly loadedAt: number;
  readonly value: Promise<V>;
}

export class ExpiringCache<V> {
  readonly #options: ExpiringCacheOptions;
  readonly #entries = new Map<string, Entry<V>>();

  constructor(options: ExpiringCacheOptions) {
    this.#options = options;
  }

  async get(key: string, load: () => Promise<V>): Promise<V> {
    const { ttlMs, maxEntries, now } = this.#options;
    const known = this.#entries.get(key);
    if (known !== undefined && now() - known.loadedAt < ttlMs) return await known.value;
    const entry: Entry<V> = { loadedAt: now(), value: load() };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > maxEntries) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    try {
      return await entry.value;
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }
}
