// RecordingPolicies against a real API server: what it refuses, what the controller makes of them for a session, and how a person
// begins a recording by hand or agrees to one.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { findCondition } from '../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import { type EffectivePolicy, effectivePolicy } from '../../schemas/kinds/policies/effective-policy.ts';
import { type RecordingPolicy, recordingPolicySpec } from '../../schemas/kinds/policies/recording-policy.ts';
import type { Session } from '../../schemas/kinds/sessions/session.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { apiAs } from '../support/api.ts';
import { ROOT, run } from '../support/command.ts';
import { KUBECTL } from '../support/kubectl.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const ID = randomUUID().slice(0, 8);
const NAME = `recorded-${ID}`;
const NAMESPACE = 'team-web';
const PATH = `/namespaces/${NAMESPACE}/sessions/${NAME}/recording`;
/** For this one session, so that no other test is disturbed. */
const targets = { cel: `session.metadata.name == "${NAME}"` };
let client: OwnedKubeClient;

beforeAll(async () => {
  client = createKubeClient({ kubeconfig: servers.kubeconfig });
  const body = { metadata: { name: NAME }, spec: { template: 'terminal' } };
  expect((await apiAs(servers, 'member').send('POST', `/namespaces/${NAMESPACE}/sessions`, body)).status).toBe(201);
});
afterAll(async () => {
  await client.delete(RESOURCES.sessions, NAMESPACE, NAME);
  await client[Symbol.asyncDispose]();
});

async function policy(spec: object): Promise<AsyncDisposable & { readonly name: string }> {
  const name = `recording-${ID}-${randomUUID().slice(0, 4)}`;
  const body = { apiVersion: API_GROUP_VERSION, kind: 'RecordingPolicy', metadata: { name, namespace: NAMESPACE }, spec };
  await client.create(RESOURCES.recordingPolicies, NAMESPACE, JSON.stringify({ ...body, spec: { targets, ...spec } }));
  const dispose = async (): Promise<void> => await client.delete(RESOURCES.recordingPolicies, NAMESPACE, name);
  return { name, [Symbol.asyncDispose]: dispose };
}

async function inForce(what: string, holds: (policy: EffectivePolicy) => boolean): Promise<EffectivePolicy> {
  return await eventually(what, async () => {
    const { status } = await client.get<Session>(RESOURCES.sessions, NAMESPACE, NAME);
    return status?.effectivePolicy !== undefined && holds(status.effectivePolicy) && status.effectivePolicy;
  });
}

test('the API server takes the definition without a warning: its rules are cheap enough', async () => {
  const file = join(ROOT, 'deploy/crds/recording-policy.generated.yaml');
  const args = ['apply', '--server-side', '--force-conflicts', '--dry-run=server', '--validate=strict', '-f', file];
  expect(await run(KUBECTL, ['--kubeconfig', servers.kubeconfig, ...args])).toMatchObject({ code: 0, stderr: '' });
});

const WINDOW = { schedule: '0 7 * * MON-FRI', duration: '12h' };
test.each([
  [{ record: 'Always', windows: [WINDOW] }, undefined],
  [{ record: 'Consent', windows: [WINDOW] }, 'windows say when'],
  [{ windows: [WINDOW] }, 'windows say when'],
  [{ record: 'Always', windows: [{ ...WINDOW, duration: '0s' }] }, 'write at least 1s'],
  [{ viewers: ['Owner', 'group:leads'] }, undefined],
  [{ viewers: ['Everybody'] }, 'spec.viewers[0]'],
  [{ maxBytesPerSecond: 1_000 }, '65536'],
  [{ framesPerSecond: 16 }, '15'],
  [{ retentionDays: 0 }, '1'],
  [{ encryptionKeyRef: { name: 'key' } }, 'spec.encryptionKeyRef.key'],
])('the API server judges %j as our schema does', async (spec, refusal) => {
  const manifest = {
    apiVersion: API_GROUP_VERSION,
    kind: 'RecordingPolicy',
    metadata: { name: 'probe', namespace: NAMESPACE },
    spec,
  };
  const args = ['--kubeconfig', servers.kubeconfig, 'create', '--dry-run=server', '--validate=strict', '-f', '-'];
  const { code, stderr } = await run(KUBECTL, args, { input: JSON.stringify(manifest) });
  expect(recordingPolicySpec.safeParse(spec).success).toBe(refusal === undefined);
  expect(code, stderr).toBe(refusal === undefined ? 0 : 1);
  if (refusal !== undefined) expect(stderr).toContain(refusal);
});

test('a policy comes into force in the session with its origin, and its status counts the session', async () => {
  await using always = await policy({ record: 'Always', mode: 'Required', retentionDays: 7 });
  const effective = await inForce('it is recorded', ({ recording }) => recording?.record === 'Always');
  expect(effectivePolicy.strict().parse(effective)).toMatchObject({
    recording: { mode: 'Required', retentionDays: 7, framesPerSecond: 5 },
    policies: [{ kind: 'RecordingPolicy', name: always.name }],
    origins: [
      { field: 'recording.record', from: `RecordingPolicy/${NAMESPACE}/${always.name}` },
      { field: 'recording.mode', from: `RecordingPolicy/${NAMESPACE}/${always.name}` },
      { field: 'recording.retentionDays', from: `RecordingPolicy/${NAMESPACE}/${always.name}` },
    ],
  });
  await eventually('the policy counts its session', async () => {
    const { status } = await client.get<RecordingPolicy>(RESOURCES.recordingPolicies, NAMESPACE, always.name);
    return status?.sessions === 1 && findCondition(status.conditions, 'Ready')?.reason === 'Accepted';
  });
});

test('a recording is begun and ended by hand where policy says so, by who may change the session', async () => {
  const owner = apiAs(servers, 'member');
  await inForce('nothing is recorded', ({ recording }) => recording?.record === 'Off');
  expect(await owner.send('POST', PATH, { record: true })).toMatchObject({ status: 409, body: { code: 'RecordingNotOnDemand' } });
  await using _policy = await policy({ record: 'OnDemand' });
  await inForce('it may be recorded', ({ recording }) => recording?.record === 'OnDemand');
  expect(await apiAs(servers, 'viewer').send('POST', PATH, { record: true })).toMatchObject({ status: 403 });
  expect(await owner.send('POST', PATH, { record: true })).toMatchObject({
    status: 200,
    body: { record: 'OnDemand', wished: true },
  });
  expect((await client.get<Session>(RESOURCES.sessions, NAMESPACE, NAME)).spec).toMatchObject({ record: true });
  expect(await owner.send('POST', PATH, { record: false })).toMatchObject({ body: { wished: false } });
});

test('the owner alone agrees to be recorded, where policy asks him; the newest answer counts', async () => {
  const owner = apiAs(servers, 'member');
  const consent = `${PATH}/consent`;
  await inForce('nothing is recorded', ({ recording }) => recording?.record === 'Off');
  expect(await owner.send('POST', consent, { agreed: true })).toMatchObject({ body: { code: 'RecordingConsentNotAsked' } });
  await using _policy = await policy({ record: 'Consent' });
  await inForce('he is asked', ({ recording }) => recording?.record === 'Consent');
  expect(await owner.get(PATH)).toMatchObject({ body: { record: 'Consent', consent: null } });
  expect(await apiAs(servers, 'admin').send('POST', consent, { agreed: true })).toMatchObject({ status: 403 });
  await owner.send('POST', consent, { agreed: false });
  expect(await owner.send('POST', consent, { agreed: true })).toMatchObject({
    status: 200,
    body: { consent: { person: 'member', agreed: true } },
  });
});
