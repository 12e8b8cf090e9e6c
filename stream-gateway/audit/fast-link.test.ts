import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ChainedRow, chainStart, linkOf, parseRow } from './chain.ts';
import { FastLink } from './fast-link.ts';

const START = chainStart('2026-11');

/** As `json_build_array` of PostgreSQL writes it, with details as jsonb keeps them: by length of the key. */
function lineOf(row: ChainedRow): string {
  const json = (value: unknown): string => JSON.stringify(value);
  const byLength = (one: string, other: string): number => one.length - other.length || (one < other ? -1 : 1);
  const facts = row.details as Readonly<Record<string, unknown>> | null;
  const members = Object.keys(facts ?? {}).toSorted(byLength);
  const details = facts === null ? 'null' : `{${members.map((key) => `${json(key)}: ${json(facts[key])}`).join(', ')}}`;
  const before = [row.seq, row.id, row.at, row.type, row.actor, row.result, row.object, row.sourceAddress, row.requestId];
  return `[${[...before.map(json), details, row.position, json(row.hash)].join(', ')}]`;
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom('"', '\\', '\\"', '{"a": 1}', ', ', '\n', null),
);
const value = fc.oneof(text, fc.integer(), fc.boolean());
const rowFrom = fc
  .record({
    seq: fc.nat(),
    actor: text,
    object: text,
    milliseconds: fc.nat({ max: 999 }),
    position: fc.integer({ min: 1, max: 1_000_000 }),
    details: fc.option(fc.dictionary(fc.stringMatching(/^[A-Za-z]{1,8}$/), value, { noNullPrototype: true })),
  })
  .map(({ milliseconds, ...row }): ChainedRow => {
    const at = `2026-11-02T03:04:05.${String(milliseconds).padStart(3, '0')}000Z`;
    const whole = { ...row, at, id: 'i', type: 'signout', result: 'success', sourceAddress: null, requestId: 'r', hash: '' };
    return { ...whole, hash: linkOf(START, whole) };
  });

test('P-02-1 a row that is as it was written is known by its line alone, whatever stands in it', () => {
  fc.assert(
    fc.property(fc.array(rowFrom, { minLength: 1, maxLength: 5 }), (rows) => {
      const link = new FastLink();
      for (const row of rows) {
        const line = lineOf(row);
        expect(parseRow(line)).toEqual(row);
        expect(link.read(line, START, row.position)).toEqual({ position: row.position, hash: row.hash, type: 'signout' });
      }
    }),
  );
});

test('P-02-1 with any character of the line changed, put in or taken out, it is not', () => {
  fc.assert(
    fc.property(rowFrom, fc.nat(), fc.constantFrom('', '0', '"', 'x', ' ', '}', '\\'), fc.boolean(), (row, at, other, keeps) => {
      const line = lineOf(row);
      const place = at % line.length;
      const changed = line.slice(0, place) + other + line.slice(place + (keeps ? 0 : 1));
      const link = new FastLink();
      const read = link.read(changed, START, row.position);
      // Whether a time says its microseconds when there are none is no content.
      if (read !== undefined) expect({ ...parseRow(changed), at: row.at }).toEqual(row);
    }),
    { numRuns: 2_000 },
  );
});

test('another place, another hash before, or a list in the details is left to who judges slowly', () => {
  const row: ChainedRow = {
    ...{ seq: 1, id: 'i', at: '2026-11-02T03:04:05.000000Z', type: 'signout', actor: 'a', result: 'success', object: null },
    ...{ sourceAddress: null, requestId: null, details: { n: 1 }, position: 1, hash: '' },
  };
  const line = lineOf({ ...row, hash: linkOf(START, row) });
  const link = new FastLink();
  expect(link.read(line, START, 1)).toBeDefined();
  expect(link.read(line, START, 2)).toBeUndefined();
  expect(link.read(line, chainStart('2026-10'), 1)).toBeUndefined();
  expect(link.read(line.replace('{"n": 1}', '{"n": [1]}'), START, 1)).toBeUndefined();
  expect(link.read('', START, 1)).toBeUndefined();
});
