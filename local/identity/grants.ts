// Where the identity provider keeps what it has handed out. Most of it lives in memory, for the minutes that it counts; what a
// client may ask again with lives in a file, so that a restart of the provider signs nobody out.
import { readFileSync } from 'node:fs';
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';
import * as z from 'zod';
import type { Logger } from '../../runtime/log/log.ts';
import { writeFileAtomically } from '../state/files.ts';

const LASTING: ReadonlySet<string> = new Set(['Grant', 'RefreshToken']);
/** A demonstration for a few people: whoever floods it loses the oldest. */
const MAX_ENTRIES = 5_000;

const savedEntries = z.array(z.tuple([z.string(), z.object({ payload: z.looseObject({}), expiresAtMs: z.number() })]));

interface Entry {
  readonly payload: AdapterPayload;
  readonly expiresAtMs: number;
}

/** @param file left out: everything is in memory. One that cannot be read is begun anew. */
export function grantsAdapter(file: string | undefined, log: Logger): AdapterFactory {
  const store = new GrantStore(file, log);
  return (model) => store.adapter(model);
}

class GrantStore {
  readonly #file: string | undefined;
  readonly #log: Logger;
  readonly #entries = new Map<string, Entry>();
  #saving: Promise<void> = Promise.resolve();

  constructor(file: string | undefined, log: Logger) {
    this.#file = file;
    this.#log = log;
    for (const [key, entry] of file === undefined ? [] : this.#read(file)) this.#entries.set(key, entry);
  }

  adapter(model: string): Adapter {
    const keyOf = (id: string): string => `${model}:${id}`;
    const lasting = LASTING.has(model);
    return {
      upsert: async (id, payload, expiresIn) => {
        this.#put(keyOf(id), {
          payload,
          expiresAtMs: expiresIn === undefined ? Number.MAX_SAFE_INTEGER : Date.now() + expiresIn * 1000,
        });
        if (lasting) await this.#save();
      },
      find: async (id) => this.#get(keyOf(id)),
      findByUid: async (uid) => this.#search(model, (payload) => payload.uid === uid),
      findByUserCode: async (code) => this.#search(model, (payload) => payload.userCode === code),
      consume: async (id) => {
        const entry = this.#entries.get(keyOf(id));
        if (entry === undefined) return;
        entry.payload.consumed = Math.floor(Date.now() / 1000);
        if (lasting) await this.#save();
      },
      destroy: async (id) => {
        if (this.#entries.delete(keyOf(id)) && lasting) await this.#save();
      },
      // Asked of every kind of token that belongs to the grant.
      revokeByGrantId: async (grantId) => {
        for (const [key, { payload }] of this.#entries) if (payload.grantId === grantId) this.#entries.delete(key);
        await this.#save();
      },
    };
  }

  #get(key: string): AdapterPayload | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.expiresAtMs > Date.now() ? entry.payload : undefined;
  }

  #search(model: string, fits: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    for (const [key, { payload }] of this.#entries) if (key.startsWith(`${model}:`) && fits(payload)) return this.#get(key);
    return undefined;
  }

  #put(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size <= MAX_ENTRIES) return;
    const now = Date.now();
    for (const [old, { expiresAtMs }] of this.#entries) if (expiresAtMs <= now) this.#entries.delete(old);
    for (const old of this.#entries.keys()) {
      if (this.#entries.size <= MAX_ENTRIES) break;
      this.#entries.delete(old);
    }
  }

  #read(file: string): readonly (readonly [string, Entry])[] {
    try {
      return savedEntries.parse(JSON.parse(readFileSync(file, 'utf8')));
    } catch (error) {
      const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!isMissing) this.#log.warn({ err: error }, 'what was handed out before cannot be read; everybody signs in again');
      return [];
    }
  }

  /** One after another, each with what is there by then. */
  async #save(): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    const saved = this.#saving.then(async () => {
      const isLasting = ([key]: readonly [string, Entry]): boolean => LASTING.has(key.split(':', 1)[0] ?? '');
      const entries = [...this.#entries].filter(isLasting).filter(([, { expiresAtMs }]) => expiresAtMs > Date.now());
      await writeFileAtomically(file, JSON.stringify(entries));
    });
    this.#saving = saved.catch(() => undefined);
    await saved;
  }
}
