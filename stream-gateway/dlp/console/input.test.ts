import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutsOf } from '../../rfb/fixtures/cuts.ts';
import { isByPerson, keysOf } from './keys.ts';
import { type InputItem, PASTE_END, PASTE_START, PasteReader } from './paste-reader.ts';

function read(chunks: readonly Buffer[], maxBytes = 100): readonly InputItem[] {
  const reader = new PasteReader(maxBytes);
  const items: InputItem[] = [];
  for (const item of chunks.flatMap((chunk) => [...reader.push(chunk)])) {
    const last = items.at(-1);
    if (item.kind === 'typed' && last?.kind === 'typed')
      items.splice(-1, 1, { kind: 'typed', bytes: Buffer.concat([last.bytes, item.bytes]) });
    else items.push(item.kind === 'pasted' ? { ...item, content: Buffer.from(item.content) } : item);
  }
  return items;
}

describe('a bracketed paste', () => {
  test('G-68 is told from typing, the same for any cut', () => {
    const bytes = Buffer.from(`ls\u001b[200~rm -rf\u001b[20x\u001b[201~\u001b[A`);
    const whole: readonly InputItem[] = [
      { kind: 'typed', bytes: Buffer.from('ls\u001b[200~') },
      { kind: 'pasted', content: Buffer.from('rm -rf\u001b[20x') },
      { kind: 'typed', bytes: Buffer.from('\u001b[A') },
    ];
    fc.assert(
      fc.property(cutsOf(bytes), (chunks) => {
        expect(read(chunks.map((chunk) => Buffer.from(chunk)))).toEqual(whole);
      }),
    );
  });

  test('G-68 of as much as is kept is whole, of a byte more only its length is', () => {
    const paste = (length: number) => [Buffer.concat([PASTE_START, Buffer.alloc(length, 'x'), PASTE_END])];
    expect(read(paste(100)).at(-1)).toEqual({ kind: 'pasted', content: Buffer.alloc(100, 'x') });
    expect(read(paste(101)).at(-1)).toEqual({ kind: 'tooLong', bytes: 101 });
    expect(read(paste(5_000)).at(-1)).toEqual({ kind: 'tooLong', bytes: 5_000 });
  });

  test('an Escape key is passed on at once', () => {
    expect(read([Buffer.from('\u001b')])).toEqual([{ kind: 'typed', bytes: Buffer.from('\u001b') }]);
  });

  test('whatever comes, every byte is typed, pasted or a mark at an end', () => {
    const piece = fc.oneof(
      fc.constantFrom(PASTE_START, PASTE_END, Buffer.from('\u001b[20')),
      fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const items = read(pieces, 1_000);
        const seen = items.map((item) => {
          if (item.kind === 'typed') return item.bytes;
          return item.kind === 'pasted' ? Buffer.concat([item.content, PASTE_END]) : Buffer.alloc(item.bytes);
        });
        const all = Buffer.concat(pieces);
        expect(all.subarray(0, Buffer.concat(seen).length)).toEqual(Buffer.concat(seen));
      }),
    );
  });
});

test('an arrow, a mouse report and a letter are a key each', () => {
  expect(keysOf('a\u001b[A\u001bOB\u001b[<0;1;1M\u001bxü')).toHaveLength(6);
});

test.each([
  ['\u001b[12;3R', false],
  ['\u001b[?1;2c\u001b[>0;276;0c', false],
  ['\u001b[I', false],
  ['\u001b]11;rgb:0000/0000/0000\u001b\\', false],
  ['\u001bP1$r0m\u001b\\', false],
  ['a', true],
  ['\u001b[A', true],
  ['\u001b', true],
  ['\u001b[12;3Rx', true],
])('P-15-2 %j is by a person: %s', (text, byPerson) => {
  expect(isByPerson(text)).toBe(byPerson);
});
