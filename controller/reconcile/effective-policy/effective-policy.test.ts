import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { DlpRules } from '../../../schemas/kinds/policies/dlp-rules.ts';
import { effectivePolicy } from '../../../schemas/kinds/policies/effective-policy.ts';
import type { PolicyTargets } from '../../../schemas/kinds/policies/policy.ts';
import type { RecordingRulesOfPolicy } from '../../../schemas/kinds/policies/recording-rules.ts';
import type { Session } from '../../../schemas/kinds/sessions/session.ts';
import { policy, recordingPolicy } from '../../policies/fixtures.ts';
import { TargetExpressions } from '../../policies/target-expressions.ts';
import type { ObjectKey } from '../contract.ts';
import { memoryCluster } from '../memory-cluster.ts';
import { createEffectivePolicyReconciler } from './effective-policy.ts';

const SIGNAL = new AbortController().signal;
const NAMESPACE = 'team-web';
const REVISION = 'a'.repeat(40);

/** A session of a team, with a template in the system namespace; every read but that of the cache fails. */
function world() {
  const cluster = memoryCluster();
  const broken: ObjectKey[] = [];
  let time = Date.parse('2026-01-05T06:30:00Z'); // a Monday
  const reconciler = createEffectivePolicyReconciler({
    client: cluster.client,
    cache: cluster.cache,
    expressions: new TargetExpressions(),
    onBroken: (_kind, key) => void broken.push(key),
    now: () => new Date(time),
  });
  cluster.put(RESOURCES.namespaces, { metadata: { name: NAMESPACE, labels: { 'streamspace.io/team': 'web' } } });
  cluster.put(RESOURCES.templates, { metadata: { name: 'terminal', namespace: 'streamspace' }, spec: { tags: ['shell'] } });
  const session = (): Session => cluster.read<Session>(RESOURCES.sessions, NAMESPACE, 'one') ?? expect.unreachable('it is there');
  const putSession = (status: object): void =>
    void cluster.put(RESOURCES.sessions, {
      metadata: { name: 'one', namespace: NAMESPACE, uid: 'uid-one', generation: 1 },
      spec: { template: 'terminal', owner: 'member', desiredState: 'Running' },
      status,
    });
  putSession({ phase: 'Running', pod: 'one-0' });
  return {
    ...cluster,
    broken,
    session,
    putSession,
    effective: () => session().status?.effectivePolicy,
    putPolicy: (path: string, rules: DlpRules = {}, targets: PolicyTargets = {}, metadata: object = {}): void => {
      const plain = policy(path, rules, targets);
      cluster.put(RESOURCES.dlpPolicies, { ...plain, metadata: { ...plain.metadata, ...metadata } });
    },
    putRecording: (path: string, rules: RecordingRulesOfPolicy, targets: PolicyTargets = {}): void => {
      const plain = recordingPolicy(path, rules, targets);
      cluster.put(RESOURCES.recordingPolicies, { ...plain, metadata: { ...plain.metadata } });
    },
    pass: (ms: number): void => {
      time += ms;
    },
    reconcile: async () =>
      await reconciler.reconcile({ namespace: NAMESPACE, name: 'one' }, { signal: SIGNAL, log: pino({ level: 'silent' }) }),
  };
}

test('without any policy a session is told that nothing is limited, once, and the rest of its status stays', async () => {
  const given = world();
  await given.reconcile();
  expect(given.session().status).toMatchObject({ phase: 'Running', pod: 'one-0' });
  expect(effectivePolicy.strict().parse(given.effective())).toMatchObject({
    policies: [],
    origins: [],
    dlp: { clipboard: { up: true } },
  });
  await given.reconcile();
  expect(given.writes).toEqual(['apply Session one/status']);
});

