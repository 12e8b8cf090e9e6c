import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { dependentsOf, startOrder } from './unit.ts';

test('every unit comes after all that it depends on, whatever the order they are given in', () => {
  // Unit i depends on some of the units before it, so there is no cycle.
  const graphs = fc
    .integer({ min: 1, max: 12 })
    .chain((size) =>
      fc.tuple(
        ...Array.from({ length: size }, (_, index) =>
          fc.subarray(Array.from({ length: index }, (_unused, before) => `u${before}`)),
        ),
      ),
    );
  fc.assert(
    fc.property(graphs, fc.infiniteStream(fc.nat()), (dependencies, random) => {
      const units = dependencies.map((dependsOn, index) => ({ name: `u${index}`, dependsOn }));
      const shuffled = units.map((unit) => ({ unit, at: random.next().value ?? 0 })).sort((a, b) => a.at - b.at);
      const order = startOrder(shuffled.map(({ unit }) => unit));
      for (const { name, dependsOn } of units) {
        for (const dependency of dependsOn) expect(order.indexOf(dependency)).toBeLessThan(order.indexOf(name));
      }
      expect(order.toSorted()).toEqual(units.map(({ name }) => name).toSorted());
    }),
  );
});

test('a cycle is refused with its path', () => {
  const units = [
    { name: 'a', dependsOn: ['b'] },
    { name: 'b', dependsOn: ['a'] },
  ];
  expect(() => startOrder(units)).toThrow('a -> b -> a');
});

test('a dependency that is not there and a name used twice are refused', () => {
  expect(() => startOrder([{ name: 'a', dependsOn: ['nobody'] }])).toThrow(/a depends on nobody/);
  expect(() =>
    startOrder([
      { name: 'a', dependsOn: [] },
      { name: 'a', dependsOn: [] },
    ]),
  ).toThrow(/twice/);
});

test('dependents are the reverse of dependencies', () => {
  const dependents = dependentsOf([
    { name: 'etcd', dependsOn: [] },
    { name: 'api', dependsOn: ['etcd'] },
    { name: 'kubelet', dependsOn: ['api', 'etcd'] },
  ]);
  expect(Object.fromEntries(dependents)).toEqual({ etcd: ['api', 'kubelet'], api: ['kubelet'], kubelet: [] });
});
