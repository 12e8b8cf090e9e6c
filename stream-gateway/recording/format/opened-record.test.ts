import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OpenedRecordReader, writeOpenedRecord } from './opened-record.ts';
import type { SegmentRecord } from './record.ts';

const record = fc.record({
  kind: fc.constantFrom('update', 'event', 'tick', 'end'),
  timeMs: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  more: fc.boolean(),
}) satisfies fc.Arbitrary<SegmentRecord>;

test('records are read as they were written, in whatever cut they come', () => {
  fc.assert(
    fc.property(fc.array(record), fc.integer({ min: 1, max: 50 }), (records, cut) => {
      const bytes = Buffer.concat(records.map(writeOpenedRecord));
      const reader = new OpenedRecordReader();
      const read: SegmentRecord[] = [];
      for (let at = 0; at < bytes.length; at += cut) read.push(...reader.push(bytes.subarray(at, at + cut)));
      expect(read).toEqual(records);
    }),
  );
});

test('whatever else comes is refused with a code, and a length is not believed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 12, maxLength: 60 }), (bytes) => {
      try {
        for (const { payload } of new OpenedRecordReader().push(Buffer.from(bytes))) expect(payload.length).toBeLessThan(60);
      } catch (error) {
        expect(error).toMatchObject({ code: 'RecordingMalformed' });
      }
    }),
  );
  const long = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff]);
  expect(() => [...new OpenedRecordReader().push(long)]).toThrow(/no record/);
});
