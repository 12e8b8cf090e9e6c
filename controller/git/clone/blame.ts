// Which commit last changed a file: what `git log -1 -- FILE` says, without a walk of the whole history for each. Bounded, by
// commits and by time: who asks for a file of ten years ago is told that it is older than was looked.
import type { CommitFacts } from '../commit-sha.ts';

export interface HistoryReader {
  /** `undefined` where the clone ends. */
  commit(
    oid: string,
  ): Promise<{ readonly tree: string; readonly parents: readonly string[]; readonly facts: CommitFacts } | undefined>;
  tree(oid: string): Promise<readonly { readonly path: string; readonly oid: string }[]>;
}

export interface FileChange {
  readonly file: string;
  /** The id of its content. */
  readonly blob: string;
  /** Left out: further back than was looked. */
  readonly changed?: { readonly revision: string; readonly facts: CommitFacts } | undefined;
}

export interface BlameLimits {
  /** Of one file. */
  readonly maxCommits: number;
  /** Of one call. What was not looked at is missing in the answer. */
  readonly deadline: number;
  readonly now: () => number;
}

/** @param files the content that is known already, if any: a file that still has it is not looked at */
export async function lastChanges(
  reader: HistoryReader,
  revision: string,
  files: ReadonlyMap<string, string | undefined>,
  { maxCommits, deadline, now }: BlameLimits,
): Promise<readonly FileChange[]> {
  const walk = new Walk(reader);
  const found: FileChange[] = [];
  for (const [file, known] of files) {
    if (now() > deadline) break;
    const blob = await walk.blobAt(revision, file);
    if (blob === undefined || blob === known) continue;
    const changed = await walk.changeOf(revision, file, blob, () => now() > deadline, maxCommits);
    if (changed === 'out of time' && found.length > 0) break;
    // A file that takes a whole call for itself counts as one that is older than was looked, or it would be asked for ever.
    found.push({ file, blob, changed: changed === 'out of time' ? undefined : changed });
  }
  return found;
}

class Walk {
  readonly #reader: HistoryReader;
  readonly #commits = new Map<string, ReturnType<HistoryReader['commit']>>();
  readonly #trees = new Map<string, Promise<ReadonlyMap<string, string>>>();

  constructor(reader: HistoryReader) {
    this.#reader = reader;
  }

  /** Along those parents that have the same content, as `git log` simplifies a history. */
  async changeOf(
    revision: string,
    file: string,
    blob: string,
    late: () => boolean,
    maxCommits: number,
  ): Promise<FileChange['changed'] | 'out of time'> {
    let at = revision;
    for (let seen = 0; seen < maxCommits; seen += 1) {
      if (late()) return 'out of time';
      const commit = await this.#commit(at);
      if (commit === undefined) return undefined;
      const same = await this.#parentWith(commit.parents, file, blob);
      if (same === undefined) return { revision: at, facts: commit.facts };
      if (same === 'unknown') return undefined;
      at = same;
    }
    return undefined;
  }

  async #parentWith(parents: readonly string[], file: string, blob: string): Promise<string | 'unknown' | undefined> {
    for (const parent of parents) {
      if ((await this.#commit(parent)) === undefined) return 'unknown';
      if ((await this.blobAt(parent, file)) === blob) return parent;
    }
    return undefined;
  }

  async blobAt(revision: string, file: string): Promise<string | undefined> {
    let oid = (await this.#commit(revision))?.tree;
    for (const part of file.split('/')) {
      if (oid === undefined) return undefined;
      oid = (await this.#tree(oid)).get(part);
    }
    return oid;
  }

  #commit(oid: string): ReturnType<HistoryReader['commit']> {
    const known = this.#commits.get(oid) ?? this.#reader.commit(oid);
    this.#commits.set(oid, known);
    return known;
  }

  #tree(oid: string): Promise<ReadonlyMap<string, string>> {
    const known =
      this.#trees.get(oid) ?? this.#reader.tree(oid).then((entries) => new Map(entries.map((entry) => [entry.path, entry.oid])));
    this.#trees.set(oid, known);
    return known;
  }
}
