// Encodings that our own encoder does not make, made here in the simplest way, and bytes that no encoder makes.
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { ENCODING } from '../../rfb/encodings.ts';
import { DeflateStream } from '../encode/deflate-stream.ts';
import { copyOf, difference, draw, strokesOn } from '../fixtures/pictures.ts';
import { type Area, Framebuffer } from '../framebuffer.ts';
import { PINNED_FORMAT } from '../pinned-format.ts';
import { Decoder } from './decoder.ts';
import { InflateStream } from './inflate-stream.ts';

const WIDTH = 90;
const HEIGHT = 70;

const u16 = (value: number): number[] => [value >> 8, value & 0xff];
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value & 0xffff)];
const pixel = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, 0];
const cpixel = (value: number): number[] => pixel(value).slice(0, 3);

type TestEncoder = (screen: Framebuffer, area: Area) => Buffer;

function* pixelsOf(screen: Framebuffer, area: Area): Generator<readonly [x: number, y: number, value: number]> {
  for (let y = 0; y < area.height; y += 1)
    for (let x = 0; x < area.width; x += 1) yield [x, y, screen.pixels[(area.y + y) * screen.width + area.x + x] ?? 0];
}

function tilesOf(area: Area, side: number): Area[] {
  const tiles: Area[] = [];
  for (let y = 0; y < area.height; y += side)
    for (let x = 0; x < area.width; x += side)
      tiles.push({
        x: area.x + x,
        y: area.y + y,
        width: Math.min(side, area.width - x),
        height: Math.min(side, area.height - y),
      });
  return tiles;
}

const rre: TestEncoder = (screen, area) => {
  const parts = [...pixelsOf(screen, area)].map(([x, y, value]) => [...pixel(value), ...u16(x), ...u16(y), ...u16(1), ...u16(1)]);
  return Buffer.from([...u32(parts.length), ...pixel(0x123456), ...parts.flat()]);
};

const hextile: TestEncoder = (screen, area) =>
  Buffer.from(
    tilesOf(area, 16).flatMap((tile, index) => {
      const all = [...pixelsOf(screen, tile)];
      const [, , first = 0] = all[0] ?? [];
      const rest = all.filter(([, , value]) => value !== first);
      if (rest.length > 255 || index % 5 === 4) return [1, ...all.flatMap(([, , value]) => pixel(value))];
      const colours = new Set(rest.map(([, , value]) => value));
      const [only = 0] = colours;
      const [flags, head] = colours.size === 1 ? [4 | 8, pixel(only)] : [8 | 16, []];
      const parts = rest.flatMap(([x, y, value]) => [...(colours.size === 1 ? [] : pixel(value)), (x << 4) | y, 0]);
      if (rest.length === 0) return [2, ...pixel(first)];
      return [2 | flags, ...pixel(first), ...head, rest.length, ...parts];
    }),
  );

const runLength = (length: number): number[] => [
  ...new Array<number>(Math.floor((length - 1) / 255)).fill(255),
  (length - 1) % 255,
];

const zrleRuns =
  (stream: DeflateStream): TestEncoder =>
  (screen, area) => {
    const tiles = tilesOf(area, 64).flatMap((tile) => {
      const runs: { readonly value: number; length: number }[] = [];
      for (const [, , value] of pixelsOf(screen, tile)) {
        const last = runs.at(-1);
        if (last?.value === value) last.length += 1;
        else runs.push({ value, length: 1 });
      }
      const colours = [...new Set(runs.map(({ value }) => value))];
      if (colours.length < 2 || colours.length > 127)
        return [128, ...runs.flatMap(({ value, length }) => [...cpixel(value), ...runLength(length)])];
      const parts = runs.flatMap(({ value, length }) => {
        const index = colours.indexOf(value);
        return length === 1 ? [index] : [index | 128, ...runLength(length)];
      });
      return [128 + colours.length, ...colours.flatMap(cpixel), ...parts];
    });
    const data = stream.deflate(Buffer.from(tiles));
    return Buffer.concat([Buffer.from(u32(data.length)), data]);
  };

const zlibbed =
  (stream: DeflateStream): TestEncoder =>
  (screen, area) => {
    const data = stream.deflate(Buffer.from([...pixelsOf(screen, area)].flatMap(([, , value]) => pixel(value))));
    return Buffer.concat([Buffer.from(u32(data.length)), data]);
  };

