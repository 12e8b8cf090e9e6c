// The one pixel format of a session whose pixels are changed on their way, for its desktop and for its browser.
import { type PixelFormat, parsePixelFormat } from '../rfb/pixel-format.ts';

/** As in SetPixelFormat (RFC 6143, 7.4): 32 bits, depth 24, little-endian, red at 0, green at 8, blue at 16. */
export const PINNED_FORMAT_BYTES: Buffer = Buffer.from([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 0, 8, 16, 0, 0, 0]);

/** What noVNC asks for, and the bytes of a framebuffer: nothing has to be converted. */
export const PINNED_FORMAT: PixelFormat = parsePixelFormat(PINNED_FORMAT_BYTES);

/** A ServerInit (RFC 6143, 7.3.2) that offers the browser this format. @param bytes of the desktop's */
export function pinnedServerInit(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  PINNED_FORMAT_BYTES.copy(copy, 4);
  return copy;
}
