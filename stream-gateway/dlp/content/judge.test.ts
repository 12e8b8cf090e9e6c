import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ContentAction } from '../../../schemas/kinds/policies/dlp-rules.ts';
import type { Clip } from '../clipboard/clip.ts';
import { judgeContent } from './judge.ts';
import { textOfHtml, textOfRtf } from './markup.ts';
import { type MergedContentRule, readyRules } from './rules.ts';

const CARD = '4111 1111 1111 1111';
const rule = (fields: Partial<MergedContentRule> = {}): MergedContentRule => ({
  policy: 'streamspace/base',
  name: 'cards',
  action: 'Block',
  direction: 'Both',
  ...(fields.pattern === undefined ? { detector: 'CardNumber' as const } : {}),
  ...fields,
});
const clip = (parts: Readonly<Record<string, string>>): Clip =>
  new Map(Object.entries(parts).map(([format, text]) => [format as 'text', Buffer.from(text, 'utf8')]));
const judge = (rules: readonly MergedContentRule[], text: string, before = '') =>
  judgeContent(readyRules(rules), 'Up', clip({ text }), new Map([['text', before]]));
const passed = (rules: readonly MergedContentRule[], parts: Readonly<Record<string, string>>) => {
  const verdict = judgeContent(readyRules(rules), 'Up', clip(parts));
  return verdict.action === 'block' ? 'block' : Object.fromEntries([...verdict.clip].map(([key, bytes]) => [key, String(bytes)]));
};

describe('actions', () => {
  test('the strictest wins, and every rule that found something is told', () => {
    const rules = (['Report', 'Redact', 'Block'] as const).map((action) => rule({ name: action.toLowerCase(), action }));
    expect(judge(rules, `a ${CARD} b ${CARD}`)).toEqual({
      action: 'block',
      findings: rules.map(({ name, action }) => ({ policy: 'streamspace/base', rule: name, action, count: 2 })),
    });
  });

  test('what is redacted keeps its shape, what is reported passes as it came', () => {
    expect(passed([rule({ action: 'Redact' })], { text: `a\n${CARD}\nb` })).toEqual({ text: `a\n${'*'.repeat(19)}\nb` });
    expect(passed([rule({ action: 'Report' })], { text: CARD })).toEqual({ text: CARD });
  });

  test('a rule of the other direction says nothing', () => {
    expect(judge([rule({ direction: 'Down' })], CARD)).toMatchObject({ action: 'pass', findings: [] });
  });

  test('a pattern that cannot be used stops everything in its direction, and nothing in the other', () => {
    expect(judge([rule({ pattern: '(?=a)b(' })], 'harmless')).toMatchObject({
      action: 'block',
      findings: [{ rule: 'cards', count: 1 }],
    });
    expect(judge([rule({ pattern: '(', direction: 'Down' })], 'harmless')).toMatchObject({ action: 'pass' });
  });

  test('markup with something in it is left out where it would be redacted, and the clipboard stopped where nothing is left', () => {
    const rules = [rule({ action: 'Redact' })];
    const html = '<b>4111</b> 1111 <i>1111</i> 1111';
    expect(passed(rules, { text: CARD, html })).toEqual({ text: '*'.repeat(19) });
    expect(passed(rules, { html })).toBe('block');
    expect(passed(rules, { text: 'a', html: '<b>a</b>' })).toEqual({ text: 'a', html: '<b>a</b>' });
    expect(passed(rules, { rtf: String.raw`{\rtf1 4111 \b 1111\b0  1111 \'31111}` })).toBe('block');
  });
});

