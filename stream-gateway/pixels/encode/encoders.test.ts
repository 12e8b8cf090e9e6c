import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ENCODING } from '../../rfb/encodings.ts';
import { Negotiation } from '../../rfb/negotiation.ts';
import { NoVncScreen } from '../fixtures/novnc-screen.ts';
import { OurScreen } from '../fixtures/our-screen.ts';
import { copyOf, difference, draw, strokesOn } from '../fixtures/pictures.ts';
import { type Area, Framebuffer, rgbx } from '../framebuffer.ts';
import { PINNED_FORMAT } from '../pinned-format.ts';
import { TileGrid } from '../tiles.ts';
import { ColourSet } from './colour-set.ts';
import { type Part, PartFinder } from './parts.ts';
import { RawEncoder, type RectangleEncoder } from './rectangle-encoder.ts';
import { TightEncoder } from './tight-encoder.ts';
import { ZrleEncoder } from './zrle-encoder.ts';

const WIDTH = 150;
const HEIGHT = 100;

function negotiation(): Negotiation {
  const asked = new Negotiation({ width: WIDTH, height: HEIGHT, pixelFormat: PINNED_FORMAT });
  asked.ask([ENCODING.tight, ENCODING.zrle]);
  return asked;
}

function partOf(screen: Framebuffer, area: Area): Part {
  const set = new ColourSet();
  set.clear();
  const few = set.addArea(screen, area);
  return { x: area.x, y: area.y, width: area.width, height: area.height, colours: few ? set.colours.slice() : undefined };
}

const update = (rectangle: readonly Buffer[]): Buffer => Buffer.concat([Buffer.from([0, 0, 0, 1]), ...rectangle]);

test.each([
  ['Tight', (): RectangleEncoder => new TightEncoder(2)],
  ['ZRLE', (): RectangleEncoder => new ZrleEncoder(2)],
  ['Raw', (): RectangleEncoder => new RawEncoder()],
])('rectangles of any place, size and texture are drawn the same by noVNC and by our decoder: %s', async (_name, make) => {
  await fc.assert(
    fc.asyncProperty(fc.array(strokesOn(WIDTH, HEIGHT), { minLength: 1, maxLength: 8 }), async (strokes) => {
      const screen = new Framebuffer(WIDTH, HEIGHT);
      const theirs = await NoVncScreen.open(negotiation());
      const ours = new OurScreen(negotiation());
      const encoder = make();
      for (const stroke of strokes) {
        draw(screen, stroke);
        const bytes = update(encoder.encode(screen, partOf(screen, stroke)));
        theirs.receive(bytes);
        ours.receive(bytes);
        expect(difference(theirs.display.framebuffer, screen)).toBe('');
        expect(difference(ours.framebuffer, screen)).toBe('');
      }
      encoder.close();
      ours.close();
    }),
    { numRuns: 40 },
  );
});

test('the smallest rectangles, which Tight does not compress, are drawn', async () => {
  const theirs = await NoVncScreen.open(negotiation());
  const screen = new Framebuffer(WIDTH, HEIGHT);
  const encoder = new TightEncoder(2);
  for (let width = 1; width <= 14; width += 1)
    for (const height of [1, 2]) {
      const area = { x: width, y: 3 * width, width, height };
      draw(screen, { ...area, texture: 'noise', seed: width });
      theirs.receive(update(encoder.encode(screen, partOf(screen, area))));
      theirs.receive(update(encoder.encode(screen, { ...area, colours: undefined })));
    }
  encoder.close();
  expect(difference(theirs.display.framebuffer, screen)).toBe('');
});

test('JPEG is for many colours only: text is always sent as it is', async () => {
  const theirs = await NoVncScreen.open(negotiation());
  const screen = new Framebuffer(WIDTH, HEIGHT);
  const encoder = new TightEncoder(2);
  encoder.jpeg = { quality: 80, subsampling: '4:4:4' };
  const all = { x: 0, y: 0, width: WIDTH, height: HEIGHT };
  draw(screen, { ...all, texture: 'few', seed: 5 });
  theirs.receive(update(encoder.encode(screen, partOf(screen, all))));
  expect(difference(theirs.display.framebuffer, screen)).toBe('');
  draw(screen, { ...all, texture: 'many', seed: 5 });
  theirs.receive(update(encoder.encode(screen, partOf(screen, all))));
  expect(difference(theirs.display.framebuffer, screen)).not.toBe('');
  const worst = theirs.display.framebuffer.bytes.reduce(
    (max, byte, at) => Math.max(max, Math.abs(byte - (screen.bytes[at] ?? 0))),
    0,
  );
  expect(worst).toBeLessThan(120);
  encoder.close();
});

test('parts cover the changed tiles, each pixel once, and know their colours', () => {
  const grid = new TileGrid(400, 300);
  const finder = new PartFinder();
  fc.assert(
    fc.property(
      fc.array(strokesOn(400, 300), { maxLength: 6 }),
      fc.uint8Array({ minLength: grid.count, maxLength: grid.count, max: 2 }),
      (strokes, flags) => {
        const screen = new Framebuffer(400, 300);
        for (const stroke of strokes) draw(screen, stroke);
        const covered = new Framebuffer(400, 300);
        const parts = finder.find(screen, grid, flags);
        for (const part of parts) {
          expect(part.width).toBeLessThanOrEqual(2048);
          const copy = copyOf(screen);
          copy.fillRect(part, 0);
          for (let y = part.y; y < part.y + part.height; y += 1)
            for (let x = part.x; x < part.x + part.width; x += 1) {
              covered.pixels[y * 400 + x] = (covered.pixels[y * 400 + x] ?? 0) + 1;
            }
          const few = partOf(screen, part).colours;
          if (part.colours !== undefined) expect([...part.colours].sort()).toEqual([...(few ?? [])].sort());
        }
        const expected = new Framebuffer(400, 300);
        for (let tile = 0; tile < grid.count; tile += 1) if (flags[tile]) expected.fillRect(grid.area(tile), rgbx(1, 0, 0));
        expect(difference(covered, expected)).toBe('');
      },
    ),
    { numRuns: 60 },
  );
});

test('a plain screen is one rectangle of a few bytes for each quarter megapixel', () => {
  const screen = new Framebuffer(1920, 1080);
  const grid = new TileGrid(1920, 1080);
  const parts = new PartFinder().find(screen, grid, new Uint8Array(grid.count).fill(1));
  expect(parts.length).toBeLessThanOrEqual(9);
});
