import fc from 'fast-check';
import semver from 'semver';
import { expect, test } from 'vitest';
import { chooseRef, prefixesOf } from './choose-ref.ts';

const URL = 'https://git.example.com/a.git';
const oid = (digit: string): string => digit.repeat(40);
const tags = (...names: readonly string[]) =>
  names.map((name, index) => ({ name: `refs/tags/${name}`, oid: oid((index % 10).toString()) }));
const chosen = (range: string, ...names: readonly string[]): string | undefined =>
  chooseRef(URL, { semver: range }, tags(...names)).ref.tag;

test.each([
  ['^1.2', ['v1.2.0', 'v1.10.0', 'v1.9.9', 'v2.0.0'], 'v1.10.0'],
  ['>=1', ['1.0.0', 'v3.0.0-rc.1', 'v2.0.0', 'latest', 'v2'], 'v2.0.0'],
  ['>=3.0.0-0', ['v3.0.0-rc.1', 'v3.0.0-rc.10', 'v3.0.0-rc.9'], 'v3.0.0-rc.10'],
  ['1.x', ['1.0.0', 'v1.0.0'], 'v1.0.0'],
  ['1.x', ['v1.0.0', '1.0.0'], 'v1.0.0'],
])('the range %s among %j is %s', (range, names, expected) => {
  expect(chosen(range, ...names)).toBe(expected);
});

test('a range without a tag in it, and one that is none, are errors of their own', () => {
  expect(() => chosen('^9', 'v1.0.0')).toThrow(expect.objectContaining({ code: 'GitRefNotFound' }));
  expect(() => chosen('newest', 'v1.0.0')).toThrow(expect.objectContaining({ code: 'GitRefInvalid' }));
});

test('an annotated tag gives its commit, and its own id besides', () => {
  const refs = [{ name: 'refs/tags/v1.0.0', oid: oid('a'), peeled: oid('b') }];
  expect(chooseRef(URL, { tag: 'v1.0.0' }, refs)).toEqual({ sha: oid('b'), ref: { tag: 'v1.0.0' }, objectId: oid('a') });
});

test('whatever the order, the highest version in the range is chosen', () => {
  const version = fc.tuple(fc.nat(4), fc.nat(4), fc.nat(4)).map((parts) => parts.join('.'));
  fc.assert(
    fc.property(fc.uniqueArray(version, { minLength: 1, maxLength: 12 }), fc.nat(4), (versions, major) => {
      const expected = semver.maxSatisfying(versions, `^${major}`);
      if (expected === null) expect(() => chosen(`^${major}`, ...versions)).toThrow('no tag in the range');
      else expect(chosen(`^${major}`, ...versions)).toBe(expected);
    }),
  );
});

test('only what can be meant is asked for', () => {
  expect(prefixesOf({ branch: 'main' })).toEqual(['refs/heads/main']);
  expect(prefixesOf({ semver: '^1' })).toEqual(['refs/tags/']);
  expect(prefixesOf({ commit: oid('a') })).toEqual(['HEAD']);
});
