// Where each ref was when it was last asked for. A hint (a push hook) makes an answer old, a drift does not: repair needs no
// Git server.
import type { Resolved } from '../../git/choose-ref.ts';
import { describeRef, type GitRef } from '../../git/commit-sha.ts';
import type { GitSource, Repository } from '../../git/source.ts';

interface Known {
  readonly resolved: Resolved;
  /** When it was asked, not when it was answered: a push in between makes it old. */
  readonly askedAt: number;
}

export class GitRevisions {
  readonly #source: Pick<GitSource, 'resolve'>;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  readonly #hintedAt = new Map<string, number>();
  readonly #listeners = new Map<string, Set<() => void>>();

  constructor(source: Pick<GitSource, 'resolve'>, now: () => number = () => performance.now()) {
    this.#source = source;
    this.#now = now;
  }

  /** Asks the server unless it was asked for this ref, with these credentials' owner, less than `maxAgeMs` ago. */
  async resolve(owner: string, repository: Repository, ref: GitRef, maxAgeMs: number, signal: AbortSignal): Promise<Resolved> {
    const key = `${owner} ${repository.url} ${describeRef(ref)}`;
    const known = this.#known.get(key);
    const askedAt = this.#now();
    const hintedAt = this.#hintedAt.get(comparableUrl(repository.url)) ?? Number.NEGATIVE_INFINITY;
    if (known !== undefined && askedAt - known.askedAt < maxAgeMs && known.askedAt > hintedAt) return known.resolved;
    this.#known.delete(key); // an error must not leave an old answer behind
    const resolved = await this.#source.resolve(repository, ref, signal);
    this.#known.set(key, { resolved, askedAt });
    return resolved;
  }

  /** Somebody says that this repository has something new. */
  hint(url: string): void {
    const key = comparableUrl(url);
    this.#hintedAt.set(key, this.#now());
    for (const listener of this.#listeners.get(key) ?? []) listener();
  }

  /** @param time on the clock of this object, which is that of `performance` unless another was given */
  hintedSince(url: string, time: number): boolean {
    return (this.#hintedAt.get(comparableUrl(url)) ?? Number.NEGATIVE_INFINITY) > time;
  }

  /** Calls `listener` at each hint until it is disposed. */
  onHint(url: string, listener: () => void): Disposable {
    const key = comparableUrl(url);
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return {
      [Symbol.dispose]: () => {
        listeners.delete(listener);
        if (listeners.size === 0) this.#listeners.delete(key);
      },
    };
  }

  forget(owner: string): void {
    for (const key of this.#known.keys()) if (key.startsWith(`${owner} `)) this.#known.delete(key);
  }
}

/** Two spellings of one repository are one: the host's case, `.git` and a slash at the end. */
export function comparableUrl(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? url : `${parsed.protocol}//${parsed.host}${parsed.pathname.replace(/\/+$/, '').replace(/\.git$/, '')}`;
}
