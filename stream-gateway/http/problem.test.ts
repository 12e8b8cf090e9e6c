import { expect, test } from 'vitest';
import { KubeStatusError } from '../../runtime/kube/kube-status-error.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { problemOf, toStreamSpaceError } from './problem.ts';

const CONTEXT = { requestId: 'id', publicUrl: 'https://desktops.example.com' };

/** Captured from kube-apiserver 1.36. */
const FORBIDDEN =
  'sessions.streamspace.io is forbidden: User "streamspace:user:viewer" cannot create resource "sessions" in API group "streamspace.io" in the namespace "team-web"';
const DENIED = `sessions.streamspace.io "a" is forbidden: ValidatingAdmissionPolicy 'session-owner.streamspace.io' with binding 'session-owner.streamspace.io' denied request: spec.owner is lead`;

const said = (statusCode: number, message: string, reason = '') =>
  problemOf(toStreamSpaceError(new KubeStatusError({ statusCode, message, reason })), CONTEXT);

test("the API server's refusal names the missing right in words", () => {
  expect(said(403, FORBIDDEN)).toMatchObject({
    status: 403,
    code: 'Forbidden',
    detail: 'viewer may not create sessions in the namespace team-web',
    type: 'https://desktops.example.com/api/v1/errors/Forbidden',
  });
  expect(said(403, DENIED).detail).toBe('spec.owner is lead');
});

test.each([
  [404, '', 'NotFound', 404],
  [409, 'AlreadyExists', 'AlreadyExists', 409],
  [409, 'Conflict', 'ResourceVersionConflict', 409],
  [410, 'Expired', 'RequestInvalid', 400],
  [422, 'Invalid', 'RequestInvalid', 400],
  [429, 'TooManyRequests', 'ClusterBusy', 429],
  [500, '', 'ClusterRequestFailed', 503],
  [503, '', 'ClusterUnreachable', 503],
] as const)('%i %s of the API server is %s', (statusCode, reason, code, status) => {
  expect(said(statusCode, 'words', reason)).toMatchObject({ code, status });
});

test('fields of an invalid object are named', () => {
  const causes = [{ field: 'spec.template', reason: 'FieldValueInvalid', message: 'write a name' }];
  const error = new KubeStatusError({ statusCode: 422, reason: 'Invalid', message: 'invalid', causes });
  expect(problemOf(toStreamSpaceError(error), CONTEXT).fields).toEqual([{ path: 'spec.template', message: 'write a name' }]);
});

test('nothing of an error that nobody foresaw, and no inner address, leaves the gateway', () => {
  const unforeseen = problemOf(toStreamSpaceError(new Error('password hunter2 at 10.0.0.1')), CONTEXT);
  expect(unforeseen).toMatchObject({ status: 500, code: 'Internal' });
  expect(JSON.stringify(unforeseen)).not.toMatch(/hunter2|10\.0\.0\.1/);
  const away = new StreamSpaceError('ClusterUnreachable', 'connect ECONNREFUSED 10.0.0.1:6443');
  expect(problemOf(toStreamSpaceError(away), CONTEXT).detail).toBe('the API server does not answer');
});
