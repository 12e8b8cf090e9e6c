import fc from 'fast-check';
import { encode } from 'fast-png';
import { expect, test } from 'vitest';
import { decodePng } from './png.ts';

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

test('a picture has its pixels, whatever its channels', () => {
  const kinds = fc.constantFrom(1, 2, 3, 4);
  const sizes = fc.integer({ min: 1, max: 20 });
  fc.assert(
    fc.property(kinds, sizes, sizes, fc.infiniteStream(fc.integer({ min: 0, max: 255 })), (channels, width, height, values) => {
      const data = Uint8Array.from({ length: width * height * channels }, () => values.next().value ?? 0);
      const picture = decodePng(base64(encode({ width, height, data, channels, depth: 8 })));
      expect(picture).toMatchObject({ width, height });
      for (let pixel = 0; pixel < width * height; pixel += 1) {
        const from = data.subarray(pixel * channels, (pixel + 1) * channels);
        const [first = 0, second = 0, third = 0, fourth = 255] = from;
        const expected = channels > 2 ? [first, second, third, fourth] : [first, first, first, channels === 2 ? second : 255];
        expect([...(picture?.rgba.subarray(4 * pixel, 4 * pixel + 4) ?? [])]).toEqual(expected);
      }
    }),
    { numRuns: 60 },
  );
});

test('a picture with a palette has its colours', () => {
  // Red and blue, of one bit each.
  const two =
    'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABAQMAAADO7O3JAAAABlBMVEX/AAAAAP9sof2OAAAACklEQVR4nGNwAAAAQgBBKTf07wAAAABJRU5ErkJggg==';
  expect([...(decodePng(two)?.rgba ?? [])]).toEqual([255, 0, 0, 255, 0, 0, 255, 255]);
});

test('what is too large, damaged, cut off or something else gives no picture and no error', () => {
  const data = new Uint8Array(4 * 30 * 30).fill(90);
  const good = Buffer.from(encode({ width: 30, height: 30, data, channels: 4, depth: 8 }));
  const wide = encode({ width: 513, height: 1, data: new Uint8Array(513), channels: 1, depth: 8 });
  expect(decodePng(base64(wide))).toBeUndefined();
  for (const bytes of [new Uint8Array(), Buffer.from('GIF89a and more of it than a header has')])
    expect(decodePng(base64(bytes))).toBeUndefined();
  for (let length = 0; length < good.length - 12; length += 1)
    expect(decodePng(base64(good.subarray(0, length)))).toBeUndefined();
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const bytes = Buffer.from(good);
      bytes[at] = (bytes[at] ?? 0) ^ flip;
      const picture = decodePng(base64(bytes));
      expect(picture === undefined || picture.rgba.length === 4 * picture.width * picture.height).toBe(true);
    }),
  );
});

test('a header that announces another size than its pixels have gives no picture', () => {
  const bytes = Buffer.from(encode({ width: 2, height: 2, data: new Uint8Array(16), channels: 4, depth: 8 }));
  bytes.writeUInt32BE(512, 16);
  expect(decodePng(base64(bytes))).toBeUndefined();
});
