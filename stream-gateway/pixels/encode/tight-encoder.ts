// Tight (rfbproto, Tight Encoding) towards the browser: a colour, a palette, JPEG or plain pixels, by how many colours there are.
import { ENCODING } from '../../rfb/encodings.ts';
import type { Area, Framebuffer } from '../framebuffer.ts';
import { encodeJpeg, type JpegQuality } from '../jpeg.ts';
import { ColourSet } from './colour-set.ts';
import { DeflateStream } from './deflate-stream.ts';
import type { Part } from './parts.ts';
import { packPixels, packRgb, type RectangleEncoder, rectangleHeader } from './rectangle-encoder.ts';

const FILL = 0x80;
const JPEG = 0x90;
const EXPLICIT_FILTER = 0x40;
const PALETTE_FILTER = 1;
const MIN_COMPRESSED_BYTES = 12;
/** Which of the four streams: each has pixels of one kind, which compress best among themselves. TigerVNC does the same. */
const STREAM = { full: 0, mono: 1, indexed: 2 } as const;
/** Below this a JPEG's own tables are most of it. */
const MIN_JPEG_PIXELS = 1024;

export class TightEncoder implements RectangleEncoder {
  readonly #streams: readonly DeflateStream[];
  readonly #set = new ColourSet();
  /** Undefined: only what can be decoded to the very same pixels. */
  jpeg: JpegQuality | undefined;

  /**
   * One for a connection. The protocol could reset a stream for another encoder, but noVNC 1.7 cannot: its inflate loses the
   * size of its window in a reset and then fails. @param level 0 to 9
   */
  constructor(level: number) {
    this.#streams = [STREAM.full, STREAM.mono, STREAM.indexed].map(() => new DeflateStream(level));
  }

  encode(shown: Framebuffer, part: Part): readonly Buffer[] {
    return [rectangleHeader(part, ENCODING.tight), ...this.#body(shown, part)];
  }

  close(): void {
    for (const stream of this.#streams) stream.close();
  }

  #body(shown: Framebuffer, part: Part): readonly Buffer[] {
    const { colours } = part;
    if (colours?.length === 1) return [Buffer.from([FILL]), packColours(colours)];
    if (colours?.length === 2) {
      const [zero = 0] = colours;
      const head = Buffer.from([(STREAM.mono << 4) | EXPLICIT_FILTER, PALETTE_FILTER, 1]);
      return [head, packColours(colours), ...this.#compressed(STREAM.mono, packBits(shown, part, zero))];
    }
    if (colours !== undefined) {
      const head = Buffer.from([(STREAM.indexed << 4) | EXPLICIT_FILTER, PALETTE_FILTER, colours.length - 1]);
      return [head, packColours(colours), ...this.#compressed(STREAM.indexed, this.#indexes(shown, part, colours))];
    }
    if (this.jpeg !== undefined && part.width * part.height >= MIN_JPEG_PIXELS) {
      const data = encodeJpeg(packPixels(shown, part), part.width, part.height, this.jpeg);
      return [Buffer.from([JPEG]), compactLength(data.length), data];
    }
    return [Buffer.from([STREAM.full << 4]), ...this.#compressed(STREAM.full, packRgb(shown, part))];
  }

  #compressed(index: number, bytes: Buffer): readonly Buffer[] {
    if (bytes.length < MIN_COMPRESSED_BYTES) return [bytes];
    const data = this.#streams[index]?.deflate(bytes) ?? bytes;
    return [compactLength(data.length), data];
  }

  #indexes({ pixels, width }: Framebuffer, area: Area, colours: Uint32Array): Buffer {
    this.#set.clear();
    for (const colour of colours) this.#set.add(colour);
    const bytes = Buffer.allocUnsafe(area.width * area.height);
    let last = colours[0] ?? 0;
    let index = 0;
    for (let row = 0, to = 0; row < area.height; row += 1) {
      const start = (area.y + row) * width + area.x;
      for (let at = start; at < start + area.width; at += 1, to += 1) {
        const pixel = pixels[at] ?? 0;
        if (pixel !== last) {
          last = pixel;
          index = this.#set.indexOf(pixel);
        }
        bytes[to] = index;
      }
    }
    return bytes;
  }
}

function packColours(colours: Uint32Array): Buffer {
  const bytes = Buffer.allocUnsafe(3 * colours.length);
  for (const [index, colour] of colours.entries()) bytes.writeUIntLE(colour & 0xffffff, 3 * index, 3);
  return bytes;
}

/** A bit a pixel, the first one highest; each row begins with a new byte. */
function packBits({ pixels, width }: Framebuffer, area: Area, zero: number): Buffer {
  const rowBytes = Math.ceil(area.width / 8);
  const bytes = Buffer.alloc(rowBytes * area.height);
  for (let row = 0; row < area.height; row += 1) {
    const start = (area.y + row) * width + area.x;
    for (let x = 0; x < area.width; x += 1)
      if (pixels[start + x] !== zero) {
        const at = row * rowBytes + (x >> 3);
        bytes[at] = (bytes[at] ?? 0) | (0x80 >> (x & 7));
      }
  }
  return bytes;
}

/** 7, 7 and 8 bits, the low ones first. */
function compactLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  if (length < 0x4000) return Buffer.from([(length & 0x7f) | 0x80, length >> 7]);
  return Buffer.from([(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14]);
}
