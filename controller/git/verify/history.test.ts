import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CommitSha, parseCommitSha } from '../commit-sha.ts';
import { newCommits } from './history.ts';
import type { SignedCommit } from './signed-object.ts';

const sha = (index: number): CommitSha => parseCommitSha(index.toString(16).padStart(40, '0'));

/** A history: commit `i` has parents among those before it. */
function historyOf(parents: readonly (readonly number[])[], times: readonly number[]) {
  const commits = new Map<CommitSha, SignedCommit>(
    parents.map((list, index) => [
      sha(index),
      { payload: new Uint8Array(), signature: undefined, parents: list.map(sha), committedAt: times[index] ?? index },
    ]),
  );
  return async (id: CommitSha) => commits.get(id);
}

function ancestors(parents: readonly (readonly number[])[], of: number): ReadonlySet<number> {
  const found = new Set<number>();
  const visit = (index: number): void => {
    if (found.has(index)) return;
    found.add(index);
    for (const parent of parents[index] ?? []) visit(parent);
  };
  visit(of);
  return found;
}

const graphs = fc.integer({ min: 1, max: 30 }).chain((size) =>
  fc.record({
    parents: fc.tuple(
      ...Array.from({ length: size }, (_, index) =>
        index === 0 ? fc.constant([]) : fc.uniqueArray(fc.nat(index - 1), { maxLength: 3 }),
      ),
    ),
    times: fc.array(fc.nat(50), { minLength: size, maxLength: size }),
    tip: fc.nat(size - 1),
    base: fc.nat(size - 1),
  }),
);

test('S-018 what is new is what git rev-list says, and the tip, whatever the clocks said', async () => {
  await fc.assert(
    fc.asyncProperty(graphs, async ({ parents, times, tip, base }) => {
      const given = await newCommits(historyOf(parents, times), sha(tip), sha(base));
      const old = ancestors(parents, base);
      const wanted = [...ancestors(parents, tip)].filter((index) => !old.has(index) || index === tip);
      expect(given.map((each) => each.sha).toSorted()).toEqual(wanted.map(sha).toSorted());
    }),
  );
});

test('more new commits than the limit are an error, and so is one that is not there', async () => {
  const line = Array.from({ length: 100 }, (_, index) => (index === 0 ? [] : [index - 1]));
  const read = historyOf(line, []);
  expect(await newCommits(read, sha(99), sha(50), 60)).toHaveLength(49);
  await expect(newCommits(read, sha(99), sha(1), 60)).rejects.toMatchObject({ code: 'SignatureRangeTooLarge' });
  await expect(newCommits(historyOf([[5]], []), sha(0), sha(7))).rejects.toMatchObject({ code: 'GitReadIncomplete' });
});

test('a base that a rewritten history has taken away leaves everything new', async () => {
  expect(await newCommits(historyOf([[], [0], [1]], []), sha(2), sha(9))).toHaveLength(3);
});
