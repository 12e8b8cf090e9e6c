import { expect, test } from 'vitest';
import { declaredFields } from './declared-fields.ts';

const applied = (fieldsV1: object, more: object = {}) => ({ manager: 'sync', operation: 'Apply', fieldsV1, ...more });

test('what the manager applied is given, and what defaults or others added is not', () => {
  const object = {
    metadata: {
      managedFields: [
        { manager: 'kubectl', operation: 'Update', fieldsV1: { 'f:spec': { 'f:others': {} } } },
        applied({ 'f:status': { 'f:phase': {} } }, { subresource: 'status' }),
        applied({
          'f:spec': {
            'f:title': {},
            'f:rules': { 'f:max': {} },
            'f:list': { '.': {}, 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:on': {} } },
            'f:tags': { 'v:"x"': {} },
            'f:atomic': {},
            'f:nothing': { '.': {} },
          },
        }),
      ],
    },
    spec: {
      ...{ title: 'T', others: 1, rules: { max: 3, min: 0 }, atomic: [{ deep: { er: 1 } }], nothing: { by: 'default' } },
      list: [
        { name: 'a', on: true, port: 80 },
        { name: 'b', on: true },
      ],
      tags: ['x', 'y'],
    },
  };
  expect(declaredFields(object, 'spec', 'sync')).toEqual({
    ...{ title: 'T', rules: { max: 3 }, atomic: [{ deep: { er: 1 } }], nothing: {} },
    ...{ list: [{ name: 'a', on: true }], tags: ['x'] },
  });
});

test('of what the manager did not apply nothing is given', () => {
  expect(declaredFields({ metadata: {} }, 'spec', 'sync')).toBeUndefined();
  const object = { metadata: { managedFields: [applied({ 'f:metadata': {} })] }, spec: { a: 1 } };
  expect(declaredFields(object, 'spec', 'sync')).toBeUndefined();
  expect(declaredFields(object, 'spec', 'other')).toBeUndefined();
});
