import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { chainStart } from './chain.ts';
import { parseRecordingEvent, type RecordingEvent } from './event.ts';
import type { SegmentRecord } from './record.ts';
import { SEGMENT_HEADER_BYTES } from './segment-header.ts';
import { SegmentReader } from './segment-reader.ts';
import { SegmentWriter } from './segment-writer.ts';

const ID = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
const KEY = Buffer.alloc(32, 7);
const HEADER = { recordingId: ID, number: 3, startedAt: 1_795_000_000_000, startMs: 20_000, width: 64, height: 48 } as const;

type Step =
  | { readonly kind: 'update'; readonly payload: Uint8Array }
  | { readonly kind: 'event'; readonly event: RecordingEvent }
  | { readonly kind: 'tick' };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 90 }).map((payload) => ({ kind: 'update' as const, payload })),
  // What compresses, too.
  fc
    .integer({ min: 64, max: 300 })
    .map((length) => ({ kind: 'update' as const, payload: new Uint8Array(length).fill(length & 0xff) })),
  fc.constant({ kind: 'event' as const, event: { type: 'clipboard' as const, direction: 'Up' as const, bytes: 12 } }),
  fc.constant({ kind: 'tick' as const }),
);
const key = fc.constantFrom(undefined, KEY);

interface Written {
  readonly bytes: Buffer;
  /** Where each record ends, the header first. */
  readonly ends: readonly number[];
  readonly hash: Buffer;
}

function write(steps: readonly Step[], dataKey: Buffer | undefined): Written {
  const parts: Buffer[] = [];
  const ends: number[] = [];
  const writer = new SegmentWriter(
    { ...HEADER, previousChain: chainStart(ID) },
    (bytes) => {
      parts.push(bytes);
      ends.push((ends.at(-1) ?? 0) + bytes.length);
    },
    dataKey,
  );
  for (const [index, one] of steps.entries()) {
    if (one.kind === 'update') writer.update(10 * index, [Buffer.from(one.payload)]);
    else if (one.kind === 'event') writer.event(10 * index, one.event);
    else writer.tick(10 * index);
  }
  const hash = writer.end(10 * steps.length);
  return { bytes: Buffer.concat(parts), ends, hash };
}

interface Read {
  readonly records: readonly SegmentRecord[];
  readonly reader: SegmentReader;
  readonly error: StreamSpaceError | undefined;
}

function read(chunks: readonly Buffer[], dataKey: Buffer | undefined): Read {
  const reader = new SegmentReader(dataKey);
  const records: SegmentRecord[] = [];
  try {
    for (const chunk of chunks)
      for (const record of reader.push(chunk)) records.push({ ...record, payload: Buffer.from(record.payload) });
  } catch (error) {
    if (!(error instanceof StreamSpaceError)) throw error;
    return { records, reader, error };
  }
  return { records, reader, error: undefined };
}

test('what was written is read, and the hash is that of the file', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), key, (steps, dataKey) => {
      const { bytes, hash } = write(steps, dataKey);
      const { records, reader, error } = read([bytes], dataKey);
      expect(error).toBeUndefined();
      expect(reader.closed).toBe(true);
      expect(reader.header).toMatchObject(HEADER);
      expect(records.map(({ kind }) => kind)).toEqual([...steps.map(({ kind }) => kind), 'end']);
      for (const [index, one] of steps.entries()) {
        const record = records[index];
        expect(record?.timeMs).toBe(10 * index);
        if (one.kind === 'update') expect(record?.payload).toEqual(Buffer.from(one.payload));
        if (one.kind === 'event') expect(record && parseRecordingEvent(record.payload)).toEqual(one.event);
      }
      expect(hash).toEqual(createHash('sha256').update(bytes).digest());
    }),
  );
});

test('a segment cut at any byte is read up to its last whole record, and is not taken for a closed one', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 5 }), key, (steps, dataKey) => {
      const { bytes, ends } = write(steps, dataKey);
      const whole = read([bytes], dataKey).records;
      for (let cut = 0; cut < bytes.length; cut += 1) {
        const { records, reader, error } = read([bytes.subarray(0, cut)], dataKey);
        expect(error).toBeUndefined();
        const complete = ends.filter((end) => end <= cut);
        expect(records).toEqual(whole.slice(0, Math.max(0, complete.length - 1)));
        expect(reader.wholeBytes).toBe(complete.at(-1) ?? 0);
        expect(reader.closed).toBe(false);
      }
    }),
    { numRuns: 20 },
  );
});

