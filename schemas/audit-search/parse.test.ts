import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAuditSearch } from './parse.ts';
import { printAuditSearch } from './print.ts';
import { AUDIT_KEYS, AUDIT_SEARCH_PROBLEMS, type AuditTerm, MAX_AUDIT_SEARCH, MAX_AUDIT_TERMS } from './terms.ts';
import { canonicalValue, instantOf } from './values.ts';

const term = (key: AuditTerm['key'], value: string, negated = false): AuditTerm => ({ key, value, negated });

function termsOf(text: string): readonly AuditTerm[] {
  const parsed = parseAuditSearch(text);
  if (!parsed.ok) throw new Error(`${parsed.problem.code} at ${parsed.problem.at}`);
  return parsed.terms;
}

test('P-02-3 every key, negation, quotes and free text are read', () => {
  const text =
    'actor:member ACTION:session.* result:denied object:session/demo team:blue address:10.0.0.0/8 commit:ABC123 since:2d until:2026-11-01 "free text" word -action:x -"a \\"b\\" \\\\"';
  expect(termsOf(text)).toEqual([
    ...[term('actor', 'member'), term('action', 'session.*'), term('result', 'refused'), term('object', 'session/demo')],
    ...[term('team', 'blue'), term('address', '10.0.0.0/8'), term('commit', 'abc123'), term('since', '2d')],
    ...[term('until', '2026-11-01'), term('text', 'free text'), term('text', 'word'), term('action', 'x', true)],
    term('text', 'a "b" \\', true),
  ]);
  expect(termsOf('actor:"ann lee"')).toEqual([term('actor', 'ann lee')]);
  expect(termsOf(' \t\n ')).toEqual([]);
});

test.each([
  ['actor:ann nosuch:x', 'KeyUnknown', 10],
  ['actor:', 'ValueMissing', 6],
  ['actor: ann', 'ValueMissing', 6],
  ['ok -', 'ValueMissing', 4],
  ['""', 'ValueMissing', 0],
  ['a "open', 'QuoteOpen', 2],
  ['actor:"open\\"', 'QuoteOpen', 6],
  ['-since:2d', 'NotNegatable', 0],
  ['result:maybe', 'ValueInvalid', 7],
  ['result:constructor', 'ValueInvalid', 7],
  ['object:demo', 'ValueInvalid', 7],
  ['address:10.0.0.0/33', 'ValueInvalid', 8],
  ['address:999.0.0.1', 'ValueInvalid', 8],
  ['address:fe80::1::2', 'ValueInvalid', 8],
  ['commit:xyz1', 'ValueInvalid', 7],
  ['since:yesterday', 'ValueInvalid', 6],
  ['until:2026-02-30', 'ValueInvalid', 6],
  ['action:session.created*x', 'ValueInvalid', 7],
  ['***', 'ValueInvalid', 0],
  ['"a\u0000b"', 'ValueInvalid', 0],
  ['a'.repeat(MAX_AUDIT_SEARCH + 1), 'TooLong', MAX_AUDIT_SEARCH],
  ['a '.repeat(MAX_AUDIT_TERMS + 1), 'TooMany', 2 * MAX_AUDIT_TERMS],
] as const)('P-02-3 %j is refused with a code and its place', (text, code, at) => {
  const parsed = parseAuditSearch(text);
  expect(parsed).toMatchObject({ ok: false, problem: { code, at } });
});

const VALUES: Readonly<Record<AuditTerm['key'], fc.Arbitrary<string>>> = {
  actor: fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }),
  action: fc.stringMatching(/^[a-z][a-z.-]{0,20}\*?$/),
  result: fc.constantFrom('success', 'refused', 'failure'),
  object: fc.stringMatching(/^[A-Za-z]{1,9}\/[^/]{1,20}$/),
  team: fc.stringMatching(/^[a-z0-9]{1,10}$/),
  address: fc.oneof(fc.ipV4(), fc.constantFrom('10.0.0.0/8', 'fe80::1', '2001:db8::/32', '::')),
  commit: fc.stringMatching(/^[0-9a-f]{4,40}$/),
  request: fc.uuid(),
  since: fc.constantFrom('30m', '12h', '2d', '4w', '2026-11-01', '2026-11-01T08:00Z', '2026-11-01T08:00:00.123Z'),
  until: fc.constantFrom('1d', '2026-12-31'),
  text: fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }),
};

const canonicalTerm: fc.Arbitrary<AuditTerm> = fc
  .constantFrom(...AUDIT_KEYS, 'text' as const)
  .chain((key) => fc.record({ key: fc.constant(key), value: VALUES[key], negated: fc.boolean() }))
  .filter(({ key, value }) => 'value' in canonicalValue(key, value))
  .map((each) => (each.key === 'since' || each.key === 'until' ? { ...each, negated: false } : each));

describe('P-02-3 whatever is written', () => {
  test('P-02-3 what is printed is read as the same terms', () => {
    fc.assert(
      fc.property(fc.array(canonicalTerm, { maxLength: 8 }), (terms) => {
        expect(parseAuditSearch(printAuditSearch(terms))).toEqual({ ok: true, terms });
      }),
      { numRuns: 500 },
    );
  });

  test('P-02-3 any text gives terms or a known problem at a place in it, and terms are printed back', () => {
    const pieces = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom(...AUDIT_KEYS).map((key) => `${key}:`),
      fc.constantFrom('"', '\\', '-', ' ', ':', '\u0000', '\ud800', '*', '/', "'; drop table audit_events; --"),
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        const text = parts.join('');
        const parsed = parseAuditSearch(text);
        if (parsed.ok) expect(parseAuditSearch(printAuditSearch(parsed.terms))).toEqual(parsed);
        else {
          expect(Object.keys(AUDIT_SEARCH_PROBLEMS)).toContain(parsed.problem.code);
          expect(parsed.problem.at).toBeGreaterThanOrEqual(0);
          expect(parsed.problem.at).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('P-02-3 a long hostile text is judged in time that grows with its length only', () => {
    const hostile = `"${'\\"'.repeat(490)}`;
    const startedAt = performance.now();
    for (let round = 0; round < 200; round += 1) parseAuditSearch(hostile);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});

test('a day is from its start to its end in UTC, a duration is before now', () => {
  const now = Date.parse('2026-11-28T12:00:00Z');
  expect(instantOf('since', '2026-11-01', now)).toBe(Date.parse('2026-11-01T00:00:00Z'));
  expect(instantOf('until', '2026-11-01', now)).toBe(Date.parse('2026-11-02T00:00:00Z'));
  expect(instantOf('until', '2026-11-01T08:00Z', now)).toBe(Date.parse('2026-11-01T08:00:00Z'));
  expect(instantOf('since', '2d', now)).toBe(Date.parse('2026-11-26T12:00:00Z'));
});
