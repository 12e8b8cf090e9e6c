import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubeObjectJson } from '../../../runtime/kube/types.ts';
import { fits, isOrphan, type OrphanRules } from './is-orphan.ts';

const RULES: OrphanRules = {
  ignore: [],
  gitSyncs: new Set(['streamspace/a']),
  self: { namespace: 'demo', name: 'a', serviceAccountName: 'streamspace-sync' },
};
const CONFIG_MAP = { group: '', kind: 'ConfigMap' };
const object = (name: string, metadata: Partial<KubeObjectJson['metadata']> = {}): KubeObjectJson => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'demo', ...metadata },
});

test('what nobody owns is an orphan, also what a GitSync owned that is gone', () => {
  expect(isOrphan(CONFIG_MAP, object('a'), RULES)).toBe(true);
  expect(isOrphan(CONFIG_MAP, object('a', { annotations: { 'streamspace.io/gitsync': 'streamspace/gone' } }), RULES)).toBe(true);
});

test.each([
  ['owned by a GitSync', CONFIG_MAP, object('a', { annotations: { 'streamspace.io/gitsync': 'streamspace/a' } })],
  ['owned by a controller', CONFIG_MAP, object('a', { ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'u' }] })],
  ['on its way out', CONFIG_MAP, object('a', { deletionTimestamp: '2026-01-01T00:00:00Z' })],
  ['made for a session', CONFIG_MAP, object('a', { labels: { 'streamspace.io/session': 's' } })],
  ['of Kubernetes itself', CONFIG_MAP, object('kube-root-ca.crt')],
  ['the default service account', { group: '', kind: 'ServiceAccount' }, object('default')],
  ['the service account of the GitSync', { group: '', kind: 'ServiceAccount' }, object('streamspace-sync')],
  ['the GitSync itself', { group: 'streamspace.io', kind: 'GitSync' }, object('a')],
  ['an EndpointSlice', { group: 'discovery.k8s.io', kind: 'EndpointSlice' }, object('a')],
  ['an Event', { group: '', kind: 'Event' }, object('a')],
  ['a Lease', { group: 'coordination.k8s.io', kind: 'Lease' }, object('a')],
  ['a Session', { group: 'streamspace.io', kind: 'Session' }, object('a')],
] as const)('no orphan: %s', (_what, kind, given) => {
  expect(isOrphan(kind, given, RULES)).toBe(false);
});

test('an entry of the ignore list has to fit in all its fields', () => {
  const ignoring = (entry: OrphanRules['ignore'][number]) =>
    isOrphan(CONFIG_MAP, object('cache-1'), { ...RULES, ignore: [entry] });
  expect(ignoring({ kind: 'ConfigMap', name: 'cache-*' })).toBe(false);
  expect(ignoring({ group: '*', name: '*-1' })).toBe(false);
  expect(ignoring({ kind: 'Secret', name: 'cache-*' })).toBe(true);
  expect(ignoring({ kind: 'ConfigMap', name: 'cache' })).toBe(true);
});

test('a star stands for any text, as a regular expression would have it', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  fc.assert(
    fc.property(word, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 }), (pattern, text) => {
      expect(fits(pattern, text)).toBe(new RegExp(`^${pattern.replaceAll(/\*+/g, '.*')}$`).test(text));
    }),
    { numRuns: 500 },
  );
});
