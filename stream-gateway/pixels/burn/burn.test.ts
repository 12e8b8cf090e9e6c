import { encode } from 'fast-png';
import { expect, test } from 'vitest';
import { copyOf, difference, draw } from '../fixtures/pictures.ts';
import { burnt } from '../fixtures/scripted-session.ts';
import { BLACK, Framebuffer, rgbx } from '../framebuffer.ts';
import type { MarkPosition } from './places.ts';
import { visibleArea } from './region.ts';
import { COVER, drawable, drawText, wrap } from './text.ts';
import type { WatermarkOptions } from './watermark.ts';

const WHITE = rgbx(255, 255, 255);
const asText = ({ width, height, cover }: ReturnType<typeof drawText>): string =>
  Array.from({ length: height }, (_, row) =>
    Array.from(cover.subarray(row * width, (row + 1) * width), (value) => ' .#'[value] ?? '?').join(''),
  ).join('\n');

test('letters have the shape of the font, and a rim', () => {
  expect(
    asText(drawText(['Té'], 1))
      .split('\n')
      .slice(4, 19)
      .join('\n'),
  ).toMatchInlineSnapshot(`
    " .########.     ....  
     ....##....    ..##.  
        .##.      ..##..  
        .##.      .##..   
        .##.     ......   
        .##.    ..####..  
        .##.   ..##..##.. 
        .##.   .##....##. 
        .##.   .########. 
        .##.   .##....... 
        .##.   .##.. .... 
        .##.   ..##...##. 
        .##.    ..#####.. 
        ....     .......  
                          "
  `);
});

test('letters of any script, composed or not, say who it was', () => {
  expect(drawable('Zoë Ωμέγα Жук')).toBe('Zoë Ωμέγα Жук');
  expect(drawable('Zoe\u0308')).toBe('Zoë');
  expect(drawable('张三 \u{1f600}')).toBe('U+5F20U+4E09 U+1F600');
  expect(drawable('a\u0000b\nc\u0085')).toBe('a b c ');
  expect(drawable('\u202eabc')).toBe('U+202Eabc'); // a mark that runs backwards would say something else
});

test('a line that is wider than the screen goes on below', () => {
  expect(wrap(['abcdefg', '', 'x'], 32, 1)).toEqual(['abc', 'def', 'g', '', 'x']);
  expect(wrap(['ab'], 1, 2)).toEqual(['a', 'b']);
});

function marked(clean: Framebuffer, options: Partial<WatermarkOptions> = {}): Framebuffer {
  return burnt(clean, { watermark: { lines: ['ann 12:00'], opacity: 0.25, position: 'tiled', ...options } });
}

test('the mark is the text, in white with a black rim, as strong as its opacity', () => {
  const text = drawText(['ann 12:00'], 1);
  const clean = new Framebuffer(300, 100);
  clean.fillRect({ x: 0, y: 0, width: 300, height: 100 }, rgbx(100, 200, 40));
  const picture = marked(clean, { position: 'topLeft' });
  const expected = copyOf(clean);
  for (let y = 0; y < text.height; y += 1)
    for (let x = 0; x < text.width; x += 1) {
      const kind = text.cover[y * text.width + x];
      if (kind === COVER.ink) expected.pixels[(8 + y) * 300 + 8 + x] = rgbx(138, 213, 93);
      if (kind === COVER.rim) expected.pixels[(8 + y) * 300 + 8 + x] = rgbx(75, 150, 30);
    }
  expect(difference(picture, expected)).toBe('');
});

test.each<MarkPosition>(['topLeft', 'topRight', 'bottomLeft', 'bottomRight', 'center', 'tiled'])(
  'on white, on black and across tiles the mark is seen: %s',
  (position) => {
    for (const ground of [BLACK, WHITE]) {
      const clean = new Framebuffer(500, 300);
      clean.fillRect({ x: 0, y: 0, width: 500, height: 300 }, ground);
      const picture = marked(clean, { position });
      const changed = picture.pixels.filter((pixel) => pixel !== ground).length;
      const cover = drawText(['ann 12:00'], 1).cover;
      const kind = ground === BLACK ? COVER.ink : COVER.rim;
      const once = cover.filter((value) => value === kind).length;
      if (position === 'tiled') expect(changed).toBeGreaterThan(20 * once);
      else expect(changed).toBe(once);
    }
  },
);

test('every window of a tiled mark of 400 by 200 pixels has a whole text in it', () => {
  const text = drawText(['ann 12:00'], 1);
  const clean = new Framebuffer(1280, 720);
  const picture = marked(clean, { opacity: 1 });
  const at = (left: number, top: number): boolean => {
    for (let y = 0; y < text.height; y += 1)
      for (let x = 0; x < text.width; x += 1)
        if (text.cover[y * text.width + x] === COVER.ink && picture.pixels[(top + y) * 1280 + left + x] !== WHITE) return false;
    return true;
  };
  const found: (readonly [number, number])[] = [];
  for (
    let y = 8;
    y + text.height <= 720;
    y += text.height // marks are in rows of this height
  )
    for (let x = 0; x + text.width <= 1280; x += 1) if (at(x, y)) found.push([x, y]);
  for (let top = 0; top + 200 <= 720; top += 65)
    for (let left = 0; left + 400 <= 1280; left += 55)
      expect(
        found.some(([x, y]) => x >= left && y >= top && x + text.width <= left + 400 && y + text.height <= top + 200),
        `${left},${top}`,
      ).toBe(true);
});