const gradient =
  (stream: DeflateStream): TestEncoder =>
  (screen, area) => {
    const at = (x: number, y: number, shift: number): number =>
      x < 0 || y < 0 ? 0 : ((screen.pixels[(area.y + y) * screen.width + area.x + x] ?? 0) >> shift) & 0xff;
    const bytes = [...pixelsOf(screen, area)].flatMap(([x, y]) =>
      [0, 8, 16].map((shift) => {
        const expected = at(x - 1, y, shift) + at(x, y - 1, shift) - at(x - 1, y - 1, shift);
        return (at(x, y, shift) - Math.max(0, Math.min(255, expected))) & 0xff;
      }),
    );
    if (bytes.length < 12) return Buffer.from([0x40, 2, ...bytes]);
    const data = stream.deflate(Buffer.from(bytes));
    const length = [(data.length & 0x7f) | 0x80, ((data.length >> 7) & 0x7f) | 0x80, data.length >> 14];
    return Buffer.concat([Buffer.from([0x40, 2, ...length]), data]);
  };

test.each([
  ['RRE', ENCODING.rre, (): TestEncoder => rre],
  ['Hextile', ENCODING.hextile, (): TestEncoder => hextile],
  ['zlib', ENCODING.zlib, (): TestEncoder => zlibbed(new DeflateStream(6))],
  ['ZRLE in runs', ENCODING.zrle, (): TestEncoder => zrleRuns(new DeflateStream(6))],
  ['Tight with gradients', ENCODING.tight, (): TestEncoder => gradient(new DeflateStream(6))],
])('what was encoded is drawn again: %s', (_name, encoding, make) => {
  fc.assert(
    fc.property(fc.array(strokesOn(WIDTH, HEIGHT), { minLength: 1, maxLength: 5 }), (strokes) => {
      const screen = new Framebuffer(WIDTH, HEIGHT);
      const drawn = new Framebuffer(WIDTH, HEIGHT);
      const decoder = new Decoder(drawn, PINNED_FORMAT);
      const encode = make();
      for (const stroke of strokes) {
        draw(screen, stroke);
        decoder.draw({ ...stroke, encoding }, encode(screen, stroke));
        expect(difference(drawn, screen)).toBe('');
      }
      decoder.close();
    }),
    { numRuns: 40 },
  );
});

const ENCODINGS = [ENCODING.raw, ENCODING.copyRect, ENCODING.rre, ENCODING.hextile, ENCODING.zlib, ENCODING.tight, ENCODING.zrle];
const outcome = (decoder: Decoder, encoding: number, area: Area, body: Buffer): string => {
  try {
    decoder.draw({ ...area, encoding }, body);
    return 'drawn';
  } catch (error) {
    if (!(error instanceof StreamSpaceError)) throw error;
    return error.code;
  }
};

test('random bytes end in our error or in pixels of their own rectangle', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ENCODINGS),
      strokesOn(WIDTH, HEIGHT),
      fc.uint8Array({ maxLength: 600 }),
      fc.nat(),
      (encoding, area, body, seed) => {
        const screen = new Framebuffer(WIDTH, HEIGHT);
        draw(screen, { x: 0, y: 0, width: WIDTH, height: HEIGHT, texture: 'noise', seed });
        const before = copyOf(screen);
        const decoder = new Decoder(screen, PINNED_FORMAT);
        outcome(decoder, encoding, area, Buffer.from(body));
        decoder.close();
        for (const picture of [before, screen]) picture.fillRect(area, 0);
        expect(difference(screen, before)).toBe('');
      },
    ),
    { numRuns: 1_000 },
  );
});

test('compressed bytes of any content end in our error or in pixels', () => {
  fc.assert(
    fc.property(fc.constantFrom(0, 1, 2), strokesOn(WIDTH, HEIGHT), fc.uint8Array({ maxLength: 3_000 }), (kind, area, inner) => {
      const decoder = new Decoder(new Framebuffer(WIDTH, HEIGHT), PINNED_FORMAT);
      const data = deflateSync(inner);
      const length = [(data.length & 0x7f) | 0x80, ((data.length >> 7) & 0x7f) | 0x80, data.length >> 14];
      const palette = Buffer.concat([Buffer.from([0x40, 1, 3, ...new Array<number>(12).fill(5), ...length]), data]);
      const zrle = Buffer.concat([Buffer.from(u32(data.length)), data]);
      const copy = Buffer.concat([Buffer.from([0, ...length]), data]);
      outcome(decoder, kind === 1 ? ENCODING.zrle : ENCODING.tight, area, [palette, zrle, copy][kind] ?? copy);
      decoder.close();
    }),
    { numRuns: 500 },
  );
});

