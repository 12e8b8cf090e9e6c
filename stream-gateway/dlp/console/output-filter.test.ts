import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_CLIPBOARD_BYTES } from '../../../schemas/kinds/policies/dlp-rules.ts';
import { cutsOf } from '../../rfb/fixtures/cuts.ts';
import { clipboardSet, MAX_PAYLOAD, OutputFilter, type OutputItem } from './output-filter.ts';

/** Texts that follow each other as one: where they are split depends on the chunks. */
function read(chunks: readonly Uint8Array[]): readonly OutputItem[] {
  const filter = new OutputFilter();
  const items: OutputItem[] = [];
  for (const item of chunks.flatMap((chunk) => [...filter.push(chunk)])) {
    const last = items.at(-1);
    if (item.kind === 'text' && last?.kind === 'text') items.splice(-1, 1, { kind: 'text', text: last.text + item.text });
    else items.push(item);
  }
  return items;
}
const of = (text: string): readonly OutputItem[] => read([Buffer.from(text)]);
const textOf = (items: readonly OutputItem[]): string => items.map((item) => (item.kind === 'text' ? item.text : '')).join('');
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const set = (content: string): OutputItem => ({ kind: 'set', content: Buffer.from(content) });
const SECRET = base64('secret');

describe('OSC 52', () => {
  test.each([
    ['ended by BEL', `\u001b]52;c;${SECRET}\u0007`],
    ['ended by ST', `\u001b]52;c;${SECRET}\u001b\\`],
    ['ended by a C1 ST', `\u001b]52;c;${SECRET}\u009c`],
    ['begun by a C1 OSC', `\u009d52;c;${SECRET}\u0007`],
    ['of other selections', `\u001b]52;pqs0;${SECRET}\u0007`],
    ['of no selection', `\u001b]52;;${SECRET}\u0007`],
    ['with zeros before its number', `\u001b]00052;c;${SECRET}\u0007`],
    ['with controls that terminals leave out', `\u001b\u0000]5\u00012;c\u0002;${SECRET.slice(0, 3)}\r\n${SECRET.slice(3)}\u0007`],
    ['with a byte order mark in it', `\u001b\ufeff]5\ufeff2;c;\ufeff${SECRET}\u0007`],
    ['with a DEL behind its escape', `\u001b\u007f]52;c;${SECRET}\u0007`],
    ['without padding', `\u001b]52;c;${SECRET.replaceAll('=', '')}\u0007`],
    ['behind another escape that it cuts off', `\u001bP1$\u001b]52;c;${SECRET}\u0007`],
    ['within another OSC', `\u001b]0;title\u009d52;c;${SECRET}\u0007`],
  ])('G-68 %s is taken out and told', (_name, sequence) => {
    const items = of(`before ${sequence}after`);
    expect(items).toContainEqual(set('secret'));
    expect(textOf(items)).not.toMatch(/52;|c2Vj/);
    expect(textOf(items)).toMatch(/^before .*after$/su);
  });

  test('G-68 that is ended by any other escape ends there, and the escape passes', () => {
    expect(of(`\u001b]52;c;${SECRET}\u001b[1mbold`)).toEqual([set('secret'), { kind: 'text', text: '\u001b[1mbold' }]);
  });

  test.each([
    ['a query is never answered', `\u001b]52;c;?\u0007`, 'query'],
    ['what would empty the clipboard is left out', `\u001b]52;c;\u0007`, 'clear'],
    ['what is no base64 is left out', `\u001b]52;c;a*b\u0007`, 'invalid'],
    ['what is no UTF-8 is left out', `\u001b]52;c;${Buffer.of(0xff, 0xfe).toString('base64')}\u0007`, 'invalid'],
    ['without content it is left out', `\u001b]52\u0007`, 'invalid'],
    ['with half a content it is left out', `\u001b]52;c\u0007`, 'invalid'],
    ['that is cancelled is left out', `\u001b]52;c;${SECRET}\u0018`, 'invalid'],
    ['a number that never ends is left out', `\u001b]${'0'.repeat(100_000)}52;c;${SECRET}\u0007`, 'invalid'],
  ] as const)('G-68 %s', (_name, sequence, why) => {
    const items = of(`a${sequence}b`);
    expect(items).toContainEqual({ kind: 'stripped', why });
    expect(items.some(({ kind }) => kind === 'set')).toBe(false);
    expect(textOf(items).replace('\u0018', '')).toBe('ab');
  });

  test('G-68 as long as a clipboard may be is told, one byte more is not kept', () => {
    const longest = 'x'.repeat(MAX_CLIPBOARD_BYTES);
    expect(of(`\u001b]52;c;${base64(longest)}\u0007`)).toEqual([set(longest)]);
    expect(of(`\u001b]52;c;${base64(`${longest}y`)}\u0007`)).toEqual([{ kind: 'stripped', why: 'tooLong' }]);
    expect(of(`\u001b]52;c;${'x'.repeat(MAX_PAYLOAD)}end\u0007after`)).toEqual([
      { kind: 'stripped', why: 'tooLong' },
      { kind: 'text', text: 'after' },
    ]);
  });

  test('that passes is written so that it is read again', () => {
    expect(of(clipboardSet(Buffer.from('grün')))).toEqual([set('grün')]);
  });
});