test('the strictest of system and team is in force, with its origin; a change is followed and a deletion loosens', async () => {
  const given = world();
  given.putPolicy('streamspace/base', { clipboard: { maxBytes: 1000, down: false } });
  given.putPolicy('team-web/own', { clipboard: { maxBytes: 10 } });
  given.putPolicy('team-ops/other', { clipboard: { up: false } });
  await given.reconcile();
  expect(given.effective()).toMatchObject({
    dlp: { clipboard: { up: true, down: false, maxBytes: 10 } },
    policies: [{ name: 'base' }, { name: 'own' }],
    origins: [
      { field: 'clipboard.down', from: 'DlpPolicy/streamspace/base' },
      { field: 'clipboard.maxBytes', from: 'DlpPolicy/team-web/own' },
    ],
  });
  const first = given.effective()?.hash;
  given.putPolicy('team-web/own', { clipboard: { maxBytes: 2000 } }, {}, { generation: 2 });
  await given.reconcile();
  expect(given.effective()).toMatchObject({ dlp: { clipboard: { maxBytes: 1000 } }, policies: [{}, { generation: 2 }] });
  expect(given.effective()?.hash).not.toBe(first);
  given.drop(RESOURCES.dlpPolicies, 'streamspace', 'base');
  await given.reconcile();
  expect(given.effective()).toMatchObject({ dlp: { clipboard: { down: true, maxBytes: 2000 } } });
});

test('a policy that is being deleted counts until it is gone', async () => {
  const given = world();
  given.putPolicy('streamspace/base', { clipboard: { up: false } }, {}, { deletionTimestamp: '2026-01-01T00:00:00Z' });
  await given.reconcile();
  expect(given.effective()?.dlp.clipboard.up).toBe(false);
});

test('a rule that cannot be used is carried along, for the gateway to deny what it would have judged', async () => {
  const given = world();
  const rule = { name: 'bad', pattern: '(?=x)', action: 'Block', direction: 'Both' } as const;
  given.putPolicy('streamspace/base', { clipboard: { rules: [rule] } });
  await given.reconcile();
  expect(given.effective()?.dlp.clipboard.rules).toEqual([{ ...rule, policy: 'streamspace/base' }]);
});

test('what somebody changes or takes away is put back', async () => {
  const given = world();
  given.putPolicy('streamspace/base', { clipboard: { up: false } });
  await given.reconcile();
  const right = given.effective();
  if (right === undefined) return expect.unreachable();
  given.putSession({ phase: 'Running', effectivePolicy: { ...right, dlp: { clipboard: { ...right.dlp.clipboard, up: true } } } });
  await given.reconcile();
  expect(given.effective()).toEqual(right);
});

describe('whom it applies to', () => {
  test('the template is the one of now or the one that it was started with', async () => {
    const given = world();
    given.putPolicy('streamspace/now', {}, { templates: ['streamspace/terminal'] });
    given.putPolicy('streamspace/then', {}, { templates: ['team-web/terminal'] });
    given.putPolicy('streamspace/neither', {}, { templates: ['firefox'] });
    const names = (): unknown => given.effective()?.policies.map(({ name }) => name);
    await given.reconcile();
    expect(names()).toEqual(['now']);
    given.putSession({ templateRef: { namespace: 'team-web', name: 'terminal' } });
    await given.reconcile();
    expect(names()).toEqual(['now', 'then']);
  });

  test('without a template the places count where one is looked for', async () => {
    const given = world();
    given.drop(RESOURCES.templates, 'streamspace', 'terminal');
    given.putPolicy('streamspace/a', {}, { templates: ['team-web/terminal'] });
    given.putPolicy('streamspace/b', {}, { cel: '"shell" in template.spec.tags' });
    await given.reconcile();
    expect(given.effective()?.policies).toHaveLength(2);
  });

  test('the team is the one that the namespace belongs to', async () => {
    const given = world();
    given.putPolicy('streamspace/ours', {}, { teams: ['web'] });
    given.putPolicy('streamspace/others', {}, { teams: ['ops'] });
    await given.reconcile();
    expect(given.effective()?.policies).toMatchObject([{ name: 'ours' }]);
  });

  test('an expression that takes too long is told to its policy once', async () => {
    const given = world();
    given.putPolicy('streamspace/slow', {}, { cel: `"${'a'.repeat(40)}!".matches("^(a+)+$")` });
    await given.reconcile();
    await given.reconcile();
    expect(given.effective()?.policies).toMatchObject([{ name: 'slow' }]);
    expect(given.broken).toEqual([{ namespace: 'streamspace', name: 'slow' }]);
  });
});

