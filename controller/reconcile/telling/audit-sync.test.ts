import { expect, test } from 'vitest';
import { objectId } from '../../render/manifest.ts';
import { auditOfSync, type SyncOutcome } from './audit-sync.ts';
import type { SyncRecord } from './sync-record.ts';

const POLICY = objectId({ group: 'streamspace.io', kind: 'DlpPolicy', namespace: 'team-web', name: 'strict' });
const CONFIG = objectId({ group: '', kind: 'ConfigMap', namespace: 'team-web', name: 'settings' });
const OLD = objectId({ group: 'streamspace.io', kind: 'Quota', namespace: 'team-web', name: 'old' });

const RECORD: SyncRecord = {
  ...{ id: 'r', namespace: 'team-web', name: 'web', uid: 'u', revision: 'a'.repeat(40), trigger: 'push', result: 'synced' },
  commit: { author: 'Ada <ada@example.com>', message: 'Be stricter', time: '2026-11-01T00:00:00Z' },
  ...{ startedAt: '2026-11-01T00:00:00Z', finishedAt: '2026-11-01T00:00:01Z', controller: 'c' },
  ...{ counts: {}, written: 2, deleted: 1, changes: [], changesLeftOut: 0, problems: [] },
};

/** With values, as a plan has them. */
const VALUED = { path: 'spec.clipboard.toBrowser', before: 'Allow', after: 'Deny' };

const PLAN: SyncOutcome['plan'] = {
  changes: [
    { id: POLICY, action: 'configure', differences: [VALUED] },
    { id: CONFIG, action: 'create' },
    { id: OLD, action: 'delete' },
  ],
};

test('a policy that a commit changes is told with commit, author and fields, and never with values', () => {
  const events = auditOfSync({ record: RECORD, plan: PLAN, written: new Set([POLICY, CONFIG]), gone: new Set([OLD]) });
  const commit = 'a'.repeat(40);
  const by = { actor: 'Ada <ada@example.com>', result: 'success' };
  expect(events).toMatchObject([
    {
      ...by,
      type: 'object.applied',
      object: 'DlpPolicy/team-web/strict',
      details: { commit, onBehalfOf: 'GitSync/team-web/web', action: 'configure', fields: 'spec.clipboard.toBrowser' },
    },
    { ...by, type: 'object.pruned', object: 'Quota/team-web/old', details: { commit } },
    {
      ...by,
      type: 'gitsync.synced',
      object: 'GitSync/team-web/web',
      details: { commit, written: 2, deleted: 1, trigger: 'push' },
    },
  ]);
  expect(JSON.stringify(events)).not.toContain('Deny');
});

test('what was planned and not written is not told, and a failure says its code', () => {
  const record = { ...RECORD, result: 'failed', code: 'GitUnreachable' } as const;
  expect(auditOfSync({ record, plan: PLAN, written: new Set(), gone: new Set() })).toMatchObject([
    { type: 'gitsync.failed', result: 'failure', details: { code: 'GitUnreachable' } },
  ]);
});
