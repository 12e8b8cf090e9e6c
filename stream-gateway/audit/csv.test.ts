import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AuditEventView } from '../../schemas/api/api.ts';
import { CSV_HEADER, csvCell, csvLine } from './csv.ts';

const EVENT: AuditEventView = {
  ...{ id: 'i', at: '2026-11-28T08:00:00.000Z', type: 'signout', actor: '=HYPERLINK("http://x";"y")', result: 'success' },
  ...{ object: null, sourceAddress: '10.0.0.1', requestId: null, details: { reason: 'a, "b"\nc', bytes: 7 } },
};

/** A reader of RFC 4180, as a spreadsheet has one. */
function cells(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",\r\n]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
}

test('an event is one record whose cells are read back, and a formula is text', () => {
  const read = cells(csvLine(EVENT).slice(0, -2));
  expect(read).toHaveLength(cells(CSV_HEADER.slice(0, -2)).length);
  expect(read[2]).toBe(`'=HYPERLINK("http://x";"y")`);
  expect(JSON.parse(read[7] ?? '')).toEqual(EVENT.details);
});

test('no cell begins with what a spreadsheet computes, and every cell is read back but for the apostrophe', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string().chain((rest) => fc.constantFrom(...'=+-@\t\r').map((first) => first + rest)),
  );
  fc.assert(
    fc.property(hostile, (text) => {
      const [read = ''] = cells(csvCell(text));
      expect(read.replace(/^'(?=[=+\-@\t\r])/, '')).toBe(text);
      expect(read).not.toMatch(/^[=+\-@\t\r]/);
    }),
  );
});
