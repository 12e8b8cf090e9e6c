// The update that a key brings: little, and all there. Its length is found here in one go, because between keys everything is
// cold, and each step of the full parser (server-messages.ts) then costs microseconds. Whatever is not as simple, or wrong, is
// left to that one, which says what of it passes.
import { ENCODING } from './encodings.ts';
import type { Negotiation } from './negotiation.ts';

const HEADER_BYTES = 4;
const RECTANGLE_BYTES = 12;

/**
 * Bytes of the framebuffer update (RFC 6143, 7.6.1) at `at`. Undefined: it is no update, is not all there, has what is not known
 * here, or should not pass.
 */
export function wholeUpdateBytes(bytes: Buffer, at: number, negotiation: Negotiation): number | undefined {
  if (bytes.length - at < HEADER_BYTES || bytes[at] !== 0) return undefined;
  const { width: maxX, height: maxY, pixelFormat } = negotiation;
  let next = at + HEADER_BYTES;
  for (let left = sixteen(bytes, at + 2); left > 0; left -= 1) {
    if (bytes.length - next < RECTANGLE_BYTES) return undefined;
    const width = sixteen(bytes, next + 4);
    const height = sixteen(bytes, next + 6);
    if (sixteen(bytes, next) + width > maxX || sixteen(bytes, next + 2) + height > maxY) return undefined;
    if (sixteen(bytes, next + 8) !== 0 || sixteen(bytes, next + 10) !== ENCODING.raw) return undefined;
    next += RECTANGLE_BYTES + width * height * pixelFormat.pixelBytes;
    if (next > bytes.length) return undefined;
  }
  return next - at;
}

function sixteen(bytes: Buffer, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
