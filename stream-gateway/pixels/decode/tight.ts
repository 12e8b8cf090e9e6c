// Tight (rfbproto, Tight Encoding): a colour, a JPEG, or pixels filtered and compressed in one of four zlib streams.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { type Area, rgbx } from '../framebuffer.ts';
import { decodeJpeg } from '../jpeg.ts';
import { ByteCursor } from './byte-cursor.ts';
import { InflateStream } from './inflate-stream.ts';
import type { Canvas } from './plain.ts';

const FILL = 0x8;
const JPEG = 0x9;
const EXPLICIT_FILTER = 0x4;
const FILTER = { copy: 0, palette: 1, gradient: 2 } as const;
const MIN_COMPRESSED_BYTES = 12;

export class TightDecoder {
  readonly #streams = [new InflateStream(), new InflateStream(), new InflateStream(), new InflateStream()] as const;

  /** @throws RfbMalformed */
  decode(canvas: Canvas, area: Area, body: Buffer): void {
    const cursor = new ByteCursor(body);
    const control = cursor.u8();
    for (const [index, stream] of this.#streams.entries()) if (control & (1 << index)) stream.reset();
    const kind = control >> 4;
    if (kind === FILL) canvas.framebuffer.fillRect(area, cursor.pixel(canvas.readers.tight));
    else if (kind === JPEG) drawJpeg(canvas, area, cursor.take(compactLength(cursor)));
    else if (kind < FILL) this.#basic(canvas, area, cursor, kind);
    else throw new StreamSpaceError('RfbMalformed', `Tight compression ${kind} is not known`);
    cursor.end();
  }

  close(): void {
    for (const stream of this.#streams) stream.close();
  }

  #basic(canvas: Canvas, area: Area, cursor: ByteCursor, kind: number): void {
    const filter = kind & EXPLICIT_FILTER ? cursor.u8() : FILTER.copy;
    const stream = this.#streams[(kind & 3) as 0 | 1 | 2 | 3];
    const { tight } = canvas.readers;
    if (filter === FILTER.palette) {
      const palette = new Uint32Array(cursor.u8() + 1);
      if (palette.length < 2) throw new StreamSpaceError('RfbMalformed', 'a Tight palette of one colour');
      cursor.pixels(tight, palette.length, palette);
      const rowBytes = palette.length === 2 ? Math.ceil(area.width / 8) : area.width;
      const data = inflated(cursor, stream, rowBytes * area.height);
      if (palette.length === 2) drawBits(canvas, area, data, palette);
      else drawIndexes(canvas, area, data, palette);
      return;
    }
    if (filter !== FILTER.copy && filter !== FILTER.gradient)
      throw new StreamSpaceError('RfbMalformed', `Tight filter ${filter} is not known`);
    const data = inflated(cursor, stream, area.width * area.height * tight.bytes);
    if (filter === FILTER.copy) drawPixels(canvas, area, data);
    else drawGradient(canvas, area, data);
  }
}

/** One to three bytes, 7, 7 and 8 bits, the low ones first. */
function compactLength(cursor: ByteCursor): number {
  let length = 0;
  for (const [shift, mask] of [
    [0, 0x7f],
    [7, 0x7f],
    [14, 0xff],
  ] as const) {
    const byte = cursor.u8();
    length |= (byte & mask) << shift;
    if ((byte & 0x80) === 0) break;
  }
  return length;
}

function inflated(cursor: ByteCursor, stream: InflateStream, count: number): Buffer {
  if (count < MIN_COMPRESSED_BYTES) return cursor.take(count);
  return stream.inflateExactly(cursor.take(compactLength(cursor)), count);
}

function drawJpeg({ framebuffer }: Canvas, area: Area, data: Buffer): void {
  framebuffer.blit(area, decodeJpeg(data, area.width, area.height));
}

function drawPixels({ framebuffer, readers }: Canvas, area: Area, data: Buffer): void {
  const cursor = new ByteCursor(data);
  for (let row = 0; row < area.height; row += 1)
    cursor.pixels(readers.tight, area.width, framebuffer.pixels, (area.y + row) * framebuffer.width + area.x);
}

function drawBits({ framebuffer }: Canvas, area: Area, data: Buffer, palette: Uint32Array): void {
  const { pixels, width } = framebuffer;
  const [zero = 0, one = 0] = palette;
  const rowBytes = Math.ceil(area.width / 8);
  for (let row = 0; row < area.height; row += 1) {
    const to = (area.y + row) * width + area.x;
    for (let x = 0; x < area.width; x += 1)
      pixels[to + x] = ((data[row * rowBytes + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1 ? one : zero;
  }
}

function drawIndexes({ framebuffer }: Canvas, area: Area, data: Buffer, palette: Uint32Array): void {
  const { pixels, width } = framebuffer;
  for (let row = 0, from = 0; row < area.height; row += 1) {
    const to = (area.y + row) * width + area.x;
    for (let x = 0; x < area.width; x += 1, from += 1) {
      const colour = palette[data[from] ?? 0];
      if (colour === undefined) throw new StreamSpaceError('RfbMalformed', `a colour outside a palette of ${palette.length}`);
      pixels[to + x] = colour;
    }
  }
}

/** Each colour is what its neighbours (left, above, above left) let expect, plus what is sent. */
function drawGradient({ framebuffer, readers }: Canvas, area: Area, data: Buffer): void {
  // With other pixels it is made of colours as wide as their maxima. No server is known to send that, and none is asked to.
  if (readers.tight.bytes !== 3) throw new StreamSpaceError('RfbMalformed', 'a Tight gradient with pixels other than of 3 bytes');
  let above = new Uint8Array(3 * area.width);
  let row = new Uint8Array(3 * area.width);
  for (let y = 0, from = 0; y < area.height; y += 1) {
    const to = (area.y + y) * framebuffer.width + area.x;
    for (let at = 0; at < row.length; at += 1, from += 1) {
      const left = at < 3 ? 0 : (row[at - 3] ?? 0);
      const corner = at < 3 ? 0 : (above[at - 3] ?? 0);
      const expected = Math.max(0, Math.min(255, left + (above[at] ?? 0) - corner));
      row[at] = (data[from] ?? 0) + expected;
    }
    for (let x = 0; x < area.width; x += 1)
      framebuffer.pixels[to + x] = rgbx(row[3 * x] ?? 0, row[3 * x + 1] ?? 0, row[3 * x + 2] ?? 0);
    [above, row] = [row, above];
  }
}
