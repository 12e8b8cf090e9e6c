import { expect, test } from 'vitest';
import { matches, objectPathOf, parseObject } from './sync-address.ts';

test('an object is named by kind and name, with namespace or group where that is needed, or by its id', () => {
  expect(parseObject('Namespace/team-web')).toEqual({ kind: 'Namespace', name: 'team-web' });
  expect(parseObject('deployment/team-web/api')).toEqual({ kind: 'deployment', namespace: 'team-web', name: 'api' });
  expect(parseObject('apps/Deployment/team-web/api')).toMatchObject({ group: 'apps', namespace: 'team-web' });
  expect(parseObject('/Namespace//team-web')).toEqual({ group: '', kind: 'Namespace', namespace: '', name: 'team-web' });
  for (const text of ['api', 'Deployment/', '/a', 'a//b', 'apps/Deployment/x/'])
    expect(() => parseObject(text)).toThrow(expect.objectContaining({ code: 'UsageInvalid' }));
});

test('what is left out matches any, the case of a kind does not matter, that of a name does', () => {
  const object = { group: 'apps', kind: 'Deployment', namespace: 'team-web', name: 'api' };
  expect(matches({ kind: 'deployment', name: 'api' }, object)).toBe(true);
  expect(matches({ kind: 'Deployment', name: 'API' }, object)).toBe(false);
  expect(matches({ kind: 'Deployment', namespace: 'other', name: 'api' }, object)).toBe(false);
  expect(matches({ group: '', kind: 'Deployment', name: 'api' }, object)).toBe(false);
});

test('no name gets out of its place in an address', () => {
  expect(objectPathOf({ group: '', kind: 'Namespace', namespace: '', name: 'a' })).toBe('/objects/core/Namespace/-/a');
  const name = 'system:node/../x?y';
  expect(objectPathOf({ group: 'g', kind: 'K', namespace: 'n', name })).toBe('/objects/g/K/n/system%3Anode%2F..%2Fx%3Fy');
});