const AREA = { x: 0, y: 0, width: 4, height: 4 };
test.each([
  ['a rectangle outside the framebuffer', ENCODING.raw, { ...AREA, x: 88 }, [], 'RfbMalformed'],
  ['Raw with a byte too few', ENCODING.raw, AREA, new Array(63).fill(1), 'RfbMalformed'],
  ['Raw with a byte too many', ENCODING.raw, AREA, new Array(65).fill(1), 'RfbMalformed'],
  ['a copy from outside', ENCODING.copyRect, AREA, [0, 87, 0, 0], 'RfbMalformed'],
  ['an RRE part outside', ENCODING.rre, AREA, [...u32(1), 0, 0, 0, 0, 1, 1, 1, 1, 0, 3, 0, 0, 0, 2, 0, 1], 'RfbMalformed'],
  ['four thousand million RRE parts', ENCODING.rre, AREA, [...u32(0xffffffff), 0, 0, 0, 0], 'RfbMalformed'],
  ['a Hextile tile without a background', ENCODING.hextile, AREA, [0], 'RfbMalformed'],
  ['a Hextile tile without a foreground', ENCODING.hextile, AREA, [2 | 8, 1, 1, 1, 1, 1, 0, 0], 'RfbMalformed'],
  ['a Hextile part outside its tile', ENCODING.hextile, AREA, [2 | 4 | 8, 1, 1, 1, 1, 2, 2, 2, 2, 1, 0x33, 0x10], 'RfbMalformed'],
  ['Tight compression 10', ENCODING.tight, AREA, [0xa0], 'RfbMalformed'],
  ['Tight filter 3', ENCODING.tight, AREA, [0x40, 3], 'RfbMalformed'],
  ['a Tight palette of one', ENCODING.tight, AREA, [0x40, 1, 0], 'RfbMalformed'],
  ['a JPEG of nothing', ENCODING.tight, AREA, [0x90, 0], 'RfbMalformed'],
  ['zlib longer than it is', ENCODING.zlib, AREA, [...u32(0xffffffff), 1], 'RfbMalformed'],
  ['ZRLE longer than it is', ENCODING.zrle, AREA, [...u32(0xffffffff), 1], 'RfbMalformed'],
  ['an encoding without pixels', ENCODING.cursor, AREA, [], 'RfbUnknownMessage'],
] as const)('%s is refused', (_name, encoding, area, body, code) => {
  const decoder = new Decoder(new Framebuffer(WIDTH, HEIGHT), PINNED_FORMAT);
  expect(outcome(decoder, encoding, area, Buffer.from(body))).toBe(code);
  decoder.close();
});

test('a few bytes that expand to a hundred megabytes are stopped after one', () => {
  const deflater = new DeflateStream(9);
  const megabyte = Buffer.alloc(1024 * 1024); // one, lest freeing many of them hides what is allocated
  const bomb = Buffer.concat(Array.from({ length: 100 }, () => deflater.deflate(megabyte)));
  deflater.close();
  expect(bomb.length).toBeLessThan(200_000);
  const stream = new InflateStream();
  const before = process.memoryUsage().arrayBuffers;
  expect(() => stream.inflate(bomb, 1_000)).toThrow(/more than 1000 bytes/);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
  stream.close();
});

test('a stream that was reset begins anew, one that was not goes on', () => {
  const one = new DeflateStream(6);
  const parts = ['hello hello', ' and hello again'].map((text) => one.deflate(Buffer.from(text)));
  const stream = new InflateStream();
  expect(parts.map((part) => stream.inflate(part, 100).toString()).join('')).toBe('hello hello and hello again');
  stream.reset();
  expect(() => stream.inflate(parts[1] ?? Buffer.alloc(0), 100)).toThrow(StreamSpaceError);
  stream.reset();
  expect(stream.inflate(parts[0] ?? Buffer.alloc(0), 100).toString()).toBe('hello hello');
  stream.close();
  one.close();
});
