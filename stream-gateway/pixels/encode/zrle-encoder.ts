// ZRLE (RFC 6143, 7.7.6) towards the browser, for those without Tight: tiles of one colour, a palette or plain pixels. Runs
// are left to zlib.
import { ENCODING } from '../../rfb/encodings.ts';
import type { Area, Framebuffer } from '../framebuffer.ts';
import { ColourSet } from './colour-set.ts';
import { DeflateStream } from './deflate-stream.ts';
import type { Part } from './parts.ts';
import { packRgb, type RectangleEncoder, rectangleHeader } from './rectangle-encoder.ts';

const TILE_SIDE = 64;
/** Of a packed palette. */
const MAX_PALETTE = 16;

export class ZrleEncoder implements RectangleEncoder {
  readonly #stream: DeflateStream;
  readonly #set = new ColourSet();

  /** @param level 0 to 9. There is one stream a connection and no way to reset it, so one encoder too. */
  constructor(level: number) {
    this.#stream = new DeflateStream(level);
  }

  encode(shown: Framebuffer, part: Part): readonly Buffer[] {
    const tiles: Buffer[] = [];
    for (let y = part.y; y < part.y + part.height; y += TILE_SIDE)
      for (let x = part.x; x < part.x + part.width; x += TILE_SIDE) {
        const width = Math.min(TILE_SIDE, part.x + part.width - x);
        const height = Math.min(TILE_SIDE, part.y + part.height - y);
        tiles.push(...this.#tile(shown, { x, y, width, height }));
      }
    const data = this.#stream.deflate(Buffer.concat(tiles));
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(data.length);
    return [rectangleHeader(part, ENCODING.zrle), length, data];
  }

  close(): void {
    this.#stream.close();
  }

  #tile(shown: Framebuffer, area: Area): readonly Buffer[] {
    this.#set.clear();
    if (!this.#set.addArea(shown, area) || this.#set.size > MAX_PALETTE) return [Buffer.from([0]), packRgb(shown, area)];
    const { colours } = this.#set;
    const head = Buffer.allocUnsafe(1 + 3 * colours.length);
    head.writeUInt8(colours.length);
    for (const [index, colour] of colours.entries()) head.writeUIntLE(colour & 0xffffff, 1 + 3 * index, 3);
    return colours.length === 1 ? [head] : [head, this.#packed(shown, area, colours.length)];
  }

  #packed({ pixels, width }: Framebuffer, area: Area, size: number): Buffer {
    const bits = size === 2 ? 1 : size <= 4 ? 2 : 4;
    const rowBytes = Math.ceil((area.width * bits) / 8);
    const bytes = Buffer.alloc(rowBytes * area.height);
    for (let row = 0; row < area.height; row += 1)
      for (let x = 0; x < area.width; x += 1) {
        const index = this.#set.indexOf(pixels[(area.y + row) * width + area.x + x] ?? 0);
        const at = row * rowBytes + ((x * bits) >> 3);
        bytes[at] = (bytes[at] ?? 0) | (index << (8 - bits - ((x * bits) & 7)));
      }
    return bytes;
  }
}
