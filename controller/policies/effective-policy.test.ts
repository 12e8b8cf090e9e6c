import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { GitSync } from '../../schemas/kinds/git-sync/git-sync.ts';
import { gitSyncSpec } from '../../schemas/kinds/git-sync/git-sync-spec.ts';
import type { DlpPolicy } from '../../schemas/kinds/policies/dlp-policy.ts';
import { type EffectivePolicy, effectivePolicy } from '../../schemas/kinds/policies/effective-policy.ts';
import type { RecordingPolicy } from '../../schemas/kinds/policies/recording-policy.ts';
import type { SessionPolicy } from '../../schemas/kinds/policies/session-policy.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { type Applying, canonicalJson, effectivePolicyOf } from './effective-policy.ts';
import { anyPolicies, policy } from './fixtures.ts';
import { gitSyncOf, revisionOf } from './revision.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const effectiveOf = (dlp: readonly DlpPolicy[]): EffectivePolicy =>
  effectivePolicyOf({ dlp, recording: [], session: [] }, () => undefined, NOW).policy;

test('the same rules have the same hash whoever wrote them, other rules another', () => {
  const a = effectiveOf([policy('streamspace/a', { clipboard: { up: false } })]);
  const b = effectiveOf([policy('team-web/b', { clipboard: { up: false, down: true } })]);
  const c = effectiveOf([policy('streamspace/a', { clipboard: { up: false, maxBytes: 1 } })]);
  expect(b.hash).toBe(a.hash);
  expect(c.hash).not.toBe(a.hash);
  // As anybody can tell from the status: keys sorted, no space.
  const { clipboard } = a.dlp;
  const files = '{"denyTypes":[],"down":true,"scan":"None","up":true}';
  const dlp = `{"clipboard":{"down":true,"formats":${JSON.stringify(clipboard.formats)},"maxBytes":262144,"rules":[],"up":false,"windowSeconds":0},"files":${files}}`;
  expect(canonicalJson(a.dlp)).toBe(dlp);
  const { recording, sharing, displays } = a;
  const text = canonicalJson({ dlp: a.dlp, recording, sharing, displays });
  expect(a.hash).toBe(createHash('sha256').update(text).digest('hex'));
});

test('rules of recording, sharing and displays have their part in the hash', () => {
  const hashOf = (more: Partial<Applying>): string =>
    effectivePolicyOf({ dlp: [], recording: [], session: [], ...more }, () => undefined, NOW).policy.hash;
  const { metadata, apiVersion } = policy('streamspace/a', {});
  const limits = (spec: Partial<SessionPolicy['spec']>): SessionPolicy => ({
    ...{ apiVersion, kind: 'SessionPolicy', metadata },
    spec: { targets: {}, ...spec },
  });
  const record: RecordingPolicy = { apiVersion, kind: 'RecordingPolicy', metadata, spec: { targets: {}, record: 'Always' } };
  const hashes = [
    hashOf({}),
    hashOf({ recording: [record] }),
    hashOf({ session: [limits({ sharing: { guests: true } })] }),
    hashOf({ session: [limits({ displays: { max: 1 } })] }),
  ];
  expect(new Set(hashes).size).toBe(4);
});

test('canonical JSON says the same as JSON, whatever the order of keys', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const reversed = JSON.parse(JSON.stringify(value), (_key, member: unknown) =>
        typeof member === 'object' && member !== null && !Array.isArray(member)
          ? Object.fromEntries(Object.entries(member).reverse())
          : member,
      ) as unknown;
      expect(canonicalJson(reversed)).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('every policy that applies is listed with its generation, by namespace and name, and the status can hold it', () => {
  fc.assert(
    fc.property(anyPolicies(70), (policies) => {
      const effective = effectiveOf(policies);
      const names = policies.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).toSorted();
      expect(effective.policies.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual(names.slice(0, 64));
      expect(effectivePolicy.strict().safeParse(effective)).toMatchObject({ success: true });
    }),
    { numRuns: 30 },
  );
});

test('more policies than are listed still count, every one', () => {
  const many = Array.from({ length: 64 }, (_, index) => policy(`streamspace/p${String(index).padStart(2, '0')}`));
  const effective = effectiveOf([...many, policy('team-web/last', { clipboard: { up: false } })]);
  expect(effective.policies).toHaveLength(64);
  expect(effective.dlp.clipboard.up).toBe(false);
  expect(effective.origins).toEqual([{ field: 'clipboard.up', from: 'DlpPolicy/team-web/last' }]);
});

const sync = (status: GitSync['status']): GitSync => ({
  apiVersion: API_GROUP_VERSION,
  kind: 'GitSync',
  metadata: { namespace: 'streamspace', name: 'platform' },
  spec: gitSyncSpec.parse({ url: 'https://git.example.com/a.git' }),
  ...(status === undefined ? {} : { status }),
});
const written = (...writers: readonly (readonly [manager: string, time: string, subresource?: string])[]) => {
  const plain = policy('streamspace/a');
  const managedFields = writers.map(([manager, time, subresource]) => ({
    ...{ manager, time },
    ...(subresource === undefined ? {} : { subresource }),
    fieldsV1: subresource === undefined ? { 'f:spec': {} } : { 'f:status': {} },
  }));
  return {
    ...plain,
    metadata: { ...plain.metadata, annotations: { 'streamspace.io/gitsync': 'streamspace/platform' }, managedFields },
  };
};
const REVISION = 'a'.repeat(40);
const DONE = { revision: REVISION, lastSyncAt: '2026-01-01T00:00:05Z' };

test('the commit of a policy is that of its GitSync once a sync has ended after the policy was written', () => {
  expect(gitSyncOf(written())).toEqual({ namespace: 'streamspace', name: 'platform' });
  expect(gitSyncOf(policy('streamspace/a'))).toBeUndefined();
  const byStatus = ['streamspace-controller', '2026-01-01T00:00:09Z', 'status'] as const;
  expect(revisionOf(written(['streamspace-sync', '2026-01-01T00:00:05Z'], byStatus), sync(DONE))).toBe(REVISION);
});

test.each([
  ['the sync has not ended yet', written(['streamspace-sync', '2026-01-01T00:00:06Z']), sync(DONE)],
  [
    'somebody wrote it by hand',
    written(['streamspace-sync', '2026-01-01T00:00:01Z'], ['kubectl', '2026-01-01T00:00:02Z']),
    sync(DONE),
  ],
  ['nobody knows who wrote it', policy('streamspace/a'), sync(DONE)],
  ['the GitSync is gone', written(['streamspace-sync', '2026-01-01T00:00:01Z']), undefined],
  ['nothing was ever applied', written(['streamspace-sync', '2026-01-01T00:00:01Z']), sync({})],
])('it is left out where it is not known: %s', (_what, of, gitSync) => {
  expect(revisionOf(of, gitSync)).toBeUndefined();
});
