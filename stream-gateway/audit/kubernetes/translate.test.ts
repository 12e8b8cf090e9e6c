import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AuditRules } from '../../../runtime/audit/audit-rules.ts';
import { AuditIds } from '../../../runtime/kube/audit-id.ts';
import { readEventList } from './event-list.ts';
import { type TranslatePorts, translate } from './translate.ts';

/** As kube-apiserver 1.35 wrote it for `kubectl patch template`, shortened. */
const PATCH = {
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  level: 'RequestResponse',
  auditID: '0c4b7b6e-6b4f-4b5e-9a57-3e4c1f0a2b11',
  stage: 'ResponseComplete',
  requestURI: '/apis/streamspace.io/v1alpha1/namespaces/team-web/templates/one?fieldManager=kubectl-patch',
  verb: 'patch',
  user: { username: 'streamspace:user:ann', groups: ['system:authenticated'] },
  sourceIPs: ['203.0.113.9', '10.0.0.7'],
  userAgent: 'kubectl/v1.35.0 (linux/amd64) kubernetes/abc',
  objectRef: { resource: 'templates', namespace: 'team-web', name: 'one', apiGroup: 'streamspace.io', apiVersion: 'v1alpha1' },
  responseStatus: { metadata: {}, code: 200 },
  responseObject: { kind: 'Template', metadata: { name: 'one', resourceVersion: '12' }, spec: { title: 'new' } },
  requestReceivedTimestamp: '2026-11-29T00:00:00.123456Z',
  stageTimestamp: '2026-11-29T00:00:00.223456Z',
};

const ids = new AuditIds('k'.repeat(32));
const ports: TranslatePorts = {
  auditIds: ids,
  isTeamNamespace: (namespace) => namespace === 'team-web',
  before: ({ plural, key, version }) =>
    `${plural} ${key} ${version}` === 'templates team-web/one 12' ? { spec: { title: 'old' } } : undefined,
};

function told(more: object) {
  const { events, malformed } = readEventList({
    kind: 'EventList',
    apiVersion: 'audit.k8s.io/v1',
    items: [{ ...PATCH, ...more }],
  });
  expect(malformed).toBe(0);
  return events.flatMap((event) => translate(event, ports) ?? [])[0];
}

test('a change by kubectl names the person, the client, the connection, and what changed', () => {
  expect(told({})).toMatchObject({
    type: 'object.changed',
    at: '2026-11-29T00:00:00.223Z',
    actor: 'ann',
    result: 'success',
    object: 'Template/team-web/one',
    // The first one is what the client says of itself.
    sourceAddress: '10.0.0.7',
    requestId: PATCH.auditID,
    change: { before: { spec: { title: 'old' } }, after: { spec: { title: 'new' } } },
    details: { origin: 'kubernetes', verb: 'patch', auditId: PATCH.auditID, code: 200, forwardedFor: '203.0.113.9' },
  });
});

test('who acts for somebody is the actor, and the other one is named', () => {
  const event = told({ user: { username: 'admin' }, impersonatedUser: { username: 'streamspace:user:bob' } });
  expect(event).toMatchObject({ actor: 'admin', details: { onBehalfOf: 'bob' } });
});

test.each([
  [403, 'refused'],
  [401, 'refused'],
  [409, 'failure'],
  [500, 'failure'],
] as const)('an answer %i is %s, and no change', (code, result) => {
  const event = told({ responseStatus: { code, reason: 'Because', message: 'you may not' }, responseObject: { kind: 'Status' } });
  expect(event).toMatchObject({ result, details: { code, reason: 'Because' } });
  expect(event).not.toHaveProperty('change');
});

test.each([
  ['a read', { verb: 'get' }],
  ['an earlier stage', { stage: 'RequestReceived' }],
  ['the status', { objectRef: { ...PATCH.objectRef, subresource: 'status' } }],
  ['a dry run', { requestURI: `${PATCH.requestURI}&dryRun=All` }],
  ['the garbage collector', { user: { username: 'system:serviceaccount:kube-system:generic-garbage-collector' } }],
  ['a kind of somebody else', { objectRef: { ...PATCH.objectRef, apiGroup: 'apps', resource: 'deployments' } }],
  ['a Secret elsewhere', { objectRef: { resource: 'secrets', namespace: 'default', name: 'x' } }],
  [
    'a ClusterRole of somebody else',
    { objectRef: { resource: 'clusterroles', name: 'view', apiGroup: 'rbac.authorization.k8s.io' } },
  ],
])('%s is not told', (_name, more) => {
  expect(told(more)).toBeUndefined();
});

test.each([
  [{ resource: 'secrets', namespace: 'team-web', name: 'x' }, 'Secret/team-web/x'],
  [
    { resource: 'rolebindings', namespace: 'streamspace', name: 'x', apiGroup: 'rbac.authorization.k8s.io' },
    'RoleBinding/streamspace/x',
  ],
  [{ resource: 'clusterroles', name: 'streamspace:x', apiGroup: 'rbac.authorization.k8s.io' }, 'ClusterRole/streamspace:x'],
  [{ resource: 'namespaces', namespace: 'team-web', name: 'team-web' }, 'Namespace/team-web'],
  [{ resource: 'templates', namespace: 'team-web', apiGroup: 'streamspace.io' }, 'Template/team-web/one'],
])('%j is told as %s', (objectRef, object) => {
  expect(told({ objectRef })?.object).toBe(object);
});

