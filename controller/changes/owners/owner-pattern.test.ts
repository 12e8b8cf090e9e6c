import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePattern, matchesPattern } from './owner-pattern.ts';

function matches(text: string, file: string, left = 1_000_000): boolean | undefined {
  const pattern = compilePattern(text);
  return pattern === undefined ? undefined : matchesPattern(pattern, file.split('/'), { left });
}

// The examples of docs.github.com, "About code owners", and of gitignore(5).
test.each([
  ['*', ['a', 'a/b', '.x/y'], []],
  ['*.js', ['a.js', 'deep/er/a.js', 'folder.js/a'], ['a.jsx', 'js']],
  ['/build/logs/', ['build/logs/a', 'build/logs/a/b'], ['build/logs', 'x/build/logs/a']],
  ['docs/*', ['docs/getting-started.md'], ['docs/build-app/troubleshooting.md', 'x/docs/a']],
  ['apps/', ['apps/a', 'x/apps/a', 'x/apps/y/z'], ['apps', 'xapps/a']],
  ['/docs/', ['docs/a', 'docs/a/b'], ['x/docs/a']],
  ['/scripts/', ['scripts/a'], ['a/scripts/b']],
  ['**/logs', ['logs', 'build/logs', 'deeply/nested/logs', 'build/logs/a'], ['logs2']],
  ['/apps/github', ['apps/github', 'apps/github/a'], ['apps/github2', 'x/apps/github']],
  ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b', 'a/x/b/c'], ['ab', 'x/a/b']],
  ['a/**', ['a/b', 'a/b/c'], ['a', 'b/a/c']],
  ['**', ['a', 'a/b'], []],
  ['/**', ['a', 'a/b'], []],
  ['a/*/c', ['a/b/c', 'a/b/c/d'], ['a/c', 'a/b/b/c']],
  ['fo?.txt', ['foo.txt', 'x/fob.txt'], ['fo.txt', 'fo/.txt', 'fooo.txt']],
  ['with\\ space', ['with space', 'x/with space/y'], ['with', 'with\\ space']],
  ['star\\*', ['star*'], ['stars']],
  ['a#b', ['a#b'], ['a']],
  ['*a*b*c', ['abc', 'xxaxxbxxc', 'aabbcc'], ['acb', 'abcd']],
] as const)('the pattern %s', (pattern, yes, no) => {
  for (const file of yes) expect([file, matches(pattern, file)]).toEqual([file, true]);
  for (const file of no) expect([file, matches(pattern, file)]).toEqual([file, false]);
  expect(matches(pattern.toUpperCase(), 'ABC') === matches(pattern, 'abc')).toBe(true);
});

test.each(['!a', '\\#a', 'a[bc]', 'a]', 'a***b', '/', '//', 'a//b', '', 'a\\'])('%j is no pattern that GitHub takes', (text) => {
  expect(compilePattern(text)).toBeUndefined();
});

const NAME = fc.stringMatching(/^[ab]{1,3}$/);
const PART = fc.oneof(NAME, fc.stringMatching(/^[ab*?]{1,4}$/), fc.constantFrom('*', '**'));
const PATTERN = fc
  .tuple(fc.constantFrom('', '/'), fc.array(PART, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '/'))
  .map(([root, parts, end]) => `${root}${parts.join('/')}${end}`)
  .filter((text) => !text.includes('***') && !/[^/]\*\*|\*\*[^/]/.test(text));
const FILE = fc.array(NAME, { minLength: 1, maxLength: 4 });

test('a file is matched where gitignore matches it, except that a last * does not reach into folders', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'streamspace-owners-'));
  try {
    const git = (input: string): string => {
      try {
        return execFileSync('git', ['-C', folder, 'check-ignore', '--no-index', '--stdin'], { input }).toString();
      } catch (error) {
        return (error as { status: number }).status === 1 ? '' : 'failed';
      }
    };
    execFileSync('git', ['init', '--quiet', folder]);
    mkdirSync(path.join(folder, '.git', 'info'), { recursive: true });
    fc.assert(
      fc.property(
        PATTERN.filter((text) => !/(^|\/)\*+$/.test(text)),
        fc.array(FILE, { minLength: 1, maxLength: 12 }),
        (pattern, files) => {
          const all = [...new Set(files.map((parts) => parts.join('/')))];
          writeFileSync(path.join(folder, '.git', 'info', 'exclude'), `${pattern}\n`);
          const ignored = git(`${all.join('\n')}\n`)
            .split('\n')
            .filter((line) => line !== '');
          expect(all.filter((file) => matches(pattern, file))).toEqual(ignored);
        },
      ),
      { numRuns: 150 },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('whatever the pattern, it ends within the effort that it is given', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string(), { minLength: 1 }), fc.nat(200), (text, file, left) => {
      const pattern = compilePattern(text);
      const effort = { left };
      if (pattern !== undefined) expect([true, false, undefined]).toContain(matchesPattern(pattern, file, effort));
      expect(effort.left).toBeGreaterThanOrEqual(-2);
    }),
  );
  const hostile = `${'*a'.repeat(400)}*b`;
  const effort = { left: 10_000_000 };
  expect(matchesPattern(compilePattern(hostile) ?? [], ['a'.repeat(1000)], effort)).toBe(false);
  expect(10_000_000 - effort.left).toBeLessThan(hostile.length * 1000);
  expect(matches(hostile, 'a'.repeat(1000), 500)).toBeUndefined();
  const folders = `${'**/a/'.repeat(100)}b`;
  expect(matches(folders, `${'a/'.repeat(500)}c`)).toBe(false);
});
