// The picture of a segment, drawn record by record. Pure: who plays decides when.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { DECODED_ENCODINGS, Decoder } from '../../pixels/decode/decoder.ts';
import { RectangleCollector } from '../../pixels/decode/rectangle-collector.ts';
import { Framebuffer } from '../../pixels/framebuffer.ts';
import { PINNED_FORMAT } from '../../pixels/pinned-format.ts';
import { Negotiation } from '../../rfb/negotiation.ts';
import { ServerMessageReader } from '../../rfb/server-messages.ts';
import type { SegmentRecord } from '../format/record.ts';
import { RECORDED_ENCODINGS } from '../format/recorded-encodings.ts';

const PIXELS: ReadonlySet<number> = new Set(DECODED_ENCODINGS);
/** Of one message: an 8K picture that is not compressed at all, twice. */
const MAX_MESSAGE_BYTES = 256 * 1024 * 1024;

export class SegmentPicture {
  readonly framebuffer: Framebuffer;
  readonly #reader: ServerMessageReader;
  readonly #negotiation: Negotiation;
  readonly #collector = new RectangleCollector();
  readonly #decoder: Decoder;
  #parts: Buffer[] = [];
  #partBytes = 0;

  /** Black. @param size of the segment's header, in pixels */
  constructor({ width, height }: { readonly width: number; readonly height: number }) {
    this.framebuffer = new Framebuffer(width, height);
    this.#negotiation = new Negotiation({ width, height, pixelFormat: PINNED_FORMAT });
    this.#negotiation.ask(RECORDED_ENCODINGS);
    this.#reader = new ServerMessageReader(this.#negotiation, undefined, { splitRectangles: true });
    this.#decoder = new Decoder(this.framebuffer, PINNED_FORMAT);
  }

  /**
   * Draws what the record changes, once its message is whole. @returns whether anything may look different
   * @throws RfbMalformed, RfbUnknownMessage, RfbTooLarge, RecordingMalformed; it is of no use afterwards
   */
  apply(record: SegmentRecord): boolean {
    if (record.kind !== 'update') return false;
    this.#partBytes += record.payload.length;
    if (this.#partBytes > MAX_MESSAGE_BYTES) throw new StreamSpaceError('RecordingMalformed', 'an update that does not end');
    this.#parts.push(record.payload);
    if (record.more) return false;
    for (const part of this.#parts) for (const piece of this.#reader.push(part)) this.#draw(this.#collector.add(piece));
    this.#parts = [];
    this.#partBytes = 0;
    return true;
  }

  /** Frees memory outside JavaScript's heap. */
  close(): void {
    this.#decoder.close();
  }

  #draw(whole: ReturnType<RectangleCollector['add']>): void {
    if (whole === undefined) return;
    if (PIXELS.has(whole.header.encoding)) {
      this.#decoder.draw(whole.header, whole.body);
      return;
    }
    const { width, height } = this.#negotiation;
    if (this.framebuffer.width !== width || this.framebuffer.height !== height) this.framebuffer.resize(width, height);
  }
}
