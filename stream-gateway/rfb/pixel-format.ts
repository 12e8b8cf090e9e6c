// PIXEL_FORMAT (RFC 6143, 7.4): how many bytes a pixel takes in what follows.
import { StreamSpaceError } from '../../schemas/errors.ts';

export interface PixelFormat {
  readonly bitsPerPixel: 8 | 16 | 32;
  readonly depth: number;
  readonly bigEndian: boolean;
  readonly trueColour: boolean;
  /** Largest value of red, green and blue, and how far each is shifted; meaningless with a colour map. */
  readonly maxima: readonly [red: number, green: number, blue: number];
  readonly shifts: readonly [red: number, green: number, blue: number];
  /** The 16 bytes as they came, without their padding. */
  readonly key: string;
  /** Bytes of a PIXEL. */
  readonly pixelBytes: 1 | 2 | 4;
  /** Bytes of a TPIXEL, the shorter form inside Tight rectangles (rfbproto, Tight encoding). */
  readonly tightPixelBytes: 1 | 2 | 3 | 4;
}

const PIXEL_BYTES = { 8: 1, 16: 2, 32: 4 } as const;

/** @param bytes exactly 16 @throws RfbMalformed for a format that the RFC does not allow */
export function parsePixelFormat(bytes: Buffer): PixelFormat {
  const bitsPerPixel = bytes.readUInt8(0);
  const depth = bytes.readUInt8(1);
  const trueColour = bytes.readUInt8(3) !== 0;
  if (bitsPerPixel !== 8 && bitsPerPixel !== 16 && bitsPerPixel !== 32)
    throw new StreamSpaceError('RfbMalformed', `a pixel of ${bitsPerPixel} bits; 8, 16 and 32 are allowed`);
  if (depth === 0 || depth > bitsPerPixel)
    throw new StreamSpaceError('RfbMalformed', `a depth of ${depth} in a pixel of ${bitsPerPixel} bits`);
  if (!trueColour && bitsPerPixel !== 8)
    throw new StreamSpaceError('RfbMalformed', `a colour map with pixels of ${bitsPerPixel} bits; 8 is allowed`);
  const maxima = [bytes.readUInt16BE(4), bytes.readUInt16BE(6), bytes.readUInt16BE(8)] as const;
  const shifts = [bytes.readUInt8(10), bytes.readUInt8(11), bytes.readUInt8(12)] as const;
  // A shift beyond the pixel is undefined behaviour in viewers written in C.
  if (trueColour && (maxima.some((max) => max === 0) || shifts.some((shift) => shift >= bitsPerPixel)))
    throw new StreamSpaceError('RfbMalformed', 'a colour of the pixel format does not fit into its pixel');
  const pixelBytes = PIXEL_BYTES[bitsPerPixel];
  const short = trueColour && bitsPerPixel === 32 && depth === 24 && maxima.every((max) => max === 255);
  return {
    bitsPerPixel,
    depth,
    bigEndian: bytes.readUInt8(2) !== 0,
    trueColour,
    maxima,
    shifts,
    key: bytes.toString('hex', 0, 13),
    pixelBytes,
    tightPixelBytes: short ? 3 : pixelBytes,
  };
}
