// The messages are a kube-apiserver's, version 1.36.
import { expect, test } from 'vitest';
import { KubeStatusError, type StatusCause } from '../../runtime/kube/kube-status-error.ts';
import { classifyRefusal, clusterError } from './classify.ts';

const error = (statusCode: number, reason: string, message: string, causes: readonly StatusCause[] = []): KubeStatusError =>
  new KubeStatusError({ statusCode, reason, message, causes });
const cause = (field: string, message: string, reason = 'FieldValueInvalid'): StatusCause => ({ field, message, reason });

test.each<[string, KubeStatusError, string | undefined]>([
  [
    'a missing right',
    error(
      403,
      'Forbidden',
      'configmaps "a" is forbidden: User "system:serviceaccount:x:y" cannot patch resource "configmaps" in API group "" in the namespace "x"',
    ),
    'ApplyForbidden',
  ],
  ['a webhook', error(403, 'Forbidden', 'admission webhook "a.example.com" denied the request: no'), 'ApplyDenied'],
  [
    'an admission policy',
    error(422, 'Invalid', `configmaps "a" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no`),
    'ApplyDenied',
  ],
  [
    'Pod Security',
    error(403, 'Forbidden', 'pods "a" is forbidden: violates PodSecurity "restricted:latest": privileged'),
    'ApplyDenied',
  ],
  [
    'a quota',
    error(403, 'Forbidden', 'pods "a" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1'),
    'ApplyDenied',
  ],
  ['a missing namespace', error(404, 'NotFound', 'namespaces "x" not found'), 'NamespaceNotFound'],
  ['an unknown path', error(404, 'NotFound', 'the server could not find the requested resource'), 'KindUnknown'],
  [
    'an unknown field',
    error(
      400,
      'BadRequest',
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dat"',
    ),
    'ApplyInvalid',
  ],
  [
    'a wrong value',
    error(422, 'Invalid', 'x', [cause('spec.replicas', 'Invalid value: -1: must be greater than or equal to 0')]),
    'ApplyInvalid',
  ],
  [
    'an immutable field',
    error(422, 'Invalid', 'x', [cause('spec.selector', 'Invalid value: {}: field is immutable')]),
    'FieldImmutable',
  ],
  [
    'a StatefulSet',
    error(422, 'Invalid', 'x', [
      cause(
        'spec',
        "Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden",
        'FieldValueForbidden',
      ),
    ]),
    'FieldImmutable',
  ],
  [
    'a cluster IP',
    error(422, 'Invalid', 'x', [cause('spec.clusterIPs[0]', 'Invalid value: ["10.96.0.9"]: may not change once set')]),
    'FieldImmutable',
  ],
  [
    'the role of a binding',
    error(422, 'Invalid', 'x', [cause('roleRef', 'Invalid value: {"kind":"Role","name":"b"}: cannot change roleRef')]),
    'FieldImmutable',
  ],
  [
    'an immutable field beside a mistake',
    error(422, 'Invalid', 'x', [cause('spec.selector', 'field is immutable'), cause('spec.replicas', 'must be positive')]),
    'ApplyInvalid',
  ],
  [
    'a body that is too large',
    error(413, 'RequestEntityTooLarge', 'Request entity too large: limit is 3145728'),
    'ObjectTooLarge',
  ],
  ['an object that etcd refuses', error(500, '', 'etcdserver: request is too large'), 'ObjectTooLarge'],
  ['a busy server', error(429, 'TooManyRequests', 'please try again later'), undefined],
  ['a broken server', error(500, 'InternalError', 'an error on the server'), undefined],
  ['a conflict of versions', error(409, 'Conflict', 'the object has been modified'), undefined],
])('S-062 %s', (_what, given, code) => {
  expect(classifyRefusal(given, 'ConfigMap')?.code).toBe(code);
});

test('S-051 a conflict names each field with its manager', () => {
  const given = error(409, 'Conflict', 'Apply failed with 1 conflict', [
    cause('.data.k', 'conflict with "somebody" using v1', 'FieldManagerConflict'),
  ]);
  expect(classifyRefusal(given, 'ConfigMap')).toMatchObject({
    code: 'ApplyConflict',
    conflicts: [{ field: '.data.k', manager: 'somebody' }],
    message: expect.stringContaining('.data.k (somebody)'),
  });
});

test('S-060 the values that the API server quotes of a Secret are hidden, the field is not', () => {
  const given = error(422, 'Invalid', 'x', [cause('data[password]', 'Invalid value: "hunter2": too short')]);
  const { message } = classifyRefusal(given, 'Secret') ?? { message: '' };
  expect(message).toContain('data[password]');
  expect(message).not.toContain('hunter2');
});

test('S-060 whoever repeats a value of a Secret, as text, number or base64, is not passed on', () => {
  const object = { stringData: { password: 'hunter2', pin: 4711 }, data: { token: Buffer.from('t0psecret').toString('base64') } };
  for (const words of ['hunter2 is weak', 'expected string, got 4711', 't0psecret', 'dDBwc2VjcmV0', 'aHVudGVyMg==']) {
    const given = error(403, 'Forbidden', `admission webhook "a.example.com" denied the request: ${words}`);
    const { message } = classifyRefusal(given, 'Secret', object) ?? { message: words };
    expect(message).toContain('a.example.com');
    expect(message).not.toMatch(/hunter2|4711|t0psecret|dDBwc2VjcmV0|aHVudGVyMg/);
  }
});

test('S-062 a busy server is obeyed for as long as it asks', () => {
  const busy = new KubeStatusError({ statusCode: 429, reason: '', message: 'x', retryAfterMs: 7000 });
  expect(clusterError(busy)).toMatchObject({ code: 'ClusterBusy', retryAfterMs: 7000 });
});
