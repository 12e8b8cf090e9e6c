import fc from 'fast-check';
import { expect, test } from 'vitest';
import { originsIn, values } from './values.ts';

const FILES = {
  './values/quotas.yaml': 'web: &web\n  limits: {cpu: "4"}\n  list: [{a: 1}]\nops:\n  <<: *web\n',
  './values/list.yaml': '- a\n',
  './values/broken.yaml': 'a: [\n',
};

interface Web {
  readonly limits: { readonly cpu: string };
}
const read = (): Readonly<Record<'web' | 'ops', Web>> => values(FILES, './values/quotas.yaml');

test('a part says where it comes from: as it is, spread into other props, and where it hangs somewhere else', () => {
  const { web, ops } = read();
  expect(web.limits.cpu).toBe('4');
  expect(originsIn(web)).toBe('spec=values/quotas.yaml#web');
  expect(originsIn({ ...web, more: 1 })).toBe('spec=values/quotas.yaml#web');
  expect(originsIn({ scope: 'Team', limits: web.limits })).toBe('spec.limits=values/quotas.yaml#web.limits');
  expect(originsIn({ ...web, limits: ops.limits })).toBe(
    'spec=values/quotas.yaml#web, spec.limits=values/quotas.yaml#ops.limits',
  );
  expect(originsIn({ limits: { cpu: web.limits.cpu } })).toBeUndefined();
  expect(originsIn(read())).toBe('spec=values/quotas.yaml#');
});

test('what is no values file is named', () => {
  expect(() => values(FILES, 'values/gone.yaml')).toThrow(/there is no values\/gone\.yaml among .*quotas\.yaml/);
  expect(() => values(FILES, '../secrets.yaml')).toThrow(/write a name such as values\/quotas\.yaml/);
  expect(() => values(FILES, 'values/list.yaml')).toThrow(/values\/list\.yaml: write a map/);
  expect(() => values(FILES, 'values/broken.yaml')).toThrow(/^values\/broken\.yaml: /);
});

test('whatever is in a file, the props that are made of it are that, and nothing more', () => {
  const tree = fc.letrec<{ map: object }>((tie) => ({
    map: fc.dictionary(
      fc.string({ maxLength: 6 }).filter((key) => !/^(__proto__|<<)$/.test(key)),
      fc.oneof(fc.integer(), tie('map')),
      {
        maxKeys: 3,
        noNullPrototype: true,
      },
    ),
  })).map;
  fc.assert(
    fc.property(tree, (map) => {
      const found = values<object>({ './values/a.yaml': JSON.stringify(map) }, 'values/a.yaml');
      expect(JSON.parse(JSON.stringify(found))).toEqual(map);
      expect(originsIn(found)).toBe('spec=values/a.yaml#');
    }),
  );
});
