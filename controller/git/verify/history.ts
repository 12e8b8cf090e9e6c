// Which commits came since a revision: `git rev-list base..tip`, all parents.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { CommitSha } from '../commit-sha.ts';
import type { SignedCommit } from './signed-object.ts';

export interface NewCommit {
  readonly sha: CommitSha;
  readonly commit: SignedCommit;
}

/** `undefined` for a commit that the clone does not hold. */
export type ReadCommit = (sha: CommitSha) => Promise<SignedCommit | undefined>;

/** Of a normal week; more are not verified at once, so that a sync has an end. */
export const MAX_NEW_COMMITS = 2000;
/** Old ones included: a revision far back in a long history is not searched for ever. */
const MAX_READ = 20_000;
/** How many old commits are walked on when only old ones are left: a clock that was wrong hides that many. Git's is 5. */
const SLOP = 100;

interface Node extends NewCommit {
  old: boolean;
}

/**
 * The tip first. A commit is left out only when `base` really descends from it; with clocks that were far wrong too many
 * commits may be given, never too few. The tip is always given.
 * @throws GitReadIncomplete, SignatureRangeTooLarge
 */
export async function newCommits(
  read: ReadCommit,
  tip: CommitSha,
  base: CommitSha | undefined,
  max = MAX_NEW_COMMITS,
): Promise<readonly NewCommit[]> {
  const walk = new Walk(read);
  await walk.reach(tip, false);
  if (base !== undefined && base !== tip) await walk.reach(base, true);
  if (base === tip) return walk.given(tip);
  let extra = 0;
  for (let node = walk.next(); node !== undefined; node = walk.next()) {
    if (!walk.waitsForNew()) extra += node.old ? 1 : 0;
    if (extra > SLOP) break;
    for (const parent of node.commit.parents) await walk.reach(parent, node.old);
    if (walk.countNew() > max) throw tooMany(`there are more than ${max} commits since ${base ?? 'the beginning'}`);
  }
  return walk.given(tip);
}

function tooMany(message: string): StreamSpaceError {
  return new StreamSpaceError('SignatureRangeTooLarge', message);
}

class Walk {
  readonly #read: ReadCommit;
  readonly #nodes = new Map<CommitSha, Node>();
  /** By time, the latest last. */
  readonly #queue: Node[] = [];
  #waitingNew = 0;
  #new = 0;

  constructor(read: ReadCommit) {
    this.#read = read;
  }

  /** Notes a commit; one that was taken for new and is old after all takes its ancestors along. */
  async reach(sha: CommitSha, old: boolean): Promise<void> {
    const known = this.#nodes.get(sha);
    if (known !== undefined) {
      if (old && !known.old) this.#ageFrom(known);
      return;
    }
    const commit = await this.#read(sha);
    if (commit === undefined) {
      // An old revision that is gone with a rewritten history: then everything counts as new.
      if (old) return;
      throw new StreamSpaceError('GitReadIncomplete', `the clone cannot give commit ${sha}`);
    }
    const node = { sha, commit, old };
    this.#nodes.set(sha, node);
    if (this.#nodes.size > MAX_READ) throw tooMany(`more than ${MAX_READ} commits were walked`);
    this.#enqueue(node);
    if (!old) this.#new += 1;
  }

  next(): Node | undefined {
    const node = this.#queue.pop();
    if (node !== undefined && !node.old) this.#waitingNew -= 1;
    return node;
  }

  waitsForNew(): boolean {
    return this.#waitingNew > 0;
  }

  countNew(): number {
    return this.#new;
  }

  given(tip: CommitSha): readonly NewCommit[] {
    return [...this.#nodes.values()].filter(({ sha, old }) => !old || sha === tip);
  }

  #enqueue(node: Node): void {
    const time = node.commit.committedAt;
    let low = 0;
    let high = this.#queue.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#queue[middle]?.commit.committedAt ?? 0) <= time) low = middle + 1;
      else high = middle;
    }
    this.#queue.splice(low, 0, node);
    if (!node.old) this.#waitingNew += 1;
  }

  #ageFrom(first: Node): void {
    const waiting = new Set(this.#queue);
    const stack = [first];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (node.old) continue;
      node.old = true;
      this.#new -= 1;
      if (waiting.has(node)) this.#waitingNew -= 1;
      for (const parent of node.commit.parents) {
        const known = this.#nodes.get(parent);
        if (known !== undefined) stack.push(known);
      }
    }
  }
}
