// Git over http(s) with isomorphic-git: a bare, full-history clone a repository, asked with one round trip, fetched when the
// ref moved, never pulled and never checked out. A force-push just moves. A damaged clone is removed and made again.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import git, { type HttpClient } from 'isomorphic-git';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { type FileChange, lastChanges } from './blame.ts';
import {
  type CommitFacts,
  type CommitSha,
  describeRef,
  factsOf,
  type GitCredentials,
  type GitRef,
  parseCommitSha,
} from './commit-sha.ts';
import { historyReader } from './history-reader.ts';
import type { GitTransport } from './http.ts';
import type { Snapshot } from './snapshot.ts';
import type { SourceTree } from './source-tree.ts';
import { BlobCache, findEntry, type ReadOptions, readFileAt, readSnapshot } from './tree.ts';

export interface Repository {
  readonly url: string;
  readonly credentials?: GitCredentials | undefined;
}

interface Clone {
  readonly gitdir: string;
  /** isomorphic-git keeps parsed pack indexes here; without it a read costs a hundred times more. */
  cache: object;
  /** The end of the last piece of work; the next one waits for it. */
  tail: Promise<unknown>;
  lastUsedAt: number;
}

/** Pack files pile up, one a fetch; beyond this many the clone is made again, which leaves one. */
const MAX_PACKS = 200;
/** A sync of the same repository waits no longer than this for whoever asks about history. */
const BLAME_MS = 200;
/** Parsed indexes of a clone that nobody used for this long are dropped from memory. */
const CACHE_IDLE_MS = 10 * 60_000;

export class GitSource {
  readonly #directory: string;
  readonly #transport: GitTransport;
  readonly #clones = new Map<string, Clone>();
  readonly #blobs = new BlobCache();

  /** @param options.directory holds the clones, each in a folder named by a hash of its URL */
  constructor(options: { readonly directory: string; readonly transport: GitTransport }) {
    this.#directory = options.directory;
    this.#transport = options.transport;
  }

  /** Where the ref is now: one round trip. For a pinned commit it only proves that the repository may be read. */
  async resolve(repository: Repository, ref: GitRef, signal: AbortSignal): Promise<CommitSha> {
    const http = this.#http(repository, signal);
    const wanted = ref.tag === undefined ? `refs/heads/${ref.branch ?? 'main'}` : `refs/tags/${ref.tag}`;
    const refs = await attempt(repository.url, signal, () =>
      git.listServerRefs({ http, url: repository.url, protocolVersion: 1, peelTags: true }),
    );
    if (refs.some((each) => each.oid.length === 64))
      throw new StreamSpaceError('GitObjectFormat', `${repository.url} uses SHA-256 object names`);
    if (ref.commit !== undefined) return parseCommitSha(ref.commit);
    const found = refs.find((each) => each.ref === wanted);
    if (found === undefined)
      throw new StreamSpaceError('GitRefNotFound', `there is no ${describeRef(ref)} in ${repository.url}`, {
        facts: { url: repository.url, ref: wanted },
      });
    return parseCommitSha(found.peeled ?? found.oid);
  }

