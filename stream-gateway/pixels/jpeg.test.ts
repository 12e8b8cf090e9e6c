import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { decodeJpeg, encodeJpeg } from './jpeg.ts';

const WIDTH = 40;
const HEIGHT = 30;
const PIXELS = Buffer.from(
  Uint8Array.from({ length: 4 * WIDTH * HEIGHT }, (_, at) => (at % 4 === 3 ? 255 : ((at >> 2) % WIDTH) * 4 + (at % 4) * 20)),
);
const JPEG = encodeJpeg(PIXELS, WIDTH, HEIGHT, { quality: 100, subsampling: '4:4:4' });

test('what was encoded is decoded to nearly the same, opaque', () => {
  const pixels = decodeJpeg(JPEG, WIDTH, HEIGHT);
  const bytes = Buffer.from(pixels.buffer);
  const worst = bytes.reduce((max, byte, at) => Math.max(max, Math.abs(byte - (PIXELS[at] ?? 0))), 0);
  expect(worst).toBeLessThan(12);
  expect(pixels.every((pixel) => pixel >>> 24 === 255)).toBe(true);
});

test('a JPEG of another size than its rectangle is refused before it is decoded', () => {
  expect(() => decodeJpeg(JPEG, WIDTH + 1, HEIGHT)).toThrow(/no baseline JPEG of 41x30/);
  const huge = Buffer.from(JPEG);
  const frame = huge.indexOf(Buffer.from([0xff, 0xc0]));
  huge.writeUInt16BE(65_535, frame + 5);
  huge.writeUInt16BE(65_535, frame + 7);
  expect(() => decodeJpeg(huge, WIDTH, HEIGHT)).toThrow(StreamSpaceError);
});

test('a progressive JPEG is refused', () => {
  const progressive = Buffer.from(JPEG);
  progressive[progressive.indexOf(Buffer.from([0xff, 0xc0])) + 1] = 0xc2;
  expect(() => decodeJpeg(progressive, WIDTH, HEIGHT)).toThrow(/no baseline JPEG/);
});

test('a JPEG that was cut or changed ends in our error or in pixels', () => {
  fc.assert(
    fc.property(
      fc.nat(JPEG.length),
      fc.array(fc.tuple(fc.nat(JPEG.length - 1), fc.nat(255)), { maxLength: 6 }),
      (end, changes) => {
        const mutant = Buffer.from(JPEG);
        for (const [at, to] of changes) mutant[at] = to;
        try {
          expect(decodeJpeg(mutant.subarray(0, end), WIDTH, HEIGHT)).toHaveLength(WIDTH * HEIGHT);
        } catch (error) {
          expect(error).toBeInstanceOf(StreamSpaceError);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});
