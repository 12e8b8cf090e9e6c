import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Negotiation } from './negotiation.ts';
import { parsePixelFormat } from './pixel-format.ts';
import { ServerMessageReader } from './server-messages.ts';
import { wholeUpdateBytes } from './whole-update.ts';

const FORMAT = parsePixelFormat(Buffer.from('20180001 00ff00ff00ff 10 08 00 000000'.replaceAll(' ', ''), 'hex'));
const negotiation = (): Negotiation => new Negotiation({ width: 64, height: 48, pixelFormat: FORMAT });

const rectangle = fc
  .record({
    place: fc.tuple(fc.nat(70), fc.nat(50), fc.nat(12), fc.nat(12)),
    encoding: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.constantFrom(1, 2, 16, -223, 0x10000)),
    more: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.integer({ min: -20, max: 20 })),
  })
  .map(({ place, encoding, more }) => {
    const header = Buffer.alloc(12);
    for (const [index, value] of place.entries()) header.writeUInt16BE(value, 2 * index);
    header.writeInt32BE(encoding, 8);
    return Buffer.concat([header, Buffer.alloc(Math.max(0, place[2] * place[3] * 4 + more), 7)]);
  });

const update = fc
  .tuple(fc.constantFrom(0, 0, 0, 2, 3), fc.array(rectangle, { maxLength: 4 }), fc.constantFrom(0, 0, 0, 1, -1))
  .map(([type, rectangles, more]) => {
    const count = Math.max(0, rectangles.length + more);
    return Buffer.concat([Buffer.of(type, 0, count >> 8, count & 255), ...rectangles]);
  });

/** What passes, as one text with its ends, and the code of the error behind it. */
function passed(chunks: readonly Buffer[]): string {
  const reader = new ServerMessageReader(negotiation());
  let said = '';
  try {
    for (const chunk of chunks)
      for (const { message, bytes, end } of reader.push(chunk)) said += `${bytes.toString('hex')}${end ? ` ${message}\n` : ''}`;
  } catch (error) {
    said += String(error);
  }
  return said;
}

test('what is found in one go passes the full parser as one update too, whatever the bytes are', () => {
  let found = 0;
  fc.assert(
    fc.property(fc.array(update, { minLength: 1, maxLength: 3 }), (updates) => {
      const bytes = Buffer.concat(updates);
      // The full parser sees all of it where the first byte comes alone.
      const each = [...bytes].map((byte) => Buffer.of(byte));
      expect(passed([bytes])).toBe(passed(each));
      const count = wholeUpdateBytes(bytes, 0, negotiation());
      if (count === undefined) return;
      found += 1;
      expect(passed(each).split('\n')[0]).toBe(`${bytes.toString('hex', 0, count)} framebufferUpdate`);
    }),
    { numRuns: 1_000 },
  );
  expect(found).toBeGreaterThan(50);
});

test('one rectangle beyond the edge, by one pixel, is not for it', () => {
  const bytes = Buffer.concat([
    Buffer.from('0000 0001 003f 0000 0001 0001 00000000'.replaceAll(' ', ''), 'hex'),
    Buffer.alloc(4),
  ]);
  expect(wholeUpdateBytes(bytes, 0, negotiation())).toBe(20);
  bytes.writeUInt16BE(2, 8);
  expect(wholeUpdateBytes(Buffer.concat([bytes, Buffer.alloc(4)]), 0, negotiation())).toBeUndefined();
});