test('the commit of a policy is added once its sync has ended, and stays when later commits leave the policy as it is', async () => {
  const given = world();
  const managedFields = [{ manager: 'streamspace-sync', time: '2026-01-01T00:00:05Z', fieldsV1: { 'f:spec': {} } }];
  const putSync = (revision: string, lastSyncAt: string): void =>
    void given.put(RESOURCES.gitSyncs, {
      metadata: { name: 'platform', namespace: 'streamspace' },
      status: { revision, lastSyncAt },
    });
  const annotations = { 'streamspace.io/gitsync': 'streamspace/platform' };
  given.putPolicy('streamspace/base', {}, {}, { annotations, managedFields });
  putSync('0'.repeat(40), '2026-01-01T00:00:00Z');
  await given.reconcile();
  expect(given.effective()?.policies[0]).not.toHaveProperty('revision');
  putSync(REVISION, '2026-01-01T00:00:06Z');
  await given.reconcile();
  expect(given.effective()?.policies).toMatchObject([{ revision: REVISION }]);
  given.writes.length = 0;
  putSync('b'.repeat(40), '2026-01-01T00:10:00Z');
  await given.reconcile();
  expect(given.writes).toEqual([]);
});

test('P-03-3 a team has recording off and one of its templates has it on: its sessions are recorded, the others are not, and each says why', async () => {
  const given = world();
  given.putRecording('team-web/off', { record: 'Off' });
  given.putRecording('streamspace/browsers', { record: 'Always', mode: 'Required' }, { templates: ['firefox'] });
  await given.reconcile();
  expect(given.effective()).toMatchObject({ recording: { record: 'Off' }, policies: [{ name: 'off' }], origins: [] });
  given.putRecording('streamspace/terminals', { record: 'Always', retentionDays: 30 }, { templates: ['terminal'] });
  await given.reconcile();
  expect(given.effective()).toMatchObject({
    recording: { record: 'Always', mode: 'BestEffort', retentionDays: 30 },
    policies: [
      { kind: 'RecordingPolicy', name: 'terminals' },
      { kind: 'RecordingPolicy', name: 'off' },
    ],
    origins: [
      { field: 'recording.record', from: 'RecordingPolicy/streamspace/terminals' },
      { field: 'recording.retentionDays', from: 'RecordingPolicy/streamspace/terminals' },
    ],
  });
});

test('a window of a policy is followed: the session is judged again when it opens and when it closes', async () => {
  const given = world();
  const windows = [{ schedule: '0 7 * * MON-FRI', duration: '12h', timeZone: 'UTC' }];
  given.putRecording('streamspace/day', { record: 'Always', windows });
  expect(await given.reconcile()).toEqual({ requeueAfterMs: 30 * 60_000 });
  expect(given.effective()?.recording?.record).toBe('Off');
  const before = given.effective()?.recordingHash;
  given.pass(30 * 60_000);
  expect(await given.reconcile()).toEqual({ requeueAfterMs: 3_600_000 }); // in steps of an hour at most
  expect(given.effective()?.recording?.record).toBe('Always');
  expect(given.effective()?.recordingHash).not.toBe(before);
  given.pass(12 * 3_600_000);
  await given.reconcile();
  expect(given.effective()?.recordingHash).toBe(before);
});

test('a session that has ended is left alone, and one that is gone is no error', async () => {
  const given = world();
  given.putSession({ phase: 'Terminated' });
  await given.reconcile();
  given.drop(RESOURCES.sessions, NAMESPACE, 'one');
  await given.reconcile();
  expect(given.writes).toEqual([]);
});