test('any way of cutting the bytes gives the same records', () => {
  const { bytes } = write([{ kind: 'update', payload: new Uint8Array(200) }, { kind: 'tick' }], KEY);
  const whole = read([bytes], KEY).records;
  expect(
    read(
      [...bytes].map((byte) => Buffer.from([byte])),
      KEY,
    ).records,
  ).toEqual(whole);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length)), (places) => {
      const cuts = [0, ...places.toSorted((a, b) => a - b), bytes.length];
      const chunks = cuts.slice(1).map((to, index) => bytes.subarray(cuts[index], to));
      expect(read(chunks, KEY).records).toEqual(whole);
    }),
  );
});

test('a changed byte is noticed at its record, and those before it are delivered', () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 5 }),
      key,
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (steps, dataKey, at, change) => {
        const { bytes, ends } = write(steps, dataKey);
        const place = at % bytes.length;
        const damaged = Buffer.from(bytes);
        damaged[place] = (damaged[place] ?? 0) ^ change;
        const { records, error, reader } = read([damaged], dataKey);
        // A length that grew looks like a segment that goes on; it never looks closed.
        expect(error !== undefined || !reader.closed).toBe(true);
        expect(records.length).toBeLessThanOrEqual(Math.max(0, ends.filter((end) => end <= place).length - 1));
      },
    ),
  );
});

test('records that are moved, left out or sent twice are noticed', () => {
  for (const dataKey of [undefined, KEY]) {
    const steps: Step[] = [1, 2, 3].map((fill) => ({ kind: 'update', payload: new Uint8Array(40).fill(fill) }));
    const { bytes, ends } = write(steps, dataKey);
    const parts = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
    const [header = bytes, one = bytes, two = bytes, three = bytes, end = bytes] = parts;
    expect(read([Buffer.concat([header, two, one, three, end])], dataKey).error?.code).toBe('RecordingMalformed');
    expect(read([Buffer.concat([header, one, three, end])], dataKey).error?.code).toBe('RecordingMalformed');
    expect(read([Buffer.concat([header, one, end])], dataKey).error?.code).toBe('RecordingMalformed');
    expect(read([Buffer.concat([header, one, two, three, end, end])], dataKey).error?.code).toBe('RecordingMalformed');
  }
});

test('an encrypted segment tells nothing without its key, and a wrong key is noticed', () => {
  const secret = Buffer.from('the balance is 4711 and nobody may know it, nobody at all, never');
  const { bytes } = write([{ kind: 'update', payload: secret }], KEY);
  expect(bytes.includes('4711')).toBe(false);
  expect(read([bytes], undefined).error?.code).toBe('RecordingKeyWrong');
  expect(read([bytes], Buffer.alloc(32, 8)).error?.code).toBe('RecordingMalformed');
});

test('a message above a megabyte is split and says so', () => {
  const message = Buffer.alloc(2_500_000, 5);
  const parts: Buffer[] = [];
  const writer = new SegmentWriter({ ...HEADER, previousChain: chainStart(ID) }, (bytes) => parts.push(bytes));
  writer.update(5, [message.subarray(0, 10), message.subarray(10)]);
  writer.end(6);
  const { records } = read(parts, undefined);
  expect(records.map(({ more }) => more)).toEqual([true, true, false, false]);
  expect(Buffer.concat(records.map(({ payload }) => payload)).equals(message)).toBe(true);
});

test('a record that unpacks to more than it says, or says more than is allowed, is refused', () => {
  const { bytes } = write([{ kind: 'update', payload: new Uint8Array(300) }], undefined);
  for (const [offset, value] of [
    [8, 299],
    [8, 0xffffffff],
    [12, 0x7fffffff],
  ] as const) {
    const changed = Buffer.from(bytes);
    changed.writeUInt32BE(value, SEGMENT_HEADER_BYTES + offset);
    expect(read([changed], undefined).error?.code).toBe('RecordingMalformed');
  }
});

test('random bytes are refused or wait for more, whatever they are', () => {
  const { bytes } = write([{ kind: 'tick' }], undefined);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (random, behindHeader) => {
      const start = behindHeader ? bytes.subarray(0, SEGMENT_HEADER_BYTES) : Buffer.alloc(0);
      const { error, reader } = read([start, Buffer.from(random)], undefined);
      expect(reader.closed).toBe(false);
      expect(error?.code ?? 'RecordingMalformed').toBe('RecordingMalformed');
    }),
    { numRuns: 500 },
  );
});
