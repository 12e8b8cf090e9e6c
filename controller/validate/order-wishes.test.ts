import { expect, test } from 'vitest';
import { wantedObject } from '../plan/fixtures.ts';
import { orderProblems, orderWishOf } from './order-wishes.ts';

const WAVE = 'streamspace.io/wave';
const NEEDS = 'streamspace.io/depends-on';
const a = (annotations: Readonly<Record<string, string>>, name = 'a', kind = 'ConfigMap') =>
  wantedObject(kind, name, { annotations, ...(kind === 'Namespace' ? { namespace: '' } : {}) });
const messages = (...objects: Parameters<typeof orderProblems>[0]): readonly string[] =>
  orderProblems(objects).map(({ message }) => message);

test('wave and dependencies are read as written; an object that says nothing is in wave 0', () => {
  expect(orderWishOf(a({ [WAVE]: '-3', [NEEDS]: '/Secret/demo/s, apps/Deployment/demo/d' }).manifest.object)).toEqual({
    wave: -3,
    needs: ['/Secret/demo/s', 'apps/Deployment/demo/d'],
  });
  expect(orderWishOf(a({}).manifest.object)).toEqual({ wave: 0, needs: [] });
});

test('what cannot be read is a problem, and which annotation it is', () => {
  const problems = orderProblems([a({ [WAVE]: 'first', [NEEDS]: 'Secret/s' })]);
  expect(problems.map(({ annotation }) => annotation)).toEqual([WAVE, NEEDS]);
  expect(problems[1]?.message).toContain('"Secret/s"');
});

test('a dependency has to be in the set, and not later than what depends on it', () => {
  expect(messages(a({ [NEEDS]: '/Secret/demo/s' }))).toEqual(['it depends on Secret demo/s, which is not in the same set']);
  expect(messages(a({ [NEEDS]: '/ConfigMap/demo/b' }), a({ [WAVE]: '2' }, 'b'))[0]).toMatch(/comes later \(waves, wave 2\)/);
  expect(messages(a({ [NEEDS]: '/ConfigMap/demo/b' }, 'n', 'Namespace'), a({ [WAVE]: '-5' }, 'b'))[0]).toMatch(/comes later/);
  expect(messages(a({ [NEEDS]: '/Namespace//n', [WAVE]: '-5' }), a({}, 'n', 'Namespace'))).toEqual([]);
});

test('a circle is printed as a path with the place of each', () => {
  expect(messages(a({ [NEEDS]: '/ConfigMap/demo/a' }))).toEqual(['it depends on itself']);
  expect(
    messages(
      a({ [NEEDS]: '/ConfigMap/demo/b' }),
      a({ [NEEDS]: '/ConfigMap/demo/c' }, 'b'),
      a({ [NEEDS]: '/ConfigMap/demo/b' }, 'c'),
    ),
  ).toEqual([
    'it depends on itself in the end: ConfigMap demo/b (b.yaml:1) -> ConfigMap demo/c (c.yaml:1) -> ConfigMap demo/b (b.yaml:1)',
  ]);
});
