// A bare clone on disk, with the whole history and nothing checked out. It is a cache: what is damaged is removed and fetched
// again. Downloads of one clone follow one another; reads go on meanwhile.
import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { fullName } from '../choose-ref.ts';
import type { CommitFacts, CommitSha, GitRef } from '../commit-sha.ts';
import { parseCommit } from './git-objects.ts';
import { runGit } from './git-process.ts';
import { ObjectReader } from './object-reader.ts';
import { MAX_COMMIT_BYTES } from './tree.ts';

/** A fetch adds a pack; beyond this many the small ones are joined. */
const MAX_PACKS = 32;
/** Children that read are ended when nobody asked for so long. */
const IDLE_MS = 60_000;

export class Clone implements Disposable {
  readonly gitdir: string;
  readonly #objects: ObjectReader;
  readonly #idle: NodeJS.Timeout;
  /** The end of the last download; the next one waits for it. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(gitdir: string) {
    this.gitdir = gitdir;
    this.#objects = new ObjectReader(gitdir);
    this.#idle = setTimeout(() => this.#objects[Symbol.dispose](), IDLE_MS).unref();
  }

  get objects(): ObjectReader {
    this.#idle.refresh();
    return this.#objects;
  }

  /** `undefined` when it is not there, or not readable: either way it is fetched. */
  async commit(sha: CommitSha): Promise<CommitFacts | undefined> {
    const bytes = await this.object(sha);
    try {
      return bytes === undefined ? undefined : parseCommit(bytes).facts;
    } catch {
      return undefined;
    }
  }

  /** Of a commit that is there. @throws GitReadIncomplete */
  async parentsOf(sha: CommitSha): Promise<readonly string[]> {
    const found = await this.objects.read(sha, MAX_COMMIT_BYTES);
    if (found === undefined) throw new StreamSpaceError('GitReadIncomplete', `the clone does not hold ${sha}`);
    return parseCommit(found.bytes).parents;
  }

  /** A commit or a tag; `undefined` when it is not there, or not readable. */
  async object(id: string): Promise<Buffer | undefined> {
    if (!(await exists(path.join(this.gitdir, 'HEAD')))) return undefined;
    try {
      return (await this.objects.read(id, MAX_COMMIT_BYTES))?.bytes;
    } catch {
      return undefined;
    }
  }

  /** Exact, however long the history is; `false` for what the clone does not hold. */
  async descends(sha: CommitSha, ancestor: CommitSha, signal: AbortSignal): Promise<boolean> {
    if (sha === ancestor) return true;
    if ((await this.commit(sha)) === undefined || (await this.commit(ancestor)) === undefined) return false;
    const base = await runGit(['rev-list', '--max-count=1', ancestor, `^${sha}`, '--'], { gitdir: this.gitdir }, signal);
    return base.trim() === ''; // nothing of the ancestor's history is outside of the commit's
  }

  /** One at a time. */
  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work);
    this.#tail = turn.catch(() => undefined);
    return await turn;
  }

  /** Whatever a killed fetch left behind is taken away. Only in {@link exclusive}. */
  async prepare(signal: AbortSignal): Promise<void> {
    if (!(await exists(path.join(this.gitdir, 'HEAD')))) {
      await fs.rm(this.gitdir, { recursive: true, force: true });
      await fs.mkdir(this.gitdir, { recursive: true, mode: 0o700 });
      await runGit(['init', '--quiet', '--bare', '--template=', '--initial-branch=none'], { gitdir: this.gitdir }, signal);
      return;
    }
    for (const folder of ['', 'refs/one', 'objects/pack']) {
      const names = await fs.readdir(path.join(this.gitdir, folder)).catch(() => []);
      const left = names.filter((name) => name.endsWith('.lock') || name.startsWith('tmp_'));
      await Promise.all(left.map((name) => fs.rm(path.join(this.gitdir, folder, name), { force: true, recursive: true })));
    }
  }

  /** Joins small packs; costs what was added since, not what is there. Only in {@link exclusive}. */
  async tidy(signal: AbortSignal): Promise<void> {
    const names = await fs.readdir(path.join(this.gitdir, 'objects/pack')).catch(() => []);
    if (names.filter((name) => name.endsWith('.pack')).length <= MAX_PACKS) return;
    await runGit(['repack', '-d', '-q', '--geometric=2'], { gitdir: this.gitdir }, signal);
  }

  async remove(): Promise<void> {
    this.#objects[Symbol.dispose]();
    await fs.rm(this.gitdir, { recursive: true, force: true });
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#idle);
    this.#objects[Symbol.dispose]();
  }
}

/** For a commit everything that may hold it; else the one ref, under a name that no other can be in the way of. */
export function refSpecs(ref: GitRef): readonly string[] {
  if (ref.commit !== undefined) return ['+refs/heads/*:refs/all/heads/*', '+refs/tags/*:refs/all/tags/*'];
  return [`+${fullName(ref)}:${ownRef(ref)}`];
}

/** One commit by its id, kept under the name of the ref that led to it. */
export function commitRefSpec(ref: GitRef, id: CommitSha): string {
  return `+${id}:${ownRef(ref)}`;
}

function ownRef(ref: GitRef): string {
  return `refs/one/${createHash('sha256').update(fullName(ref)).digest('hex').slice(0, 32)}`;
}

async function exists(file: string): Promise<boolean> {
  return await fs.access(file).then(
    () => true,
    () => false,
  );
}