test('text, colours, titles and links pass as they are', () => {
  for (const text of [
    'grün € 日本\r\n',
    '\u001b[1;31mred\u001b[0m',
    '\u001b]0;title\u0007',
    '\u001b]8;;https://example.org\u001b\\link\u001b]8;;\u001b\\',
    '\u001b]520;no\u0007',
    '\u001b]L;\u0007',
  ])
    expect(of(text)).toEqual([{ kind: 'text', text }]);
});

test('what an escape cuts off is left out, or it would go on behind something that is taken out', () => {
  expect(of('\u001b\u001b[A')).toEqual([{ kind: 'text', text: '\u001b[A' }]);
  for (const begun of ['\u001b', '\u001b]', '\u009d', '\u001b]5'])
    expect(textOf(of(`${begun}\u001b]52;c;${SECRET}\u0007]52;c;${SECRET}\u0007`))).toBe(`]52;c;${SECRET}\u0007`);
});

test('what is no UTF-8 is replaced, so that a terminal cannot read around it', () => {
  const hidden = Buffer.concat([Buffer.from('\u001b'), Buffer.of(0xff), Buffer.from(`]52;c;${SECRET}\u0007`)]);
  expect(textOf(read([hidden]))).toBe(`\u001b\ufffd]52;c;${SECRET}\u0007`);
  expect(textOf(read([Buffer.of(0x9d)]))).toBe('\ufffd');
});

const PIECES = [
  '\u001b',
  ']',
  '52',
  '5',
  '2',
  ';',
  'c',
  '?',
  SECRET,
  '\u0007',
  '\\',
  '\u009d',
  '\u009c',
  '\u0018',
  '\u0000',
  '\ufeff',
  '\u007f',
  '[',
  'P',
  'x',
  'ü',
];
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(...PIECES).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 3 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.concat(parts));

describe('any bytes', () => {
  test('G-68 cut at any place give the same', () => {
    fc.assert(
      fc.property(
        hostile.chain((bytes) => cutsOf(bytes).map((chunks) => ({ bytes, chunks }))),
        ({ bytes, chunks }) => {
          expect(read(chunks)).toEqual(read([bytes]));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('G-68 leave nothing behind that a second look would take out', () => {
    fc.assert(
      fc.property(hostile, (bytes) => {
        const passed = textOf(read([bytes]));
        expect(read([Buffer.from(passed)]).filter(({ kind }) => kind !== 'text')).toEqual([]);
      }),
      { numRuns: 5_000 },
    );
  });
});
