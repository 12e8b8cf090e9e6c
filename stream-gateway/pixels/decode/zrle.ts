// ZRLE (RFC 6143, 7.7.6): tiles of 64 by 64 as pixels, a palette or runs, all in one zlib stream a connection.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { Area } from '../framebuffer.ts';
import type { PixelReader } from '../pixel-reader.ts';
import { ByteCursor } from './byte-cursor.ts';
import type { InflateStream } from './inflate-stream.ts';
import type { Canvas } from './plain.ts';

const TILE_SIDE = 64;
const MAX_PALETTE = 127;

export function decodeZrle(canvas: Canvas, area: Area, body: Buffer, stream: InflateStream): void {
  const outer = new ByteCursor(body);
  const compressed = outer.take(outer.u32());
  outer.end();
  const cursor = new ByteCursor(stream.inflate(compressed, mostBytes(area, canvas.readers.compressed.bytes)));
  const tile = new Uint32Array(TILE_SIDE * TILE_SIDE);
  for (let top = 0; top < area.height; top += TILE_SIDE)
    for (let left = 0; left < area.width; left += TILE_SIDE) {
      const width = Math.min(TILE_SIDE, area.width - left);
      const height = Math.min(TILE_SIDE, area.height - top);
      decodeTile(cursor, canvas.readers.compressed, tile.subarray(0, width * height), width);
      canvas.framebuffer.blit({ x: area.x + left, y: area.y + top, width, height }, tile);
    }
  cursor.end();
}

/** The worst a tile can be: a palette, and a run of one for each pixel. */
function mostBytes({ width, height }: Area, pixelBytes: number): number {
  const tiles = Math.ceil(width / TILE_SIDE) * Math.ceil(height / TILE_SIDE);
  return tiles * (1 + MAX_PALETTE * pixelBytes) + width * height * (pixelBytes + 1);
}

function decodeTile(cursor: ByteCursor, reader: PixelReader, tile: Uint32Array, width: number): void {
  const kind = cursor.u8();
  if (kind === 0) cursor.pixels(reader, tile.length, tile);
  else if (kind === 1) tile.fill(cursor.pixel(reader));
  else if (kind <= 16) unpack(cursor, palette(cursor, reader, kind), tile, width);
  else if (kind === 128) plainRuns(cursor, reader, tile);
  else if (kind >= 130) paletteRuns(cursor, palette(cursor, reader, kind - 128), tile);
  else throw new StreamSpaceError('RfbMalformed', `a ZRLE tile of kind ${kind}`);
}

function palette(cursor: ByteCursor, reader: PixelReader, size: number): Uint32Array {
  const colours = new Uint32Array(size);
  cursor.pixels(reader, size, colours);
  return colours;
}

/** 1, 2 or 4 bits a pixel; each row begins with a new byte. */
function unpack(cursor: ByteCursor, colours: Uint32Array, tile: Uint32Array, width: number): void {
  const bits = colours.length === 2 ? 1 : colours.length <= 4 ? 2 : 4;
  const mask = (1 << bits) - 1;
  for (let start = 0; start < tile.length; start += width) {
    const row = cursor.take(Math.ceil((width * bits) / 8));
    for (let x = 0; x < width; x += 1) {
      const at = x * bits;
      tile[start + x] = colourOf(colours, ((row[at >> 3] ?? 0) >> (8 - bits - (at & 7))) & mask);
    }
  }
}

function plainRuns(cursor: ByteCursor, reader: PixelReader, tile: Uint32Array): void {
  for (let at = 0; at < tile.length; ) {
    const pixel = cursor.pixel(reader);
    at = fill(tile, at, runLength(cursor), pixel);
  }
}

function paletteRuns(cursor: ByteCursor, colours: Uint32Array, tile: Uint32Array): void {
  for (let at = 0; at < tile.length; ) {
    const index = cursor.u8();
    const length = index & 0x80 ? runLength(cursor) : 1;
    at = fill(tile, at, length, colourOf(colours, index & 0x7f));
  }
}

function runLength(cursor: ByteCursor): number {
  let length = 1;
  for (;;) {
    const byte = cursor.u8();
    length += byte;
    if (byte !== 255) return length;
  }
}

function fill(tile: Uint32Array, at: number, length: number, pixel: number): number {
  if (at + length > tile.length) throw new StreamSpaceError('RfbMalformed', 'a ZRLE run leaves its tile');
  tile.fill(pixel, at, at + length);
  return at + length;
}

function colourOf(colours: Uint32Array, index: number): number {
  const colour = colours[index];
  if (colour !== undefined) return colour;
  throw new StreamSpaceError('RfbMalformed', `colour ${index} of a palette of ${colours.length}`);
}
