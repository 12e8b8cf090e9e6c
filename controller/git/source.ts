// Where a repository is, and what is in it: asked with one round trip, fetched when the ref moved, never pulled and never checked
// out. A force-push just moves. Whoever asks waits a little for a download; one that takes longer goes on without him.
import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { chooseRef, prefixesOf, type Resolved } from './choose-ref.ts';
import { type FileChange, lastChanges } from './clone/blame.ts';
import { BlobCache } from './clone/blob-cache.ts';
import { Clone } from './clone/clone.ts';
import { historyReader } from './clone/history-reader.ts';
import { findEntry, type ReadOptions, readFileAt, readSnapshot } from './clone/tree.ts';
import { type CommitFacts, type CommitSha, describeRef, type GitRef } from './commit-sha.ts';
import { SNAPSHOT_LIMITS, type Snapshot, type SnapshotLimits } from './snapshot.ts';
import type { SourceTree } from './source-tree.ts';
import type { RemoteRef } from './wire/advertisement.ts';
import type { GitCredentials } from './wire/credentials.ts';
import { download } from './wire/download.ts';
import { Downloads } from './wire/downloads.ts';
import { GIT_HTTP_LIMITS, type GitTransport } from './wire/http.ts';
import { RefList } from './wire/list-refs.ts';

export interface Repository {
  readonly url: string;
  readonly credentials?: GitCredentials | undefined;
  /** Whose credentials these are: a clone is shared by those alone who may read with the same ones. */
  readonly scope?: string | undefined;
  readonly limits?: SnapshotLimits | undefined;
}

export interface GitSourceLimits {
  /** For the list of refs, all in all. Default 60 s. */
  readonly resolveMs: number;
  /** For a download, all in all. Default 30 min. */
  readonly fetchMs: number;
  /** How long whoever asks waits for a download. Default 20 s. */
  readonly patienceMs: number;
  /** Of one download. */
  readonly maxBytes: number;
}

export const GIT_SOURCE_LIMITS: GitSourceLimits = {
  resolveMs: 60_000,
  fetchMs: 30 * 60_000,
  patienceMs: 20_000,
  maxBytes: GIT_HTTP_LIMITS.maxBytes,
};

/** Whoever asks about history waits no longer than this for one answer. */
const BLAME_MS = 200;

/** Clones that nobody asked for in so long are removed from the disk. */
const KEEP_MS = 7 * 24 * 3_600_000;
const SWEEP_MS = 3_600_000;

export class GitSource implements AsyncDisposable {
  readonly #directory: string;
  readonly #transport: GitTransport;
  readonly #limits: GitSourceLimits;
  readonly #refs: RefList;
  readonly #clones = new Map<string, Clone>();
  readonly #downloads: Downloads;
  readonly #blobs = new BlobCache();
  #sweptAt = Date.now();

  /** @param options.directory holds the clones, each in a folder named by a hash */
  constructor(options: {
    readonly directory: string;
    readonly transport: GitTransport;
    readonly limits?: Partial<GitSourceLimits>;
  }) {
    this.#directory = options.directory;
    this.#transport = options.transport;
    this.#limits = { ...GIT_SOURCE_LIMITS, ...options.limits };
    this.#refs = new RefList(options.transport);
    this.#downloads = new Downloads(this.#limits);
  }

