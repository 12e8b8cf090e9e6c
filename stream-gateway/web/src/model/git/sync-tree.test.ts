import fc from 'fast-check';
import { expect, test } from 'vitest';
import { treeNode } from '../../../test/objects.ts';
import { countByHealth, cutGroups, GROUPINGS, groupNodes, HEALTH_ORDER, matches, tookMs } from './sync-tree.ts';

const nodes = fc.array(
  fc
    .record({
      kind: fc.constantFrom('ConfigMap', 'Deployment', 'Secret'),
      namespace: fc.constantFrom('', 'a', 'b'),
      name: fc.constantFrom('x', 'y', 'z'),
      health: fc.constantFrom(...HEALTH_ORDER),
      unit: fc.constantFrom(null, 'one', 'two'),
    })
    .map(({ kind, namespace, name, ...rest }) => treeNode(`/${kind}/${namespace}/${name}`, rest)),
);

test('grouping loses no object and adds none, and its counts add up', () => {
  fc.assert(
    fc.property(nodes, fc.constantFrom(...GROUPINGS), (all, by) => {
      const grouped = groupNodes(all, by).flatMap((group) => group.nodes);
      expect(grouped).toHaveLength(all.length);
      expect(new Set(grouped)).toEqual(new Set(all));
      expect(Object.values(countByHealth(all)).reduce((sum, count) => sum + count, 0)).toBe(all.length);
    }),
  );
});

test('a cut list is the beginning of the whole one', () => {
  fc.assert(
    fc.property(nodes, fc.nat(10), (all, limit) => {
      const whole = groupNodes(all, 'kind');
      const cut = cutGroups(whole, limit).flatMap((group) => group.nodes);
      expect(cut).toEqual(whole.flatMap((group) => group.nodes).slice(0, limit));
    }),
  );
});

test('what needs somebody stands on top, and a group is as healthy as its worst object', () => {
  const groups = groupNodes(
    [
      treeNode('apps/Deployment/web/a', { health: 'Healthy' }),
      treeNode('apps/Deployment/web/b', { health: 'Degraded' }),
      treeNode('/ConfigMap/web/c', { health: 'Healthy' }),
    ],
    'kind',
  );
  expect(groups.map(({ key, health, nodes: members }) => [key, health, members.map(({ name }) => name)])).toEqual([
    ['Deployment', 'Degraded', ['b', 'a']],
    ['ConfigMap', 'Healthy', ['c']],
  ]);
});

test.each([
  ['depl WEB', true],
  ['apps/web.yaml', true],
  ['deployment other', false],
  ['', true],
])('a search for "%s" finds it: %s', (search, found) => {
  expect(matches(treeNode('apps/Deployment/team/web', { file: 'apps/web.yaml' }), search)).toBe(found);
});

test('a sync that ends before it began took no known time', () => {
  expect(tookMs({ startedAt: '2026-11-24T10:00:01Z', finishedAt: '2026-11-24T10:00:00Z' })).toBeNull();
  expect(tookMs({ startedAt: '2026-11-24T10:00:00Z', finishedAt: '2026-11-24T10:00:02Z' })).toBe(2000);
});
