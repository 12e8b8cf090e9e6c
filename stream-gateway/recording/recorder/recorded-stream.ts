// The recorder as an RFB client of the desktop, without its socket: bytes in, whole updates out. Where the policy has a mark it is
// burnt in by the same pipeline as in a live stream, for a browser that wants the very pixels.
import type { BurnOptions } from '../../pixels/burn/burner.ts';
import { DECODED_ENCODINGS } from '../../pixels/decode/decoder.ts';
import { PINNED_FORMAT, PINNED_FORMAT_BYTES } from '../../pixels/pinned-format.ts';
import { type PipelineOutput, PixelPipeline } from '../../pixels/pipeline.ts';
import { ENCODING, setEncodings } from '../../rfb/encodings.ts';
import { Negotiation } from '../../rfb/negotiation.ts';
import { ServerMessageReader, type ServerPiece } from '../../rfb/server-messages.ts';
import { RECORDED_ENCODINGS } from '../format/recorded-encodings.ts';

export interface RecordedUpdate {
  /** Bytes of one FramebufferUpdate, in any cut. */
  readonly parts: readonly Buffer[];
  /** Since the connection or the last change of size every pixel was sent. */
  readonly whole: boolean;
  /** How many a player has to decode for it. */
  readonly pixels: number;
}

export interface StreamStep {
  readonly toDesktop: readonly Buffer[];
  readonly updates: readonly RecordedUpdate[];
}

const PIXELS: ReadonlySet<number> = new Set(DECODED_ENCODINGS);
const SET_PINNED_FORMAT = Buffer.concat([Buffer.alloc(4), PINNED_FORMAT_BYTES]);

export class RecordedStream {
  readonly #negotiation: Negotiation;
  readonly #reader: ServerMessageReader;
  readonly #pipeline: PixelPipeline | undefined;
  #parts: Buffer[] = [];
  #size = '';
  #sentPixels = 0;
  #pixelsInUpdate = 0;
  /** Once a size is enough: a desktop may answer it with its size alone, each time anew, and remembers what it owes. */
  #wholeAskedFor = false;

  /** @param size of the desktop's ServerInit @param burn what is burnt in; left out: pixels pass as the desktop sent them */
  constructor(size: { readonly width: number; readonly height: number }, burn?: BurnOptions) {
    this.#negotiation = new Negotiation({ ...size, pixelFormat: PINNED_FORMAT });
    this.#reader = new ServerMessageReader(this.#negotiation, undefined, { splitRectangles: true });
    this.#pipeline = burn === undefined ? undefined : new PixelPipeline({ ...size, burn });
    this.#noteSize();
  }

  get width(): number {
    return this.#negotiation.width;
  }
  get height(): number {
    return this.#negotiation.height;
  }

  /** What the desktop is told first. */
  start(): StreamStep {
    const encodings = setEncodings(this.#negotiation.ask(RECORDED_ENCODINGS));
    if (this.#pipeline === undefined) return { toDesktop: [SET_PINNED_FORMAT, encodings], updates: [] };
    const first = this.#pipeline.start();
    const second = this.#pipeline.fromBrowser({ name: 'setEncodings', bytes: encodings });
    return { toDesktop: [...first.toDesktop, ...second.toDesktop], updates: [] };
  }

  /** Asks for one update: of everything at first and after a change of size, else of what changes. */
  request(): StreamStep {
    const bytes = Buffer.from([3, this.#wholeAskedFor ? 1 : 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    this.#wholeAskedFor = true;
    bytes.writeUInt16BE(this.width, 6);
    bytes.writeUInt16BE(this.height, 8);
    this.#negotiation.requestUpdates();
    if (this.#pipeline === undefined) return { toDesktop: [bytes], updates: [] };
    return this.#fromPipeline(this.#pipeline.fromBrowser({ name: 'framebufferUpdateRequest', bytes }));
  }

  /** @throws RfbUnknownMessage, RfbMalformed, RfbTooLarge; it is of no use afterwards */
  push(chunk: Buffer): StreamStep {
    if (this.#pipeline === undefined) return { toDesktop: [], updates: this.#read(chunk) };
    return this.#fromPipeline(this.#pipeline.fromDesktop(chunk));
  }

  /** The time in a mark goes on. Only for a stream that has one. */
  setBurn(burn: BurnOptions): StreamStep {
    if (this.#pipeline === undefined) return { toDesktop: [], updates: [] };
    return this.#fromPipeline(this.#pipeline.setBurn(burn));
  }

  close(): void {
    this.#pipeline?.close();
  }

  get #whole(): boolean {
    return this.#sentPixels >= this.width * this.height;
  }

  #fromPipeline({ toDesktop, toBrowser }: PipelineOutput): StreamStep {
    return { toDesktop, updates: toBrowser.flatMap(({ bytes }) => this.#read(bytes)) };
  }

  /** Everything but updates is left out: a clipboard is content, and a bell is no picture. */
  #read(bytes: Buffer): readonly RecordedUpdate[] {
    const updates: RecordedUpdate[] = [];
    for (const piece of this.#reader.push(bytes)) {
      if (piece.message !== 'framebufferUpdate') continue;
      this.#note(piece);
      if (!piece.end) continue;
      updates.push({ parts: this.#parts, whole: this.#whole, pixels: this.#pixelsInUpdate });
      this.#parts = [];
      this.#pixelsInUpdate = 0;
    }
    return updates;
  }

  #note({ bytes, rectangle }: ServerPiece): void {
    if (bytes.length > 0) this.#parts.push(bytes);
    if (rectangle?.end !== true) return;
    const { encoding, width, height } = rectangle.header;
    if (!PIXELS.has(encoding)) {
      this.#noteSize();
      return;
    }
    this.#sentPixels += width * height;
    if (encoding !== ENCODING.copyRect) this.#pixelsInUpdate += width * height;
  }

  #noteSize(): void {
    const size = `${this.width}x${this.height}`;
    if (size === this.#size) return;
    this.#size = size;
    this.#sentPixels = 0;
    this.#wholeAskedFor = false;
  }
}