  /** Where the ref is now. For a pinned commit it only proves that the repository may be read. */
  async resolve(repository: Repository, ref: GitRef, signal: AbortSignal): Promise<Resolved> {
    const { url } = repository;
    const limited = AbortSignal.any([signal, AbortSignal.timeout(this.#limits.resolveMs)]);
    try {
      return chooseRef(url, ref, await this.#refs.list(repository, prefixesOf(ref), limited));
    } catch (error) {
      signal.throwIfAborted();
      if (!limited.aborted) throw error;
      const message = `${url} did not tell its refs within ${this.#limits.resolveMs} ms`;
      throw new StreamSpaceError('GitUnreachable', message, { facts: { url }, cause: error });
    }
  }

  /**
   * Makes sure that the commit is in the clone. Costs nothing when it is.
   * @param ref one that {@link resolve} gave
   * @throws GitFetchRunning when the download takes longer; it goes on, and a later call finds what it brought
   */
  async fetch(repository: Repository, ref: GitRef, sha: CommitSha, signal: AbortSignal): Promise<CommitFacts> {
    const clone = this.#clone(repository);
    const known = await clone.commit(sha);
    if (known !== undefined) return known;
    await this.#download(repository, ref, sha, signal);
    const fetched = await clone.commit(sha);
    if (fetched !== undefined) return fetched;
    throw ref.commit === undefined
      ? new StreamSpaceError('GitReadIncomplete', `${describeRef(ref)} of ${repository.url} moved while it was fetched`)
      : new StreamSpaceError('GitRefNotFound', `no branch or tag of ${repository.url} holds commit ${sha}`);
  }

  /** The tree below `folder` at a commit that {@link fetch} brought. A damaged clone is made again, once. */
  async snapshot(repository: Repository, ref: GitRef, sha: CommitSha, folder: string, signal: AbortSignal): Promise<Snapshot> {
    return await this.tree(repository, ref, sha, signal).snapshot(folder);
  }

  /** A look at a commit that {@link fetch} brought; nothing is read before it is asked for. A damaged clone is made again, once. */
  tree(repository: Repository, ref: GitRef, sha: CommitSha, signal: AbortSignal): SourceTree {
    const trees: ReadOptions['trees'] = new Map();
    const limits = repository.limits ?? SNAPSHOT_LIMITS;
    const at = <T>(read: (options: ReadOptions) => Promise<T>): Promise<T> =>
      this.#reading(repository, ref, sha, signal, (clone) =>
        read({ objects: clone.objects, blobs: this.#blobs, clone: clone.gitdir, limits, sha, signal, trees }),
      );
    return {
      idAt: (path) => at(async (options) => (await findEntry(options, path))?.oid),
      snapshot: (folder) => at((options) => readSnapshot(options, folder)),
      file: (path) => at((options) => readFileAt(options, path)),
    };
  }

  /** A commit or tag object as it is stored; `undefined` for what the clone does not hold, or holds damaged. */
  async object(repository: Repository, id: string): Promise<Uint8Array | undefined> {
    return await this.#clone(repository).object(id);
  }

  /** The object of an annotated tag, fetched where the clone does not hold it: a tag may be signed anew at the same commit. */
  async tagObject(repository: Repository, { ref, objectId }: Resolved, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const known = await this.object(repository, objectId);
    if (known !== undefined) return known;
    await this.#download(repository, ref, objectId, signal);
    return await this.object(repository, objectId);
  }

  /** The branches and tags of the server that begin so, as they are now. */
  async listRefs(repository: Repository, prefixes: readonly string[], signal: AbortSignal): Promise<readonly RemoteRef[]> {
    return await this.#refs.list(repository, prefixes, AbortSignal.any([signal, AbortSignal.timeout(this.#limits.resolveMs)]));
  }

  /** Work on the objects of the clone of a repository that was fetched; downloads wait meanwhile. */
  async inClone<T>(repository: Repository, work: (clone: Clone) => Promise<T>): Promise<T> {
    const clone = this.#clone(repository);
    return await clone.exclusive(() => work(clone));
  }

  /** Whether `ancestor` is in the history of `sha`; `false` for what the clone does not hold. */
  async descends(repository: Repository, sha: CommitSha, ancestor: CommitSha, signal: AbortSignal): Promise<boolean> {
    return await this.#clone(repository).descends(sha, ancestor, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#downloads[Symbol.asyncDispose]();
    for (const clone of this.#clones.values()) clone[Symbol.dispose]();
  }

  async #reading<T>(
    repository: Repository,
    ref: GitRef,
    sha: CommitSha,
    signal: AbortSignal,
    read: (clone: Clone) => Promise<T>,
  ): Promise<T> {
    const clone = this.#clone(repository);
    try {
      return await read(clone);
    } catch (error) {
      if (!(error instanceof StreamSpaceError) || error.code !== 'GitReadIncomplete') throw error;
      signal.throwIfAborted();
    }
    await clone.exclusive(() => clone.remove());
    await this.#download(repository, ref, sha, signal);
    return await read(clone);
  }

  async #download(repository: Repository, ref: GitRef, id: CommitSha, signal: AbortSignal): Promise<void> {
    const clone = this.#clone(repository);
    await this.#downloads.run(`${clone.gitdir} ${describeRef(ref)} ${id}`, repository.url, signal, async (within) => {
      await clone.exclusive(async () => {
        within.throwIfAborted();
        const speaks2 = this.#refs.speaks2(repository.url);
        const { maxBytes } = this.#limits;
        const options = { target: repository, ref, id, clone, transport: this.#transport, speaks2, maxBytes };
        // Another download may have brought it meanwhile.
        if ((await clone.object(id)) !== undefined) return;
        await download(options, within);
        // A damaged clone may say that it has what it cannot give: the second try starts from nothing.
        if (ref.commit !== undefined || (await clone.object(id)) !== undefined) return;
        await clone.remove();
        await download(options, within);
      });
      await this.#sweep();
    });
  }

  /**
   * The commits that last changed these files, as far as {@link BLAME_MS} allow; call it again for the rest.
   * @param files by path, with the content that is known already
   */
  async lastChanges(
    repository: Repository,
    sha: CommitSha,
    files: ReadonlyMap<string, string | undefined>,
  ): Promise<readonly FileChange[]> {
    const now = (): number => performance.now();
    const reader = historyReader(this.#clone(repository).objects);
    return await lastChanges(reader, sha, files, { maxCommits: 2_000, deadline: now() + BLAME_MS, now });
  }

  #clone({ url, scope = '' }: Repository): Clone {
    const name = createHash('sha256').update(`${scope}\n${url}`).digest('hex').slice(0, 32);
    const known = this.#clones.get(name);
    if (known !== undefined) return known;
    const clone = new Clone(path.join(this.#directory, name));
    this.#clones.set(name, clone);
    const now = new Date();
    fs.utimes(clone.gitdir, now, now).catch(() => undefined); // not there yet: nothing to keep from the sweep
    return clone;
  }

  /** Clones of repositories that no GitSync of this process named, and none before it for a while. */
  async #sweep(): Promise<void> {
    const now = Date.now();
    if (now - this.#sweptAt < SWEEP_MS) return;
    this.#sweptAt = now;
    for (const name of await fs.readdir(this.#directory)) {
      if (this.#clones.has(name)) continue;
      const folder = path.join(this.#directory, name);
      const { mtimeMs } = await fs.stat(folder);
      if (now - mtimeMs > KEEP_MS) await fs.rm(folder, { recursive: true, force: true });
    }
  }
}
