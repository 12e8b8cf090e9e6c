import fc from 'fast-check';
import { expect, test } from 'vitest';
import { covers } from './covers.ts';

test('what the API server adds does not count, what it lost does', () => {
  const wanted = { spec: { ports: [{ name: 'rfb', port: 5900 }] } };
  expect(covers({ spec: { ports: [{ name: 'rfb', port: 5900, protocol: 'TCP' }], type: 'ClusterIP' } }, wanted)).toBe(true);
  expect(covers({ spec: { ports: [{ name: 'rfb', port: 5901 }] } }, wanted)).toBe(false);
  expect(covers({ spec: { ports: [] } }, wanted)).toBe(false);
  expect(covers({ spec: { ports: [{ name: 'rfb', port: 5900 }, { port: 22 }] } }, wanted)).toBe(false);
});

test('an empty object that was dropped is no difference', () => {
  expect(covers({}, { podSelector: {} })).toBe(true);
  expect(covers({}, { podSelector: { matchLabels: { a: 'b' } } })).toBe(false);
});

test('quantities are compared by value, and only where they are quantities', () => {
  expect(covers({ cpu: '500m' }, { cpu: '0.5' })).toBe(true);
  expect(covers({ memory: '1Gi' }, { memory: '1024Mi' })).toBe(true);
  expect(covers({ memory: '1G' }, { memory: '1Gi' })).toBe(false);
  expect(covers({ value: '500m' }, { value: '0.5' })).toBe(false);
});

test('every value covers itself', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(covers(value, value)).toBe(true);
    }),
  );
});
