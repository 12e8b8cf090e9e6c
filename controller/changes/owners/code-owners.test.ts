import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ownersOf, parseCodeOwners } from './code-owners.ts';

const owners = (text: string, path: string): readonly string[] | undefined =>
  ownersOf(parseCodeOwners(text), [path])
    ?.get(path)
    ?.map(({ text: owner }) => owner);

test('the last line that matches says who owns a file; one without owners says that nobody does', () => {
  const text = ['# Ours', '*  @ada @org/platform', '', '/docs/ docs@example.com # by mail', '/docs/free', '*.md @ben'].join(
    '\r\n',
  );
  expect(owners(text, 'a/b.yaml')).toEqual(['@ada', '@org/platform']);
  expect(owners(text, 'docs/a.txt')).toEqual(['docs@example.com']);
  expect(owners(text, 'docs/free')).toBeUndefined();
  expect(owners(text, 'docs/free.md')).toEqual(['@ben']);
  expect(parseCodeOwners(text).skippedLines).toEqual([]);
});

test('owners are people, teams whatever their organisation, and mail addresses', () => {
  const [rule] = parseCodeOwners('\uFEFFa\\ b @Ada @Org/Platform-Team ada@example.com @ldap:eve').rules;
  expect(rule?.owners).toEqual([
    { kind: 'User', text: '@Ada', name: 'Ada' },
    { kind: 'Team', text: '@Org/Platform-Team', name: 'platform-team' },
    { kind: 'Mail', text: 'ada@example.com', name: 'ada@example.com' },
    { kind: 'User', text: '@ldap:eve', name: 'ldap:eve' },
  ]);
  expect(owners('a\\ b @ada', 'x/a b')).toEqual(['@ada']);
});

test('a line that is not understood counts for nothing, and is told', () => {
  const text = ['* @ada', '!a @eve', 'a[bc] @eve', 'a nobody', 'a @', 'a @x/y/z', 'b\\', `a @${'x'.repeat(2000)}`].join('\n');
  const parsed = parseCodeOwners(text);
  expect(parsed.skippedLines).toEqual([2, 3, 4, 5, 6, 7, 8]);
  expect(owners(text, 'a')).toEqual(['@ada']);
});

test('any text is read, and every line of it is a rule, skipped, or says nothing', () => {
  const words = fc.constantFrom('*', '/a', 'a/', '**/b', '\\', '\\ ', '[', '!', '#', '@ada', '@o/t', 'a@b', '@', '\t', ' ', '\r');
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(words).map((all) => all.join('')),
    fc.array(words).map((all) => all.join(' ')),
  );
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.string(), { minLength: 1 }), (lines, paths) => {
      const text = lines.join('\n');
      const parsed = parseCodeOwners(text);
      expect(parsed.rules.length + parsed.skippedLines.length).toBeLessThanOrEqual(text.split('\n').length);
      for (const found of ownersOf(parsed, paths)?.values() ?? []) expect(found.length).toBeGreaterThan(0);
    }),
  );
});

test('a file of 3 MB is read at once, and one that would take minutes to match is given up', () => {
  const began = performance.now();
  const large = parseCodeOwners(
    Array.from({ length: 60_000 }, (_, index) => `/folder-${index}/some/where/ @owner-${index} @org/t`).join('\n'),
  );
  expect(ownersOf(large, ['folder-7/some/where/x', 'other'])?.get('folder-7/some/where/x')?.[0]?.name).toBe('owner-7');
  const hostile = parseCodeOwners(`${'*a'.repeat(500)}*b @eve\n`.repeat(3000));
  expect(
    ownersOf(
      hostile,
      Array.from({ length: 64 }, () => 'a'.repeat(1000)),
    ),
  ).toBeUndefined();
  parseCodeOwners('\\ '.repeat(1_500_000));
  parseCodeOwners(`* ${'@'.repeat(3_000_000)}`);
  expect(performance.now() - began).toBeLessThan(20_000);
});