test('a mark on a screen of a few pixels does no harm', () => {
  for (const [width, height] of [
    [0, 0],
    [1, 1],
    [30, 9],
  ] as const)
    expect(marked(new Framebuffer(width, height)).pixels).toHaveLength(width * height);
});

test('the visible region is rounded inwards; what cannot be told is hidden', () => {
  const region = { unit: 'percent', x: 10, y: 10, width: 50, height: 50, outside: 'black' } as const;
  expect(visibleArea(region, 105, 33)).toEqual({ x: 11, y: 4, width: 52, height: 15 });
  expect(visibleArea({ ...region, unit: 'pixels', x: -5, width: 10_000 }, 100, 100)).toMatchObject({ x: 0, width: 100 });
  expect(visibleArea({ ...region, unit: 'pixels', x: 200 }, 100, 100)).toMatchObject({ width: 0 });
  expect(visibleArea({ ...region, width: Number.NaN }, 100, 100)).toMatchObject({ width: 0 });
});

test('a mosaic shows means of squares: pictures with the same means look the same', () => {
  const burn = { region: { unit: 'pixels', x: 0, y: 0, width: 0, height: 0, outside: 'mosaic' } } as const;
  const pictures = [0, 1].map((phase) => {
    const clean = new Framebuffer(130, 70);
    for (let index = 0; index < clean.pixels.length; index += 1) clean.pixels[index] = (index + phase) % 2 === 0 ? BLACK : WHITE;
    return burnt(clean, burn);
  });
  const [one = new Framebuffer(0, 0), other = new Framebuffer(1, 1)] = pictures;
  expect(difference(one, other)).toBe('');
  expect(one.pixels[0]).toBe(rgbx(127, 127, 127));
});

test('the mark is on hidden parts too', () => {
  const clean = new Framebuffer(300, 200);
  draw(clean, { x: 0, y: 0, width: 300, height: 200, texture: 'noise', seed: 1 });
  const picture = burnt(clean, {
    region: { unit: 'pixels', x: 0, y: 0, width: 0, height: 0, outside: 'black' },
    watermark: { lines: ['ann'], opacity: 0.5, position: 'tiled' },
  });
  expect(new Set(picture.pixels)).toEqual(new Set([BLACK, rgbx(127, 127, 127)]));
});

test('an image stands above the text, as strong as its opacity and its own transparency', () => {
  // Red, half of it seen through, and a pixel of nothing.
  const data = Uint8Array.from([255, 0, 0, 255, 255, 0, 0, 128, 9, 9, 9, 0]);
  const image = Buffer.from(encode({ width: 3, height: 1, data, channels: 4, depth: 8 })).toString('base64');
  const clean = new Framebuffer(300, 100);
  const ground = rgbx(0, 200, 0);
  clean.fillRect({ x: 0, y: 0, width: 300, height: 100 }, ground);
  const picture = marked(clean, { position: 'topLeft', opacity: 0.5, image });
  const text = drawText(['ann 12:00'], 1);
  const left = 8 + Math.floor((text.width - 3) / 2);
  expect([...picture.pixels.subarray(8 * 300 + left - 1, 8 * 300 + left + 4)]).toEqual([
    ...[ground, rgbx(127, 100, 0), rgbx(63, 150, 0), ground, ground],
  ]);
  const below = marked(clean, { position: 'topLeft', opacity: 0.5 });
  for (let y = 8; y < 8 + text.height; y += 1)
    expect(picture.pixels.subarray((y + 1) * 300, (y + 2) * 300)).toEqual(below.pixels.subarray(y * 300, (y + 1) * 300));
});

test.each<MarkPosition>(['topLeft', 'bottomRight', 'center', 'tiled'])(
  'a large image is whole across tiles and cut at the edge of the screen: %s',
  (position) => {
    const [width, height] = [150, 90];
    const data = new Uint8Array(4 * width * height).fill(255);
    const image = Buffer.from(encode({ width, height, data, channels: 4, depth: 8 })).toString('base64');
    const picture = marked(new Framebuffer(400, 300), { position, opacity: 1, image, lines: [''] });
    const white = picture.pixels.filter((pixel) => pixel === WHITE).length;
    if (position === 'tiled') expect(white).toBeGreaterThan(2 * width * height);
    else expect(white).toBe(width * height);
  },
);

test('an image that cannot be read leaves the text as it is', () => {
  const clean = new Framebuffer(300, 100);
  expect(difference(marked(clean, { image: 'iVBORw0KGgoAAAANSUhEUg==' }), marked(clean))).toBe('');
});
