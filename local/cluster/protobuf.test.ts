import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMessage, encodeMessage, messagesOf, numberOf, textsOf } from './protobuf.ts';

const fields = fc.dictionary(fc.integer({ min: 1, max: 500 }).map(String), fc.oneof(fc.string(), fc.nat()), { maxKeys: 8 });

test('what is written is read again', () => {
  fc.assert(
    fc.property(fields, (message) => {
      const read = decodeMessage(encodeMessage(message));
      for (const [number, value] of Object.entries(message)) {
        if (typeof value === 'number') expect(numberOf(read, Number(number))).toBe(value);
        else expect(textsOf(read, Number(number))).toEqual([value]);
      }
    }),
  );
});

test('any bytes give fields or a RangeError, never anything else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodeMessage(Buffer.from(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
  );
});

test('nested messages and a repeated field are read in order', () => {
  const condition = (type: string, status: number): Buffer => encodeMessage({ 1: type, 2: status });
  const inner = [condition('RuntimeReady', 1), condition('NetworkReady', 0)].map((bytes) =>
    Buffer.concat([Buffer.from([0x0a, bytes.length]), bytes]),
  );
  const read = messagesOf(decodeMessage(Buffer.concat(inner)), 1).map(decodeMessage);
  expect(read.map((found) => [textsOf(found, 1), numberOf(found, 2)])).toEqual([
    [['RuntimeReady'], 1],
    [['NetworkReady'], 0],
  ]);
});