  /** Makes sure that the commit is in the clone. Costs nothing when it is. */
  async fetch(repository: Repository, ref: GitRef, sha: CommitSha, signal: AbortSignal): Promise<CommitFacts> {
    return await this.#exclusive(repository.url, async (clone) => {
      const known = await this.#commit(clone, sha);
      if (known !== undefined) return known;
      // A damaged clone may say that it has what it cannot give: the second try starts from nothing.
      for (const fresh of ref.commit === undefined ? [false, true] : [false]) {
        if (fresh) await this.#remove(clone);
        await this.#download(repository, ref, clone, signal);
        const fetched = await this.#commit(clone, sha);
        if (fetched !== undefined) return fetched;
      }
      throw ref.commit === undefined
        ? new StreamSpaceError('GitReadIncomplete', `${describeRef(ref)} of ${repository.url} moved while it was fetched`)
        : new StreamSpaceError('GitRefNotFound', `no branch of ${repository.url} holds commit ${sha}`);
    });
  }

  /** The tree below `folder` at a commit that {@link fetch} brought. A damaged clone is made again, once. */
  async snapshot(repository: Repository, ref: GitRef, sha: CommitSha, folder: string, signal: AbortSignal): Promise<Snapshot> {
    return await this.tree(repository, ref, sha, signal).snapshot(folder);
  }

  /** A look at a commit that {@link fetch} brought; nothing is read before it is asked for. A damaged clone is made again, once. */
  tree(repository: Repository, ref: GitRef, sha: CommitSha, signal: AbortSignal): SourceTree {
    const trees: ReadOptions['trees'] = new Map();
    const at = <T>(read: (options: ReadOptions) => Promise<T>): Promise<T> =>
      this.#exclusive(repository.url, async (clone) => {
        const options = () => ({ gitdir: clone.gitdir, cache: clone.cache, blobs: this.#blobs, sha, signal, trees });
        try {
          return await read(options());
        } catch (error) {
          if (error instanceof StreamSpaceError && error.code !== 'GitReadIncomplete') throw error;
          signal.throwIfAborted();
        }
        await this.#remove(clone);
        await this.#download(repository, ref, clone, signal);
        return await read(options());
      });
    return {
      idAt: (path) => at(async (options) => (await findEntry(options, path))?.oid),
      snapshot: (folder) => at((options) => readSnapshot(options, folder)),
      file: (path) => at((options) => readFileAt(options, path)),
    };
  }

  /** A commit or tag object as it is stored; `undefined` for what the clone does not hold, or holds damaged. */
  async object(repository: Repository, id: string): Promise<Uint8Array | undefined> {
    return await this.#exclusive(repository.url, async ({ gitdir, cache }) => await readObject(gitdir, cache, id));
  }

  /** The id of the object that a tag names: of the annotated tag, or of the commit. @param options.fresh asks the server anew */
  async tagId(
    repository: Repository,
    ref: GitRef,
    options: { readonly fresh: boolean },
    signal: AbortSignal,
  ): Promise<string | undefined> {
    return await this.#exclusive(repository.url, async (clone) => {
      if (options.fresh) await this.#download(repository, ref, clone, signal);
      return await git.resolveRef({ fs, gitdir: clone.gitdir, ref: `refs/streamspace/tags/${ref.tag}` }).catch(() => undefined);
    });
  }

  /** Whether `ancestor` is in the history of `sha`; `false` for what the clone does not hold. */
  async descends(repository: Repository, sha: CommitSha, ancestor: CommitSha): Promise<boolean> {
    return await this.#exclusive(repository.url, async ({ gitdir, cache }) => {
      try {
        return sha === ancestor || (await git.isDescendent({ fs, gitdir, cache, oid: sha, ancestor, depth: 1000 }));
      } catch {
        return false;
      }
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
    return await this.#exclusive(repository.url, async (clone) => {
      const now = (): number => performance.now();
      return await lastChanges(historyReader(clone), sha, files, { maxCommits: 2_000, deadline: now() + BLAME_MS, now });
    });
  }

  #http(repository: Repository, signal: AbortSignal): HttpClient {
    const url = URL.parse(repository.url);
    if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
      throw new StreamSpaceError('GitUrlInvalid', 'the URL is no http or https URL without user and password');
    return this.#transport.client({ url: repository.url, credentials: repository.credentials, signal });
  }

  async #commit({ gitdir, cache }: Clone, sha: CommitSha): Promise<CommitFacts | undefined> {
    try {
      const { commit } = await git.readCommit({ fs, gitdir, cache, oid: sha });
      return factsOf(commit);
    } catch {
      return undefined; // not there, or not readable: either way it is fetched
    }
  }

  async #download(repository: Repository, ref: GitRef, clone: Clone, signal: AbortSignal): Promise<void> {
    const { url } = repository;
    if (countPacks(clone.gitdir) > MAX_PACKS) await this.#remove(clone);
    const http = this.#http(repository, signal);
    const options = { fs, http, gitdir: clone.gitdir, cache: clone.cache, url, remote: 'origin', tags: false };
    await attempt(url, signal, async () => {
      await fs.promises.mkdir(clone.gitdir, { recursive: true });
      await git.init({ fs, gitdir: clone.gitdir, bare: true });
      await git.addRemote({ fs, gitdir: clone.gitdir, remote: 'origin', url, force: true });
      if (ref.commit !== undefined) {
        await git.fetch({ ...options, singleBranch: false });
        return;
      }
      const remoteRef = ref.tag === undefined ? `refs/heads/${ref.branch ?? 'main'}` : `refs/tags/${ref.tag}`;
      const { fetchHead } = await git.fetch({ ...options, singleBranch: true, ref: remoteRef, remoteRef });
      // A name of our own: what we have is told to the server at the next fetch, for a tag too.
      if (fetchHead !== null)
        await git.writeRef({
          fs,
          gitdir: clone.gitdir,
          ref: `refs/streamspace/${remoteRef.slice(5)}`,
          value: fetchHead,
          force: true,
        });
    });
  }

  async #remove(clone: Clone): Promise<void> {
    await fs.promises.rm(clone.gitdir, { recursive: true, force: true });
    clone.cache = {};
  }

  /** One piece of work at a time on a clone; other clones go on. */
  async #exclusive<T>(url: string, work: (clone: Clone) => Promise<T>): Promise<T> {
    const now = performance.now();
    for (const each of this.#clones.values()) if (now - each.lastUsedAt > CACHE_IDLE_MS) each.cache = {};
    const name = createHash('sha256').update(url).digest('hex').slice(0, 32);
    const clone = this.#clones.get(name) ?? {
      gitdir: path.join(this.#directory, name),
      cache: {},
      tail: Promise.resolve(),
      lastUsedAt: now,
    };
    this.#clones.set(name, clone);
    clone.lastUsedAt = now;
    const turn = clone.tail.then(() => work(clone));
    clone.tail = turn.catch(() => undefined);
    return await turn;
  }
}

/** Checked against its id: what is verified must be what was asked for. */
async function readObject(gitdir: string, cache: object, oid: string): Promise<Uint8Array | undefined> {
  try {
    const { type, object } = await git.readObject({ fs, gitdir, cache, oid, format: 'content' });
    if (!(object instanceof Uint8Array)) return undefined;
    const id = createHash('sha1').update(`${type} ${object.length}\0`).update(object).digest('hex');
    return id === oid ? object : undefined;
  } catch {
    return undefined;
  }
}

function countPacks(gitdir: string): number {
  const folder = path.join(gitdir, 'objects', 'pack');
  return fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => name.endsWith('.pack')).length : 0;
}

/** isomorphic-git's own errors become ours; ours pass. */
async function attempt<T>(url: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StreamSpaceError) throw error;
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    if (/sha256|object-format/i.test(reason))
      throw new StreamSpaceError('GitObjectFormat', `${url} uses SHA-256 object names`, { cause: error });
    if (error instanceof git.Errors.NotFoundError)
      throw new StreamSpaceError('GitRefNotFound', `${url}: ${reason}`, { facts: { url }, cause: error });
    throw new StreamSpaceError('GitUnreachable', `${url} could not be read: ${reason}`, { facts: { url }, cause: error });
  }
}