describe('G-26 the same secret in other clothes', () => {
  const caught: readonly (readonly [string, string])[] = [
    ['with CRLF inside', '4111 1111\r\n'.replace('\r\n', '\r\n')],
    ['with NUL between its digits', [...CARD].join('\u0000')],
    ['with zero-width spaces', [...CARD].join('\u200B')],
    ['with soft hyphens', [...CARD].join('\u00AD')],
    ['in full-width digits', CARD.replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))],
    ['in mathematical digits', CARD.replaceAll(/\d/g, (digit) => String.fromCodePoint(0x1d7ce + Number(digit)))],
    ['in Arabic digits', CARD.replaceAll(/\d/g, (digit) => String.fromCodePoint(0x0660 + Number(digit)))],
    ['with no-break spaces', CARD.replaceAll(' ', '\u00A0')],
    ['with typographic dashes', CARD.replaceAll(' ', '\u2013')],
    ['in base64', Buffer.from(`my card is ${CARD}`).toString('base64')],
    ['in base64 of UTF-16', Buffer.from(`my card is ${CARD}`, 'utf16le').toString('base64')],
    [
      'in base64 with line ends',
      Buffer.from(`${'x '.repeat(40)}${CARD}`)
        .toString('base64')
        .replaceAll(/(.{64})/g, '$1\r\n'),
    ],
  ];
  test.each(caught.slice(1))('is caught %s', (_how, text) => {
    expect(judge([rule()], `a ${text} b`).action).toBe('block');
  });

  test('a pattern is caught over CRLF, in look-alike letters, and in Latin-1 as well as in UTF-8', () => {
    const falcon = rule({ pattern: '(?i)project\\sfalcon' });
    expect(judge([falcon], 'PROJECT\r\nFalcon').action).toBe('block');
    expect(judge([falcon], 'рrојесt fаlсоn').action).toBe('block'); // Cyrillic р, о, ј, е, с, а
    const accent = readyRules([rule({ pattern: 'cr\u00E8me' })]);
    for (const encoding of ['latin1', 'utf8'] as const)
      expect(judgeContent(accent, 'Up', new Map([['text', Buffer.from('la cr\u00E8me', encoding)]])).action).toBe('block');
  });

  test('one byte that is no UTF-8 hides nothing: the text is read both ways', () => {
    const bytes = Buffer.concat([Buffer.from([...CARD].join('\u200B'), 'utf8'), Buffer.of(0xff)]);
    expect(judgeContent(readyRules([rule()]), 'Up', new Map([['text', bytes]])).action).toBe('block');
  });

  test.each([0, 1, 2, 3, 5])('base64 is caught with %d letters right in front of it', (letters) => {
    const packed = Buffer.from(`the number of my card is ${CARD}, keep it`).toString('base64');
    expect(judge([rule()], `${'key12'.slice(0, letters)}${packed}`).action).toBe('block');
  });

  test.each([
    ['in base64 of base64', Buffer.from(Buffer.from(`card ${CARD} card`).toString('base64')).toString('base64')],
    ['in hexadecimal', Buffer.from(CARD).toString('hex')],
    ['backwards', [...CARD].reverse().join('')],
    ['spelt out', 'four one one one'],
    ['with a letter between every two digits', [...CARD].join('x')],
  ])('passes %s, as the guide says', (_how, text) => expect(judge([rule()], text).action).toBe('pass'));

  test('what was found in a disguise is blacked out where it stands', () => {
    const hidden = [...CARD].join('\u200B');
    expect(passed([rule({ action: 'Redact' })], { text: `a${hidden}b` })).toEqual({ text: `a${'*'.repeat(hidden.length)}b` });
    const run = Buffer.from(`my card is ${CARD}`).toString('base64');
    expect(passed([rule({ action: 'Redact' })], { text: `a ${run} b` })).toEqual({ text: `a ${'*'.repeat(run.length)} b` });
  });
});

describe('a secret cut in two', () => {
  test('G-28 is caught when both halves come within the window, also where it would be blacked out', () => {
    for (const action of ['Block', 'Redact'] as const)
      expect(judge([rule({ action })], ' 1111 1111', 'card 4111 1111')).toMatchObject({
        action: 'block',
        findings: [{ count: 1 }],
      });
    expect(judge([rule({ action: 'Report' })], ' 1111 1111', '4111 1111')).toMatchObject({
      action: 'pass',
      findings: [{ count: 1 }],
    });
  });

  test('G-28 is caught in the words of markup too, whatever stands beside it', () => {
    const parts = clip({ text: 'harmless', html: '<b> 1111</b> 1111' });
    const before = new Map([
      ['text', 'harmless'],
      ['html', '4111 1111'],
    ] as const);
    expect(judgeContent(readyRules([rule()]), 'Up', parts, before)).toMatchObject({ action: 'block', findings: [{ count: 1 }] });
  });

  test('what lies before the seam, or behind it alone, is not found a second time', () => {
    expect(judge([rule()], 'harmless', `${CARD} `)).toMatchObject({ action: 'pass', findings: [] });
  });
});

test('after a redaction the same rule finds nothing more, whatever the text', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      CARD,
      '4111',
      '1111 ',
      ' ',
      '\n',
      'DE89370400440532013000',
      'falcon',
      'Fаlcon',
      '\u200B',
      'aGVsbG8gZmFsY29uIGhlbGxvIGhlbGxv',
    ),
    fc.string({ unit: 'binary', maxLength: 6 }),
  );
  const rules = readyRules([
    rule({ action: 'Redact' }),
    rule({ action: 'Redact', name: 'iban', detector: 'Iban' }),
    rule({ action: 'Redact', name: 'falcon', pattern: '(?i)falcon' }),
  ]);
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = Buffer.from(pieces.join(''), 'utf8');
      if (text.length === 0) return;
      const verdict = judgeContent(rules, 'Up', new Map([['text', text]]));
      if (verdict.action === 'block') return expect.unreachable('a text can be blacked out');
      const again = judgeContent(rules, 'Up', verdict.clip);
      expect(again).toMatchObject({ action: 'pass', findings: [] });
      expect([...String(verdict.clip.get('text'))].length).toBe([...String(text)].length);
    }),
  );
});

test('markup is read whatever it is, and never grows much', () => {
  expect(textOfHtml('<p>a&amp;b</p><!-- c --><b>d</b>&#x41;&#66;<e')).toBe('\na&b\nd' + 'AB<e');
  expect(textOfRtf(String.raw`{\rtf1\ansi{\b h\'e9}\par \u8364?x\~y\\z}`)).toBe('hé\n€x y\\z');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
      expect(textOfHtml(text).length).toBeLessThanOrEqual(text.length + 2_000);
      expect(textOfRtf(text).length).toBeLessThanOrEqual(text.length + 2_000);
    }),
  );
});

test.each<[ContentAction, string]>([
  ['Block', 'block'],
  ['Redact', 'block'],
  ['Report', 'pass'],
])('a picture and a list of files cannot be read: %s leaves them, and stops a clipboard only for what can', (action) => {
  const parts: Clip = new Map([['dib', Buffer.from(CARD)]]);
  expect(judgeContent(readyRules([rule({ action })]), 'Up', parts)).toEqual({ action: 'pass', clip: parts, findings: [] });
});
