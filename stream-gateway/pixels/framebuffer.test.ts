import fc from 'fast-check';
import { expect, test } from 'vitest';
import { copyOf, difference, draw } from './fixtures/pictures.ts';
import { BLACK, Framebuffer, rgbx } from './framebuffer.ts';

const side = fc.nat({ max: 12 });

test('a copy that overlaps itself is as if it went by way of another picture', () => {
  fc.assert(
    fc.property(side, side, side, side, fc.nat({ max: 8 }), fc.nat({ max: 8 }), (fromX, fromY, x, y, width, height) => {
      const screen = new Framebuffer(20, 20);
      draw(screen, { x: 0, y: 0, width: 20, height: 20, texture: 'noise', seed: 1 });
      const expected = copyOf(screen);
      expected.blit({ x, y, width, height }, screen.pixels.slice(), fromY * 20 + fromX, 20);
      screen.copyRect(fromX, fromY, { x, y, width, height });
      expect(difference(screen, expected)).toBe('');
    }),
  );
});

test('nothing is drawn outside', () => {
  const screen = new Framebuffer(10, 10);
  for (const area of [
    { x: 9, y: 0, width: 2, height: 1 },
    { x: 0, y: 9, width: 1, height: 2 },
    { x: -1, y: 0, width: 1, height: 1 },
    { x: 5, y: 5, width: -2, height: 1 },
  ]) {
    expect(() => screen.fillRect(area, 0)).toThrow(RangeError);
    expect(() => screen.copyRect(0, 0, area)).toThrow(RangeError);
    expect(() => screen.blit(area, new Uint32Array(100))).toThrow(RangeError);
  }
  expect(() => screen.copyRect(9, 9, { x: 0, y: 0, width: 2, height: 2 })).toThrow(RangeError);
  expect(() => screen.blit({ x: 0, y: 0, width: 3, height: 3 }, new Uint32Array(8))).toThrow(RangeError);
  expect(screen.pixels.every((pixel) => pixel === BLACK)).toBe(true);
});

test('another size is black, whatever was there', () => {
  const screen = new Framebuffer(4, 4);
  screen.fillRect({ x: 0, y: 0, width: 4, height: 4 }, rgbx(1, 2, 3));
  expect([...screen.bytes.subarray(0, 4)]).toEqual([1, 2, 3, 255]);
  screen.resize(3, 5);
  expect([...new Set(screen.pixels)]).toEqual([BLACK]);
  expect(screen.pixels).toHaveLength(15);
});
