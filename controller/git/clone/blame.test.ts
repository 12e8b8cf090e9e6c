import { expect, test } from 'vitest';
import { type HistoryReader, lastChanges } from './blame.ts';

interface Made {
  readonly parents: readonly string[];
  /** `a/b` -> content. */
  readonly files: Readonly<Record<string, string>>;
}

/** A history of commits whose trees have the ids that their content gives, as Git's have. */
function historyOf(commits: Readonly<Record<string, Made>>): HistoryReader & { reads: number } {
  const trees = new Map<string, readonly { path: string; oid: string }[]>();
  const treeOf = (files: Readonly<Record<string, string>>): string => {
    const folders = Map.groupBy(Object.entries(files), ([path]) => path.split('/', 1)[0] ?? '');
    const entries = [...folders].map(([path, members]) => {
      const inside = Object.fromEntries(members.map(([file, content]) => [file.slice(path.length + 1), content]));
      return { path, oid: Object.hasOwn(inside, '') ? `blob ${inside['']}` : treeOf(inside) };
    });
    const oid = `tree ${JSON.stringify(entries)}`;
    trees.set(oid, entries);
    return oid;
  };
  const made = new Map(Object.entries(commits).map(([oid, { parents, files }]) => [oid, { parents, tree: treeOf(files) }]));
  return {
    reads: 0,
    async commit(oid) {
      this.reads += 1;
      const found = made.get(oid);
      return found && { ...found, facts: { author: `author of ${oid}`, message: oid, time: '2026-01-01T00:00:00Z' } };
    },
    tree: async (oid) => trees.get(oid) ?? [],
  };
}

const LIMITS = { maxCommits: 100, deadline: 1, now: () => 0 };
const unknown = (...files: readonly string[]): ReadonlyMap<string, undefined> => new Map(files.map((file) => [file, undefined]));

const HISTORY = {
  one: { parents: [], files: { 'a.yaml': '1', 'dir/b.yaml': '1' } },
  two: { parents: ['one'], files: { 'a.yaml': '2', 'dir/b.yaml': '1' } },
  side: { parents: ['one'], files: { 'a.yaml': '1', 'dir/b.yaml': 'side' } },
  merge: { parents: ['two', 'side'], files: { 'a.yaml': '2', 'dir/b.yaml': 'side' } },
  tip: { parents: ['merge'], files: { 'a.yaml': '2', 'dir/b.yaml': 'side', 'c.yaml': 'new' } },
};

test('a file is traced to the commit that changed it, through a merge to the side that it came from', async () => {
  const found = await lastChanges(historyOf(HISTORY), 'tip', unknown('a.yaml', 'dir/b.yaml', 'c.yaml', 'gone.yaml'), LIMITS);
  expect(found.map(({ file, changed }) => [file, changed?.revision])).toEqual([
    ['a.yaml', 'two'],
    ['dir/b.yaml', 'side'],
    ['c.yaml', 'tip'],
  ]);
  expect(found[0]?.changed?.facts.author).toBe('author of two');
});

test('a file that still has the known content is not looked at', async () => {
  const history = historyOf(HISTORY);
  expect(await lastChanges(history, 'tip', new Map([['a.yaml', 'blob 2']]), LIMITS)).toEqual([]);
  expect(history.reads).toBe(1);
});

test('beyond the bound, and where the clone ends, it says that it does not know', async () => {
  const [near] = await lastChanges(historyOf(HISTORY), 'tip', unknown('a.yaml'), { ...LIMITS, maxCommits: 2 });
  expect(near).toEqual({ file: 'a.yaml', blob: 'blob 2', changed: undefined });
  const { one: _one, ...shallow } = HISTORY;
  const [cut] = await lastChanges(historyOf(shallow), 'tip', unknown('dir/b.yaml'), LIMITS);
  expect(cut?.changed).toBeUndefined();
});

test('when time is up it gives what it has', async () => {
  let time = 0;
  const now = () => {
    time += 1;
    return time;
  };
  const found = await lastChanges(historyOf(HISTORY), 'tip', unknown('c.yaml', 'a.yaml'), { maxCommits: 100, deadline: 3, now });
  expect(found.map(({ file }) => file)).toEqual(['c.yaml']);
});
