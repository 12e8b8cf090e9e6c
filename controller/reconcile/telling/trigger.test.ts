import { expect, test } from 'vitest';
import type { GitSync, GitSyncStatus } from '../../../schemas/kinds/git-sync/git-sync.ts';
import { gitSyncSpec } from '../../../schemas/kinds/git-sync/git-sync-spec.ts';
import { ANNOTATIONS, requestedBy } from '../../../schemas/names.ts';
import { triggerOf } from './trigger.ts';

const SHA = 'a'.repeat(40);
const NEW = 'b'.repeat(40);

function syncWith(status: GitSyncStatus, annotations: Readonly<Record<string, string>> = {}, extra: object = {}): GitSync {
  return {
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'GitSync',
    metadata: { name: 's', namespace: 'n', generation: 1, annotations, ...extra },
    spec: gitSyncSpec.parse({ url: 'https://git.example/r' }),
    status: { observedGeneration: 1, revision: SHA, attempted: SHA, ...status },
  };
}

const ready = (status: 'True' | 'False', reason: string): Pick<GitSyncStatus, 'conditions'> => ({
  conditions: [{ type: 'Ready', status, reason, message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }],
});

test('the state of the GitSync says why a sync begins', () => {
  const good = syncWith(ready('True', 'Synced'));
  expect(triggerOf(good, NEW, true).trigger).toBe('push');
  expect(triggerOf(good, NEW, false).trigger).toBe('poll');
  expect(triggerOf(good, SHA, false).trigger).toBe('drift');
  expect(triggerOf(syncWith(ready('False', 'HealthTimeout')), SHA, false).trigger).toBe('retry');
  expect(triggerOf(syncWith(ready('False', 'Suspended')), SHA, false).trigger).toBe('resume');
  expect(triggerOf(syncWith(ready('False', 'DependencyNotReady')), SHA, false).trigger).toBe('dependency');
  expect(triggerOf(syncWith({ ...ready('True', 'Synced'), observedGeneration: 0 }), NEW, true).trigger).toBe('spec');
});

test('who asked is the person whose name the annotation holds for this very wish', () => {
  const at = '2026-01-01T00:00:00Z';
  const by = requestedBy(at, 'streamspace:user:lead');
  const asked = syncWith(ready('True', 'Synced'), { [ANNOTATIONS.syncRequestedAt]: at, [ANNOTATIONS.syncRequestedBy]: by });
  expect(triggerOf(asked, SHA, false)).toEqual({ trigger: 'request', asked: { by: 'lead', verified: true } });
  const handled = syncWith({ ...ready('True', 'Synced'), handledRequest: at }, asked.metadata.annotations);
  expect(triggerOf(handled, SHA, false).trigger).toBe('drift');
});

test('a name that was written for another wish is nobody; then the program that wrote the wish is named', () => {
  const annotations = {
    [ANNOTATIONS.syncRequestedAt]: 'later',
    [ANNOTATIONS.syncRequestedBy]: requestedBy('earlier', 'streamspace:user:lead'),
  };
  const managedFields = [
    { manager: 'other', fieldsV1: { 'f:spec': {} } },
    {
      manager: 'kubectl-annotate',
      fieldsV1: { 'f:metadata': { 'f:annotations': { [`f:${ANNOTATIONS.syncRequestedAt}`]: {} } } },
    },
  ];
  const sync = syncWith(ready('True', 'Synced'), annotations, { managedFields });
  expect(triggerOf(sync, SHA, false)).toEqual({ trigger: 'request', asked: { by: 'kubectl-annotate', verified: false } });
});

test('a confirmation counts for the revision that waits for it, and not in a GitSync that has just been made', () => {
  const annotations = {
    [ANNOTATIONS.confirmDeletions]: NEW,
    [ANNOTATIONS.deletionsConfirmedBy]: requestedBy(NEW, 'streamspace:user:lead'),
  };
  const waiting = syncWith({ ...ready('False', 'DeletionsBlocked'), attempted: NEW }, annotations);
  expect(triggerOf(waiting, NEW, false)).toEqual({ trigger: 'confirm', asked: { by: 'lead', verified: true } });
  expect(triggerOf({ ...waiting, status: {} }, NEW, false)).toEqual({ trigger: 'spec' });
});
