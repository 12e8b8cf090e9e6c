// When a unit is rendered again, and when not.
import { expect, test } from 'vitest';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { memoryTree } from './fixtures.ts';
import { KeptRenders } from './kept-renders.ts';
import type { RenderedUnit, RenderUnit } from './render.ts';
import type { Unit } from './unit.ts';
import { renderYaml } from './yaml/yaml.ts';

const signal = new AbortController().signal;
const unit = (path: string): Unit => ({ name: path, path, renderer: 'Auto', entrypoint: 'main.ts' });
const yaml: RenderUnit = async (tree, { path }) => ({
  renderer: 'Yaml',
  ...(await renderYaml(await tree.snapshot(path), signal)),
});
const configMap = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;

/** Counts what is really rendered, on a clock of its own. */
function counted(render: RenderUnit) {
  const rendered: string[] = [];
  const clock = { ms: 0 };
  const kept = new KeptRenders({
    render: async (tree, each, stop) => {
      rendered.push(each.path);
      return await render(tree, each, stop);
    },
    now: () => clock.ms,
    random: () => 0.999,
  });
  return { kept, rendered, clock };
}

test('S-025 of 200 units only the one whose path a commit touches is rendered again', async () => {
  const files = new Map(Array.from({ length: 200 }, (_, index) => [`units/${index}/a.yaml`, configMap(`c${index}`)]));
  const tree = memoryTree(files);
  const { kept, rendered } = counted(yaml);
  const all = () =>
    Promise.all(Array.from({ length: 200 }, (_, index) => kept.render(tree, unit(`units/${index}`), 'one', signal)));
  await all();
  expect(rendered).toHaveLength(200);
  files.set('units/7/a.yaml', configMap('new'));
  files.set('README.md', 'beside all units');
  const outcomes = await all();
  expect(rendered.slice(200)).toEqual(['units/7']);
  expect(
    outcomes.flatMap((each) => (each.outcome === 'rendered' ? each.rendered.manifests : [])).map(({ name }) => name),
  ).toContain('new');
});

test('what a unit read beside its own folder counts as its own: a changed base renders it again, another file does not', async () => {
  const files = new Map([
    ['app/a.yaml', configMap('a')],
    ['base/b.yaml', configMap('b')],
    ['lib/c.yaml', configMap('c')],
  ]);
  const tree = memoryTree(files);
  const { kept, rendered } = counted(async (source, each, stop) => {
    await source.snapshot('base');
    await source.file('lib/c.yaml');
    await source.file('lib/missing.yaml');
    return await yaml(source, each, stop);
  });
  const times = async (): Promise<number> => {
    await kept.render(tree, unit('app'), 'one', signal);
    return rendered.length;
  };
  expect([await times(), await times()]).toEqual([1, 1]);
  files.set('lib/other.yaml', 'x');
  expect(await times()).toBe(1);
  files.set('base/b.yaml', configMap('changed'));
  expect(await times()).toBe(2);
  files.set('lib/missing.yaml', 'there now');
  expect(await times()).toBe(3);
});

test('S-088 a unit that throws at every render is tried after 750 ms, later and later up to 15 minutes, and at once when it changes', async () => {
  const files = new Map([['bad/a.yaml', 'x']]);
  const tree = memoryTree(files);
  const { kept, rendered, clock } = counted(async () => {
    throw new StreamSpaceError('RenderFailed', 'x');
  });
  const waits: number[] = [];
  for (let time = 0; time < 16; time += 1) {
    const outcome = await kept.render(tree, unit('bad'), 'one', signal);
    if (outcome.outcome === 'rendered') throw new Error('it must fail');
    expect(outcome.error.code).toBe('RenderFailed');
    const early = await kept.render(tree, unit('bad'), 'one', signal);
    expect(early).toMatchObject({ outcome: 'failed', retryInMs: outcome.retryInMs });
    waits.push(outcome.retryInMs);
    clock.ms += outcome.retryInMs;
  }
  expect(rendered).toHaveLength(16);
  expect(waits.slice(0, 3)).toEqual([750, 1499, 2999]);
  expect(Math.max(...waits)).toBeLessThanOrEqual(15 * 60_000);
  expect(waits.at(-1)).toBeGreaterThan(14 * 60_000);
  files.set('bad/a.yaml', 'y');
  await kept.render(tree, unit('bad'), 'one', signal);
  expect(rendered).toHaveLength(17);
});

