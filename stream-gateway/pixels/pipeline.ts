// A desktop whose pixels are changed on their way: decodes what it sends, burns in what must be in it, encodes for the browser.
// A pure state machine: bytes in, bytes out, no clock and no socket, so it runs in a worker as well as beside the relay.
//
// It answers requests of the browser (RFC 6143, 7.5.3) and asks the desktop only while one is open and the browser has room:
// a slow browser gets fewer frames, each of them new, and nobody decodes frames that nobody sees.
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { ClientMessage } from '../rfb/client-messages.ts';
import { setEncodings } from '../rfb/encodings.ts';
import { DEFAULT_RFB_LIMITS, type RfbLimits } from '../rfb/limits.ts';
import { type Extension, Negotiation, type ScreensChange } from '../rfb/negotiation.ts';
import { parsePixelFormat } from '../rfb/pixel-format.ts';
import { ServerMessageReader, type ServerPiece } from '../rfb/server-messages.ts';
import { type BrowserWishes, browserWishes, desktopEncodings, NO_WISHES } from './browser-wishes.ts';
import type { BurnOptions } from './burn/burner.ts';
import { DECODED_ENCODINGS, Decoder } from './decode/decoder.ts';
import { RectangleCollector, type WholeRectangle } from './decode/rectangle-collector.ts';
import { type Area, around, Framebuffer } from './framebuffer.ts';
import { owned } from './owned.ts';
import { PassedRectangles } from './passed-rectangles.ts';
import { PINNED_FORMAT, PINNED_FORMAT_BYTES } from './pinned-format.ts';
import { ShownScreen } from './shown-screen.ts';

/** Plain data, so that it can be posted to a worker. A pipeline holds two pictures: 17 MB for 1920 by 1080. */
export interface PipelineOptions {
  /** Of the desktop's ServerInit. */
  readonly width: number;
  readonly height: number;
  readonly burn: BurnOptions;
  readonly limits?: RfbLimits;
}

/** What follows from one input, in order. Each buffer owns its memory, so all of it can be transferred to another thread. */
export interface PipelineOutput {
  readonly toDesktop: readonly Buffer[];
  /** Updates are whole messages; bells and clipboards pass through as they came, and are still to be judged. */
  readonly toBrowser: readonly ServerPiece[];
  /** What the desktop has confirmed since the last output: for the reader of the browser's messages. */
  readonly confirmed: readonly Extension[];
  /** What it has said about its screens since then, in order. */
  readonly screens: readonly ScreensChange[];
}

const PIXELS: ReadonlySet<number> = new Set(DECODED_ENCODINGS);

export class PixelPipeline {
  readonly #negotiation: Negotiation;
  readonly #reader: ServerMessageReader;
  readonly #collector = new RectangleCollector();
  readonly #clean: Framebuffer;
  readonly #decoder: Decoder;
  readonly #screen: ShownScreen;
  readonly #passed = new PassedRectangles();
  readonly #knownExtensions = new Set<Extension>();
  #wishes: BrowserWishes = NO_WISHES;
  /** Where the browser waits for news. */
  #wanted: Area | undefined;
  #hasRoom = true;
  /** The clean picture is the desktop's; before, and after another size, it is black. */
  #complete = false;
  #desktopOwes = false;
  /** Once is enough: a desktop may answer it with its size alone, each time anew, and remembers what it owes. */
  #wholeAskedFor = false;
  #pixelsInUpdate = false;
  #resizedInUpdate = false;
  #toDesktop: Buffer[] = [];
  #toBrowser: ServerPiece[] = [];
  #screens: ScreensChange[] = [];

  constructor({ width, height, burn, limits = DEFAULT_RFB_LIMITS }: PipelineOptions) {
    const onScreens = (change: ScreensChange): void => void this.#screens.push(change);
    this.#negotiation = new Negotiation({ width, height, pixelFormat: PINNED_FORMAT, onScreens });
    this.#reader = new ServerMessageReader(this.#negotiation, limits, { splitRectangles: true });
    this.#clean = new Framebuffer(width, height);
    this.#decoder = new Decoder(this.#clean, PINNED_FORMAT);
    this.#screen = new ShownScreen(this.#clean, burn);
  }

  /** What the browser shows, as far as it was sent: for a recorder or a test. Not to be drawn into. */
  get shown(): Framebuffer {
    return this.#screen.framebuffer;
  }

  /** To be called once, after the handshakes: pins the format of the desktop. */
  start(): PipelineOutput {
    this.#toDesktop.push(Buffer.concat([Buffer.alloc(4), PINNED_FORMAT_BYTES]));
    this.#askDesktop();
    return this.#output();
  }

