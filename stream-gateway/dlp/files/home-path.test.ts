// Whatever a browser sends as a path: what is taken stays in the home by its text, and means one thing.
import { posix } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { folderOf, nameOf, parseHomePath, parseNewPath } from './home-path.ts';

const refused = expect.objectContaining({ code: 'FilePathInvalid' });

/** Text that has what is dangerous more often than chance would. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '..',
        '.',
        '/',
        '\\',
        '\0',
        '\n',
        '~',
        '-',
        ' ',
        '%2e%2e',
        'e\u0301',
        '\u202e',
        '\ud800',
        '\u0085',
        'a'.repeat(255),
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

function taken(parse: (text: string) => string, text: string): string | undefined {
  try {
    return parse(text);
  } catch (error) {
    expect(error).toEqual(refused);
    return undefined;
  }
}

test('G-34 a path that is taken, joined to a home, is below it and is the same once it is normalised', () => {
  fc.assert(
    fc.property(hostile, fc.constantFrom(parseHomePath, parseNewPath), (text, parse) => {
      const path = taken(parse, text);
      if (path === undefined || path === '') return;
      const joined = posix.join('/home/user', path);
      expect(joined).toBe(`/home/user/${path}`);
      for (const name of path.split('/')) {
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
        expect(name).not.toMatch(/\p{Cc}|\p{Cs}/u);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('a new name is in normal form C, and parsing it again changes nothing', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const path = taken(parseNewPath, text);
      if (path === undefined) return;
      expect(path).toBe(path.normalize('NFC'));
      expect(parseNewPath(path)).toBe(path);
      expect(
        folderOf(parseNewPath(path)) === ''
          ? nameOf(parseNewPath(path))
          : `${folderOf(parseNewPath(path))}/${nameOf(parseNewPath(path))}`,
      ).toBe(path);
    }),
    { numRuns: 2_000 },
  );
  expect(parseNewPath('cafe\u0301.txt')).toBe('caf\u00e9.txt');
});

describe('G-34 one by one', () => {
  test.each([
    ['../x', /\.\./],
    ['a/../../x', /\.\./],
    ['a/./b', /\./],
    ['/etc/passwd', /absolute/],
    ['a//b', /empty/],
    ['a/', /empty/],
    ['a\0b', /control/],
    ['a\nb', /control/],
    ['\u009b31m', /control/],
    ['x\ud800', /Unicode/],
    ['n'.repeat(256), /256 bytes/],
    ['\u00e9'.repeat(128), /256 bytes/],
    ['d/'.repeat(1_800), /3500 bytes/],
  ])('%j is refused with its reason', (text, why) => {
    expect(() => parseHomePath(text)).toThrow(why);
    expect(() => parseNewPath(text)).toThrow(refused);
  });

  test.each(['n'.repeat(255), '..a', '...', 'a b', '-rf', '.config/x', '~', 'ünïcode/日本語.txt', '\u00e9'.repeat(127)])(
    '%j is taken',
    (text) => {
      expect(parseHomePath(text)).toBe(text);
    },
  );

  test('what is to be made has no backslash, nothing unseen, and no name of ours; what is there may', () => {
    for (const text of ['a\\b', 'gpj\u202eexe', 'a\u200bb', `.streamspace-${'0'.repeat(32)}.part`, '']) {
      expect(() => parseNewPath(text)).toThrow(refused);
      expect(parseHomePath(text)).toBe(text);
    }
  });
});