test('what is no mistake of the unit is not remembered: the clone, or a stop', async () => {
  const tree = memoryTree({ 'a/a.yaml': 'x' });
  const broken = counted(async () => {
    throw new StreamSpaceError('GitReadIncomplete', 'x');
  });
  for (let time = 0; time < 2; time += 1)
    await expect(broken.kept.render(tree, unit('a'), 'one', signal)).rejects.toMatchObject({ code: 'GitReadIncomplete' });
  expect(broken.rendered).toHaveLength(2);
  const stop = new AbortController();
  const stopped = counted(async () => {
    stop.abort(new Error('stopped'));
    throw new StreamSpaceError('RenderFailed', 'killed');
  });
  await expect(stopped.kept.render(tree, unit('a'), 'one', stop.signal)).rejects.toThrow('stopped');
});

test('the memory has a bound: what nobody asked for longest is dropped first', async () => {
  const big = async (): Promise<RenderedUnit> => {
    const { manifests } = await renderYaml(await memoryTree({ 'a.yaml': configMap('a') }).snapshot(''), signal);
    return {
      renderer: 'Yaml',
      warnings: [],
      manifests: Array.from({ length: 20_000 }, () => manifests[0]).flatMap((each) => each ?? []),
    };
  };
  const tree = memoryTree({ 'a/x': '1', 'b/x': '1', 'c/x': '1' });
  const { kept, rendered } = counted(big);
  for (const path of ['a', 'b', 'a', 'c', 'a', 'b']) await kept.render(tree, unit(path), 'one', signal);
  expect(rendered).toEqual(['a', 'b', 'c', 'b']);
});

test('a folder that is not there is looked for at every commit, and waits for one', async () => {
  const files = new Map([['README.md', 'x']]);
  const tree = memoryTree(files);
  const { kept } = counted(yaml);
  const missing = { outcome: 'failed', error: { code: 'GitPathNotFound' }, retryInMs: Number.POSITIVE_INFINITY };
  expect(await kept.render(tree, unit('late'), 'one', signal)).toMatchObject(missing);
  files.set('late/a.yaml', configMap('a'));
  expect(await kept.render(tree, unit('late'), 'one', signal)).toMatchObject({ outcome: 'rendered' });
});

test('of each GitSync a unit is kept as it is and as it was before, and nothing once the GitSync is gone', async () => {
  const files = new Map([['a/x.yaml', '']]);
  const tree = memoryTree(files);
  const { kept, rendered } = counted(yaml);
  const at = async (revision: number, asker: string): Promise<number> => {
    files.set('a/x.yaml', configMap(`v${revision}`));
    await kept.render(tree, unit('a'), asker, signal);
    return rendered.length;
  };
  const rendersOf = async (asker: string, ...revisions: readonly number[]): Promise<readonly number[]> => {
    const counts: number[] = [];
    for (const revision of revisions) counts.push(await at(revision, asker));
    return counts;
  };
  expect(await rendersOf('one', 1, 2, 1, 2, 3, 2)).toEqual([1, 2, 2, 2, 3, 3]); // a revert costs nothing
  expect(await rendersOf('one', 1)).toEqual([4]); // what is older is rendered again
  expect(await rendersOf('two', 1)).toEqual([4]); // the same content of another GitSync is not
  kept.forget('one');
  expect(await rendersOf('two', 1, 2)).toEqual([4, 5]); // what one alone had went with it
});
