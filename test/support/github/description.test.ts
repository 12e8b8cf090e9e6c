import { expect, test } from 'vitest';
import { description } from './description.ts';

test('a path is the most exact operation that it can be', () => {
  const name = (method: string, path: string) => description().operation(method, path)?.name;
  expect(name('GET', '/user')).toBe('GET /user');
  expect(name('GET', '/repos/o/r/pulls/comments')).toBe('GET /repos/{owner}/{repo}/pulls/comments');
  expect(name('GET', '/repos/o/r/branches/a/b/protection')).toBe('GET /repos/{owner}/{repo}/branches/{branch}/protection');
  expect(description().operation('DELETE', '/repos/o/r/git/refs/heads%2Fa/b')?.parameters).toEqual({
    owner: 'o',
    repo: 'r',
    ref: 'heads/a/b',
  });
  expect(name('GET', '/nowhere')).toBeUndefined();
});

test('an answer with a field too few, too many or of another kind is found out, deep inside as well', () => {
  const operation = description().operation('GET', '/repos/o/r/git/ref/heads/main');
  if (operation === undefined) throw new Error('it is described');
  const object = { type: 'commit', sha: 'a'.repeat(40), url: 'https://api.test/x' };
  const ref = { ref: 'refs/heads/main', node_id: 'x', url: 'https://api.test/y', object };
  const problems = (body: unknown) => description().problemsOfAnswer(operation, 200, body);
  expect(problems(ref)).toEqual([]);
  expect(problems({ ...ref, node_id: undefined, object: { ...object, sha: 1 } })).toEqual([
    expect.stringContaining('/ must have required property'),
    expect.stringContaining('/object/sha must be string'),
  ]);
  expect(problems({ ...ref, object: { ...object, size: 3 } })).toEqual([expect.stringContaining('additional properties')]);
  expect(description().problemsOfAnswer(operation, 202, ref)).toEqual(['the status 202 is not described']);
  expect(description().problemsOfAnswer(operation, 401, { text: 'no' })).toEqual([
    expect.stringContaining('additional properties'),
  ]);
});

test('null is good where the description says so, and nowhere else', () => {
  const operation = description().operation('POST', '/repos/o/r/statuses/abc');
  if (operation === undefined) throw new Error('it is described');
  const problems = (body: unknown) => description().problemsOfRequest(operation, new URLSearchParams(), body);
  expect(problems({ state: 'success', target_url: null })).toEqual([]);
  expect(problems({ state: null })).not.toEqual([]);
  expect(problems(undefined)).toEqual(['a body is required']);
});