test('somebody who impersonates the upkeep of the cluster is told all the same', () => {
  expect(told({ user: { username: 'admin' }, impersonatedUser: { username: 'system:apiserver' } })).toMatchObject({
    actor: 'admin',
    details: { onBehalfOf: 'system:apiserver' },
  });
});

test('what one of our processes did is not told twice, and nobody else can look like one', () => {
  const path = PATCH.requestURI.split('?')[0] ?? '';
  const ours = ids.make({ method: 'PATCH', path });
  expect(told({ auditID: ours })).toBeUndefined();
  // Read in the log, and used for something else; or made up.
  expect(told({ auditID: ours, verb: 'delete' })).toBeDefined();
  expect(told({ auditID: ours, requestURI: `${path}-other` })).toBeDefined();
  expect(told({ auditID: new AuditIds('x'.repeat(32)).make({ method: 'PATCH', path }) })).toBeDefined();
});

test('an event that comes again has the same id; a second one under an id that the client chose has another', () => {
  expect(told({})?.id).toBe(told({})?.id);
  expect(told({})?.id).not.toBe(told({ stageTimestamp: '2026-11-29T00:00:01.223456Z' })?.id);
  expect(told({})?.id).not.toBe(told({ verb: 'update' })?.id);
});

test('an event that is none is counted, and does not hold up the others', () => {
  const list = {
    kind: 'EventList',
    apiVersion: 'audit.k8s.io/v1',
    items: [{ verb: 7 }, PATCH, { ...PATCH, stageTimestamp: 'soon' }],
  };
  const { events, malformed } = readEventList(list);
  expect([events.length, malformed]).toEqual([1, 2]);
  expect(() => readEventList({ kind: 'List', items: [] })).toThrow(/no EventList/);
});

/** A Secret as it may stand in an event whatever the policy of the API server says. */
const secretObject = (secret: string) =>
  fc.constantFrom<object>(
    { kind: 'Secret', data: { anything: Buffer.from(secret).toString('base64') }, stringData: { anything: secret } },
    {
      kind: 'Secret',
      metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `{"stringData":"${secret}"}` } },
    },
    { kind: 'Status', message: `Invalid value: "${secret}"` },
    { kind: 'SecretList', items: [{ stringData: { deep: [secret] } }] },
  );

test('nothing of a Secret is in what is told', () => {
  const property = fc.property(
    fc
      .stringMatching(/^[A-Za-z0-9]{16,24}$/)
      .chain((secret) => fc.tuple(fc.constant(secret), secretObject(secret), secretObject(secret))),
    fc.constantFrom('create', 'update', 'patch', 'delete'),
    fc.constantFrom(200, 403, 422),
    ([secret, requestObject, responseObject], verb, code) => {
      const event = told({
        ...{ verb, requestObject, responseObject },
        objectRef: { resource: 'secrets', namespace: 'team-web', name: 'x' },
        responseStatus: { code, message: `Invalid value: "${secret}"` },
      });
      const kept = event === undefined ? undefined : new AuditRules([{ rules: [{ level: 'Full' }] }]).apply(event);
      expect(kept).toBeDefined();
      const text = JSON.stringify(kept);
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(secret).toString('base64').slice(0, 16));
    },
  );
  fc.assert(property);
});

/** As kube-apiserver 1.35 writes it for `kubectl exec`, over a WebSocket. */
const EXEC = {
  stage: 'ResponseStarted',
  verb: 'get',
  requestURI: '/api/v1/namespaces/team-web/pods/one-0/exec?command=sh&command=-c&command=id&container=desktop&stdout=true',
  objectRef: { resource: 'pods', namespace: 'team-web', name: 'one-0', apiVersion: 'v1', subresource: 'exec' },
  responseStatus: { metadata: {}, code: 101 },
  responseObject: undefined,
};

test('a command in a container past us is told once, when it begins, with its words', () => {
  expect(told(EXEC)).toMatchObject({
    ...{ type: 'pod.entered', actor: 'ann', result: 'success', object: 'Pod/team-web/one-0' },
    details: { origin: 'kubernetes', verb: 'exec', container: 'desktop', command: 'sh -c id', code: 101 },
  });
  expect(told({ ...EXEC, stage: 'ResponseComplete' })).toBeUndefined();
  const debug = { ...EXEC.objectRef, subresource: 'ephemeralcontainers' };
  const added = { stage: 'ResponseComplete', verb: 'patch', responseStatus: { code: 200 }, objectRef: debug };
  expect(told({ ...EXEC, ...added })).toMatchObject({ type: 'pod.entered', details: { verb: 'debug' } });
});

test('who is refused at a container is told; elsewhere, and by our own gateway, nothing is', () => {
  const refused = { ...EXEC, stage: 'ResponseComplete', verb: 'create', responseStatus: { code: 403, reason: 'Forbidden' } };
  expect(told(refused)).toMatchObject({ type: 'pod.entered', result: 'refused', details: { code: 403 } });
  expect(told({ ...EXEC, objectRef: { ...EXEC.objectRef, namespace: 'other' } })).toBeUndefined();
  expect(told({ ...EXEC, objectRef: { ...EXEC.objectRef, subresource: 'log' } })).toBeUndefined();
  const [path = ''] = EXEC.requestURI.split('?', 1);
  expect(told({ ...EXEC, auditID: ids.make({ method: 'GET', path }) })).toBeUndefined();
  expect(told({ ...EXEC, auditID: ids.make({ method: 'GET', path: `${path}2` }) })).toBeDefined();
});
