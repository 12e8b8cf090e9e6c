// Draws what a desktop sends: one decoder for each encoding of pixels, with the zlib streams of one connection.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { ENCODING } from '../../rfb/encodings.ts';
import type { PixelFormat } from '../../rfb/pixel-format.ts';
import type { Rectangle } from '../../rfb/source.ts';
import type { Framebuffer } from '../framebuffer.ts';
import { emptyColourMap, type PixelReaders, pixelReaders, readColourMap } from '../pixel-reader.ts';
import { InflateStream } from './inflate-stream.ts';
import { decodeCopyRect, decodeHextile, decodeRaw, decodeRre, decodeZlib } from './plain.ts';
import { TightDecoder } from './tight.ts';
import { decodeZrle } from './zrle.ts';

/** What {@link Decoder.draw} understands, best first; Tight PNG is not among them, so it must not be asked for. */
export const DECODED_ENCODINGS: readonly number[] = [
  ENCODING.copyRect,
  ENCODING.tight,
  ENCODING.zrle,
  ENCODING.hextile,
  ENCODING.zlib,
  ENCODING.rre,
  ENCODING.raw,
];

export class Decoder {
  readonly framebuffer: Framebuffer;
  readonly #tight = new TightDecoder();
  readonly #zlib = new InflateStream();
  readonly #zrle = new InflateStream();
  readonly #colourMap = emptyColourMap();
  #readers: PixelReaders;

  constructor(framebuffer: Framebuffer, format: PixelFormat) {
    this.framebuffer = framebuffer;
    this.#readers = pixelReaders(format, this.#colourMap);
  }

  /** @param message a whole SetColourMapEntries (RFC 6143, 7.6.2) */
  setColourMap(message: Buffer): void {
    readColourMap(message, this.#colourMap);
  }

  /**
   * Draws one rectangle of pixels. @param body what follows its header of 12 bytes
   * @throws RfbMalformed, RfbUnknownMessage for an encoding that is not of pixels; it is of no use afterwards
   */
  draw(rectangle: Rectangle, body: Buffer): void {
    if (!this.framebuffer.contains(rectangle)) throw new StreamSpaceError('RfbMalformed', 'a rectangle outside the framebuffer');
    const canvas = { framebuffer: this.framebuffer, readers: this.#readers };
    switch (rectangle.encoding) {
      case ENCODING.raw:
        decodeRaw(canvas, rectangle, body);
        break;
      case ENCODING.copyRect:
        decodeCopyRect(canvas, rectangle, body);
        break;
      case ENCODING.rre:
        decodeRre(canvas, rectangle, body);
        break;
      case ENCODING.hextile:
        decodeHextile(canvas, rectangle, body);
        break;
      case ENCODING.tight:
        this.#tight.decode(canvas, rectangle, body);
        break;
      case ENCODING.zlib:
        decodeZlib(canvas, rectangle, body, this.#zlib);
        break;
      case ENCODING.zrle:
        decodeZrle(canvas, rectangle, body, this.#zrle);
        break;
      default:
        throw new StreamSpaceError('RfbUnknownMessage', `encoding ${rectangle.encoding} of the desktop has no pixels`);
    }
  }

  /** Frees the memory of its zlib streams. */
  close(): void {
    this.#tight.close();
    this.#zlib.close();
    this.#zrle.close();
  }
}
