// Pixels on the wire as pixels of a framebuffer, for every format that a session may have agreed on: PIXEL and CPIXEL of
// RFC 6143 (7.4, 7.7.5), TPIXEL of rfbproto (Tight Encoding), colour maps (7.6.2).
import type { PixelFormat } from '../rfb/pixel-format.ts';
import { BLACK, rgbx } from './framebuffer.ts';
import { PINNED_FORMAT } from './pinned-format.ts';

/** One way to write a pixel. */
export interface PixelReader {
  /** Bytes of a pixel: 1 to 4. */
  readonly bytes: number;
  /** The pixel at `offset`; the caller has looked that it is there. */
  readonly read: (bytes: Uint8Array, offset: number) => number;
}

export interface PixelReaders {
  /** PIXEL: Raw, RRE, Hextile, cursors. */
  readonly plain: PixelReader;
  /** CPIXEL: ZRLE. */
  readonly compressed: PixelReader;
  /** TPIXEL: Tight. */
  readonly tight: PixelReader;
}

/** All 256 colours black: what a pixel means before the desktop has said it. */
export function emptyColourMap(): Uint32Array {
  return new Uint32Array(256).fill(BLACK);
}

/** Entries of SetColourMapEntries (7.6.2), 16 bits a colour. @param message as the server's reader gave it: whole and within 256 */
export function readColourMap(message: Buffer, into: Uint32Array): void {
  const first = message.readUInt16BE(2);
  const count = message.readUInt16BE(4);
  for (let index = 0; index < count; index += 1) {
    const at = 6 + 6 * index;
    into[first + index] = rgbx(message.readUInt8(at), message.readUInt8(at + 2), message.readUInt8(at + 4));
  }
}

/** @param colourMap is looked into at each pixel, so later entries count for later pixels */
export function pixelReaders(format: PixelFormat, colourMap: Uint32Array = emptyColourMap()): PixelReaders {
  const { pixelBytes } = format;
  if (!format.trueColour) return same({ bytes: 1, read: (bytes, offset) => colourMap[bytes[offset] ?? 0] ?? BLACK });
  const convert = converter(format);
  if (pixelBytes === 1) {
    const table = Uint32Array.from({ length: 256 }, (_, value) => convert(value));
    return same({ bytes: 1, read: (bytes, offset) => table[bytes[offset] ?? 0] ?? BLACK });
  }
  if (pixelBytes === 2) {
    const table = Uint32Array.from({ length: 65_536 }, (_, value) => convert(value));
    const [low, high] = format.bigEndian ? [1, 0] : [0, 1];
    const at = (bytes: Uint8Array, offset: number): number => (bytes[offset + low] ?? 0) | ((bytes[offset + high] ?? 0) << 8);
    return same({ bytes: 2, read: (bytes, offset) => table[at(bytes, offset)] ?? BLACK });
  }
  const plain = { bytes: 4, read: wordReader(format, convert) };
  return {
    plain,
    compressed: compressedReader(format, convert) ?? plain,
    tight: format.tightPixelBytes === 3 ? { bytes: 3, read: readRgb } : plain,
  };
}

function same(reader: PixelReader): PixelReaders {
  return { plain: reader, compressed: reader, tight: reader };
}

function readRgb(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) | ((bytes[offset + 1] ?? 0) << 8) | ((bytes[offset + 2] ?? 0) << 16) | 0xff000000) >>> 0;
}

function converter({ maxima, shifts }: PixelFormat): (value: number) => number {
  const channel = (value: number, index: 0 | 1 | 2): number => {
    const max = maxima[index];
    const part = (value >>> shifts[index]) & max;
    return max === 255 ? part : Math.round((part * 255) / max);
  };
  return (value) => rgbx(channel(value, 0), channel(value, 1), channel(value, 2));
}

function wordReader(format: PixelFormat, convert: (value: number) => number): PixelReader['read'] {
  if (format.key === PINNED_FORMAT.key) return readRgb;
  return (bytes, offset) => convert(word(bytes, offset, 4, format.bigEndian));
}

/** 7.7.5: three bytes where the colours are all in the low or all in the high ones. */
function compressedReader(format: PixelFormat, convert: (value: number) => number): PixelReader | undefined {
  const { maxima, shifts, depth, bigEndian } = format;
  if (depth > 24) return undefined;
  const used = maxima.reduce((bits, max, index) => bits | (max << (shifts[index] ?? 0)), 0) >>> 0;
  if ((used & 0xff000000) === 0)
    return {
      bytes: 3,
      read: format.key === PINNED_FORMAT.key ? readRgb : (bytes, offset) => convert(word(bytes, offset, 3, bigEndian)),
    };
  if ((used & 0xff) === 0) return { bytes: 3, read: (bytes, offset) => convert((word(bytes, offset, 3, bigEndian) << 8) >>> 0) };
  return undefined;
}

function word(bytes: Uint8Array, offset: number, count: 3 | 4, bigEndian: boolean): number {
  let value = 0;
  for (let index = 0; index < count; index += 1)
    value |= (bytes[offset + index] ?? 0) << (8 * (bigEndian ? count - 1 - index : index));
  return value >>> 0;
}
