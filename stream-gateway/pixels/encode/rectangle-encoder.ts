// What every encoder towards the browser is, and the one for browsers that ask for nothing better: Raw (RFC 6143, 7.7.1).
import { ENCODING } from '../../rfb/encodings.ts';
import type { Area, Framebuffer } from '../framebuffer.ts';
import type { Part } from './parts.ts';

/** Pixels are in the pinned format. It may have streams, so its rectangles must all be sent, in their order. */
export interface RectangleEncoder {
  /** A rectangle with its header. */
  encode(shown: Framebuffer, part: Part): readonly Buffer[];
  close(): void;
}

/** RFC 6143, 7.6.1. */
export function rectangleHeader({ x, y, width, height }: Area, encoding: number): Buffer {
  const bytes = Buffer.allocUnsafe(12);
  bytes.writeUInt16BE(x, 0);
  bytes.writeUInt16BE(y, 2);
  bytes.writeUInt16BE(width, 4);
  bytes.writeUInt16BE(height, 6);
  bytes.writeInt32BE(encoding, 8);
  return bytes;
}

/** Red, green, blue: TPIXEL and CPIXEL of the pinned format. */
export function packRgb({ pixels, width }: Framebuffer, area: Area): Buffer {
  const bytes = Buffer.allocUnsafe(3 * area.width * area.height);
  for (let row = 0, to = 0; row < area.height; row += 1) {
    const start = (area.y + row) * width + area.x;
    for (let at = start; at < start + area.width; at += 1, to += 3) {
      const pixel = pixels[at] ?? 0;
      bytes[to] = pixel;
      bytes[to + 1] = pixel >>> 8;
      bytes[to + 2] = pixel >>> 16;
    }
  }
  return bytes;
}

/** Four bytes a pixel: PIXEL of the pinned format. */
export function packPixels({ bytes, width }: Framebuffer, area: Area): Buffer {
  const packed = Buffer.allocUnsafe(4 * area.width * area.height);
  for (let row = 0; row < area.height; row += 1) {
    const from = 4 * ((area.y + row) * width + area.x);
    packed.set(bytes.subarray(from, from + 4 * area.width), 4 * row * area.width);
  }
  return packed;
}

export class RawEncoder implements RectangleEncoder {
  encode(shown: Framebuffer, part: Part): readonly Buffer[] {
    return [rectangleHeader(part, ENCODING.raw), packPixels(shown, part)];
  }

  close(): void {}
}