  /** @throws RfbUnknownMessage, RfbMalformed, RfbTooLarge; it is of no use afterwards, but for {@link close} */
  fromDesktop(chunk: Buffer): PipelineOutput {
    for (const piece of this.#reader.push(chunk)) this.#desktopPiece(piece);
    return this.#output();
  }

  /**
   * A message that was judged already. Those about pixels end here; all others go on to the desktop.
   * @throws RfbMalformed for another pixel format than the pinned one
   */
  fromBrowser(message: ClientMessage): PipelineOutput {
    switch (message.name) {
      case 'setPixelFormat':
        if (parsePixelFormat(message.bytes.subarray(4)).key !== PINNED_FORMAT.key)
          throw new StreamSpaceError('RfbMalformed', 'another pixel format than the one that a session with a watermark has');
        break;
      case 'setEncodings':
        this.#wish(message.bytes);
        break;
      case 'framebufferUpdateRequest':
        this.#request(message.bytes);
        break;
      // Never confirmed to the browser.
      case 'enableContinuousUpdates':
      case 'clientFence':
        break;
      case 'keyEvent':
      case 'pointerEvent':
      case 'clientCutText':
      case 'xvp':
      case 'setDesktopSize':
      case 'qemuKeyEvent':
        this.#toDesktop.push(message.bytes);
    }
    return this.#output();
  }

  /** Whether the browser takes more. Without room nothing is encoded, and the desktop is asked for nothing. */
  setRoom(hasRoom: boolean): PipelineOutput {
    this.#hasRoom = hasRoom;
    this.#advance();
    return this.#output();
  }

  /** From now on this is burnt in; the time in a mark goes on with this. */
  setBurn(burn: BurnOptions): PipelineOutput {
    this.#screen.setBurn(burn);
    this.#advance();
    return this.#output();
  }

  /** Frees memory outside JavaScript's heap. */
  close(): void {
    this.#decoder.close();
    this.#screen.close();
  }

  #output(): PipelineOutput {
    const toBrowser = this.#toBrowser.map((piece) => ({ ...piece, bytes: owned([piece.bytes]) }));
    const output = {
      toDesktop: [owned(this.#toDesktop)].filter(({ length }) => length > 0),
      toBrowser,
      confirmed: this.#newExtensions(),
      screens: this.#screens,
    };
    this.#screens = [];
    this.#toDesktop = [];
    this.#toBrowser = [];
    return output;
  }

  #newExtensions(): readonly Extension[] {
    const { confirmed } = this.#negotiation;
    if (confirmed.size === this.#knownExtensions.size) return [];
    const news = [...confirmed].filter((extension) => !this.#knownExtensions.has(extension));
    for (const extension of news) this.#knownExtensions.add(extension);
    return news;
  }

  #wish(bytes: Buffer): void {
    const encodings: number[] = [];
    for (let offset = 4; offset + 4 <= bytes.length; offset += 4) encodings.push(bytes.readInt32BE(offset));
    this.#wishes = browserWishes(encodings);
    this.#screen.setWishes(this.#wishes);
    this.#askDesktop();
  }

  #askDesktop(): void {
    this.#toDesktop.push(setEncodings(this.#negotiation.ask(desktopEncodings(this.#wishes))));
  }

  #request(bytes: Buffer): void {
    const area = {
      x: bytes.readUInt16BE(2),
      y: bytes.readUInt16BE(4),
      width: bytes.readUInt16BE(6),
      height: bytes.readUInt16BE(8),
    };
    if (bytes.readUInt8(1) === 0) this.#screen.force(area);
    this.#wanted = this.#wanted === undefined ? area : around(this.#wanted, area);
    this.#advance();
  }

  #desktopPiece(piece: ServerPiece): void {
    if (piece.message === 'setColourMapEntries') return; // means nothing to a pinned format
    if (piece.message !== 'framebufferUpdate') {
      this.#toBrowser.push(piece);
      return;
    }
    const whole = this.#collector.add(piece);
    if (whole !== undefined) this.#rectangle(whole);
    if (!piece.end) return;
    this.#desktopOwes = false;
    // Beside another size there may be only parts of the new picture; all of it is asked for next.
    this.#complete ||= this.#pixelsInUpdate && !this.#resizedInUpdate;
    this.#pixelsInUpdate = false;
    this.#resizedInUpdate = false;
    this.#advance();
  }

  #rectangle(whole: WholeRectangle): void {
    const { header, body } = whole;
    if (PIXELS.has(header.encoding)) {
      this.#decoder.draw(header, body);
      this.#screen.touch(header);
      this.#pixelsInUpdate ||= header.width > 0 && header.height > 0;
      return;
    }
    this.#passed.add(whole);
    const { width, height } = this.#negotiation;
    if (this.#clean.width === width && this.#clean.height === height) return;
    this.#clean.resize(width, height);
    this.#screen.resize();
    this.#complete = false;
    this.#wholeAskedFor = false;
    this.#resizedInUpdate = true;
  }

  /** Answers the browser if there is something to say, else asks the desktop. */
  #advance(): void {
    if (this.#wanted === undefined || !this.#hasRoom) return;
    const rectangles = [...this.#passed.take(), ...(this.#complete ? this.#screen.encode(this.#wanted) : [])];
    if (rectangles.length === 0) {
      this.#requestFromDesktop();
      return;
    }
    this.#wanted = undefined;
    const header = Buffer.from([0, 0, rectangles.length >> 8, rectangles.length & 0xff]);
    this.#toBrowser.push({ message: 'framebufferUpdate', bytes: owned([header, ...rectangles]), end: true });
  }

  #requestFromDesktop(): void {
    if (this.#desktopOwes) return;
    this.#desktopOwes = true;
    const bytes = Buffer.from([3, this.#wholeAskedFor ? 1 : 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    bytes.writeUInt16BE(this.#negotiation.width, 6);
    bytes.writeUInt16BE(this.#negotiation.height, 8);
    this.#wholeAskedFor = true;
    this.#negotiation.requestUpdates();
    this.#toDesktop.push(bytes);
  }
}
