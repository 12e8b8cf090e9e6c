// Raw (RFC 6143, 7.7.1), the same in a zlib stream (rfbproto, zlib Encoding), CopyRect (7.7.2), RRE (7.7.3) and Hextile (7.7.4).
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { Area, Framebuffer } from '../framebuffer.ts';
import type { PixelReaders } from '../pixel-reader.ts';
import { ByteCursor } from './byte-cursor.ts';
import type { InflateStream } from './inflate-stream.ts';

/** Where and how a rectangle is drawn; the area lies within the framebuffer. */
export interface Canvas {
  readonly framebuffer: Framebuffer;
  readonly readers: PixelReaders;
}

export function decodeRaw({ framebuffer, readers }: Canvas, area: Area, body: Buffer): void {
  const cursor = new ByteCursor(body);
  for (let row = 0; row < area.height; row += 1)
    cursor.pixels(readers.plain, area.width, framebuffer.pixels, (area.y + row) * framebuffer.width + area.x);
  cursor.end();
}

export function decodeZlib(canvas: Canvas, area: Area, body: Buffer, stream: InflateStream): void {
  const outer = new ByteCursor(body);
  const compressed = outer.take(outer.u32());
  outer.end();
  decodeRaw(canvas, area, stream.inflate(compressed, area.width * area.height * canvas.readers.plain.bytes));
}

export function decodeCopyRect({ framebuffer }: Canvas, area: Area, body: Buffer): void {
  const cursor = new ByteCursor(body);
  const x = cursor.u16();
  const y = cursor.u16();
  cursor.end();
  if (!framebuffer.contains({ ...area, x, y })) throw new StreamSpaceError('RfbMalformed', 'a copy from outside the framebuffer');
  framebuffer.copyRect(x, y, area);
}

export function decodeRre({ framebuffer, readers }: Canvas, area: Area, body: Buffer): void {
  const cursor = new ByteCursor(body);
  const count = cursor.u32();
  framebuffer.fillRect(area, cursor.pixel(readers.plain));
  for (let index = 0; index < count; index += 1) {
    const pixel = cursor.pixel(readers.plain);
    const part = { x: cursor.u16(), y: cursor.u16(), width: cursor.u16(), height: cursor.u16() };
    framebuffer.fillRect(within(area, part), pixel);
  }
  cursor.end();
}

const HEXTILE = { raw: 1, background: 2, foreground: 4, any: 8, coloured: 16 } as const;
const TILE_SIDE = 16;

/** Colours that a tile leaves to the next one of its rectangle. */
interface Colours {
  background: number | undefined;
  foreground: number | undefined;
}

export function decodeHextile(canvas: Canvas, area: Area, body: Buffer): void {
  const cursor = new ByteCursor(body);
  const colours: Colours = { background: undefined, foreground: undefined };
  for (let top = 0; top < area.height; top += TILE_SIDE)
    for (let left = 0; left < area.width; left += TILE_SIDE)
      decodeTile(canvas, cursor, colours, {
        x: area.x + left,
        y: area.y + top,
        width: Math.min(TILE_SIDE, area.width - left),
        height: Math.min(TILE_SIDE, area.height - top),
      });
  cursor.end();
}

function decodeTile({ framebuffer, readers }: Canvas, cursor: ByteCursor, colours: Colours, tile: Area): void {
  const kind = cursor.u8();
  if (kind > 31) throw new StreamSpaceError('RfbMalformed', `a Hextile tile of kind ${kind}`);
  if (kind & HEXTILE.raw) {
    for (let row = 0; row < tile.height; row += 1)
      cursor.pixels(readers.plain, tile.width, framebuffer.pixels, (tile.y + row) * framebuffer.width + tile.x);
    return;
  }
  if (kind & HEXTILE.background) colours.background = cursor.pixel(readers.plain);
  if (kind & HEXTILE.foreground) colours.foreground = cursor.pixel(readers.plain);
  framebuffer.fillRect(tile, known(colours.background, 'background'));
  if (!(kind & HEXTILE.any)) return;
  for (let left = cursor.u8(); left > 0; left -= 1) {
    const pixel = kind & HEXTILE.coloured ? cursor.pixel(readers.plain) : known(colours.foreground, 'foreground');
    const place = cursor.u8();
    const size = cursor.u8();
    const part = { x: place >> 4, y: place & 0xf, width: (size >> 4) + 1, height: (size & 0xf) + 1 };
    framebuffer.fillRect(within(tile, part), pixel);
  }
}

function known(colour: number | undefined, what: string): number {
  if (colour !== undefined) return colour;
  throw new StreamSpaceError('RfbMalformed', `a Hextile tile before any ${what} was given`);
}

/** `part`, which is relative to `area`, as a place in the framebuffer. @throws RfbMalformed where it leaves `area` */
function within(area: Area, part: Area): Area {
  if (part.x + part.width > area.width || part.y + part.height > area.height)
    throw new StreamSpaceError('RfbMalformed', 'a part of a rectangle lies outside of it');
  return { ...part, x: area.x + part.x, y: area.y + part.y };
}
