import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cycleIn, cycleThrough, levelsOf } from './graph.ts';

const NODES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const someGraph = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...NODES), fc.array(fc.constantFrom(...NODES), { maxLength: 3 })), {
    selector: ([node]) => node,
  })
  .map((entries) => new Map(entries));
/** Edges only to what comes before in the alphabet: no cycle. */
const acyclicGraph = someGraph.map(
  (graph) => new Map([...graph].map(([node, needs]) => [node, needs.filter((need) => need < node)] as const)),
);

test('without a cycle every node has a level, above all that it needs', () => {
  fc.assert(
    fc.property(acyclicGraph, (graph) => {
      const levels = levelsOf(graph);
      expect(new Set(levels.keys())).toEqual(new Set(graph.keys()));
      for (const [node, needs] of graph)
        for (const need of needs) if (graph.has(need)) expect(levels.get(node)).toBeGreaterThan(levels.get(need) ?? -1);
      expect(cycleIn(graph)).toBeUndefined();
    }),
  );
});

test('a cycle is found exactly when a node has no level, and each of its steps is an edge', () => {
  fc.assert(
    fc.property(someGraph, (graph) => {
      const cycle = cycleIn(graph);
      expect(cycle === undefined).toBe(levelsOf(graph).size === graph.size);
      if (cycle === undefined) return;
      expect(cycle[0]).toBe(cycle.at(-1));
      expect(cycle.length).toBeGreaterThan(1);
      for (const [index, node] of cycle.slice(0, -1).entries()) expect(graph.get(node)).toContain(cycle[index + 1]);
    }),
  );
});

test('a way from a node back to itself is found exactly when there is one, and it is made of edges', () => {
  fc.assert(
    fc.property(someGraph, (graph) => {
      const inCycle = [...graph.keys()].filter((node) => cycleThrough(graph, node) !== undefined);
      expect(inCycle.length > 0).toBe(cycleIn(graph) !== undefined);
      for (const node of inCycle) {
        const path = cycleThrough(graph, node) ?? [];
        expect([path[0], path.at(-1)]).toEqual([node, node]);
        for (const [index, each] of path.slice(0, -1).entries()) expect(graph.get(each)).toContain(path[index + 1]);
      }
    }),
  );
});

test('a chain of twenty thousand is no problem, and neither is a circle of them', () => {
  const chain = Array.from({ length: 20_000 }, (_, index) => [`n${index}`, index === 0 ? [] : [`n${index - 1}`]] as const);
  expect(levelsOf(new Map(chain)).get('n19999')).toBe(19_999);
  const circle = new Map<string, readonly string[]>([...chain, ['n0', ['n1']]]);
  expect(cycleIn(circle)).toEqual(['n0', 'n1', 'n0']);
});
