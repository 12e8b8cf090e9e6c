// Messages from server to client (RFC 6143, 7.6, and rfbproto): a total parser that passes on what it reads piece by piece,
// so an update of a hundred megabytes costs the memory of one chunk.
import { StreamSpaceError } from '../../schemas/errors.ts';
import { ByteInput, isNext } from './byte-input.ts';
import { fenceBytes } from './client-messages.ts';
import { cutTextHeader } from './cut-text.ts';
import { ENCODING } from './encodings.ts';
import { DEFAULT_RFB_LIMITS, maxCutTextBytes, type RfbLimits } from './limits.ts';
import type { Negotiation } from './negotiation.ts';
import { passRectangle } from './rectangles.ts';
import { PASSED, type Parse, Parsed, type ParseStop, type Rectangle, type Source } from './source.ts';
import { wholeUpdateBytes } from './whole-update.ts';

export type ServerMessageName =
  | 'framebufferUpdate'
  | 'setColourMapEntries'
  | 'bell'
  | 'serverCutText'
  /** A clipboard above the limit. Not to be passed on; it is parsed so that what follows is framed right. */
  | 'oversizedCutText'
  | 'endOfContinuousUpdates'
  | 'serverFence';

/** Part of one message. A fence always comes whole, as the relay answers for it. */
export interface ServerPiece {
  readonly message: ServerMessageName;
  readonly bytes: Buffer;
  /** Whether the message ends with this piece. */
  readonly end: boolean;
  /** Only with `splitRectangles`: whose bytes these are, its header of 12 bytes among them. Absent between rectangles. */
  readonly rectangle?: RectanglePart;
}

export interface RectanglePart {
  readonly header: Rectangle;
  /** Whether the rectangle ends with this piece. */
  readonly end: boolean;
}

export interface ServerReaderOptions {
  /**
   * No piece holds bytes of two rectangles, and each says to which it belongs; for those who decode. An update then ends
   * with a piece of its own, which may be empty. Default false: a chunk is passed on as it came.
   */
  readonly splitRectangles?: boolean;
}

interface Layout {
  readonly name: ServerMessageName;
  readonly headerBytes: number;
  /** Only after the client has asked for this encoding. */
  readonly needs?: number;
  readonly body: (reader: MessageSource, header: Buffer) => Parse<void>;
}

/** What a message may do beyond a {@link Source}: say that it is another one than its type suggests. */
interface MessageSource extends Source {
  rename(name: ServerMessageName): void;
  readonly splitRectangles: boolean;
  /** What was read so far ends here; what follows belongs to `next`. */
  edge(next: Rectangle | undefined): Parse<void>;
}

const LAYOUTS: Readonly<Record<number, Layout>> = {
  0: { name: 'framebufferUpdate', headerBytes: 4, body: passUpdate }, // 7.6.1
  1: { name: 'setColourMapEntries', headerBytes: 6, body: passColourMap }, // 7.6.2
  2: { name: 'bell', headerBytes: 1, body: () => PASSED }, // 7.6.3
  3: { name: 'serverCutText', headerBytes: 8, body: passCutText }, // 7.6.4
  150: {
    name: 'endOfContinuousUpdates', // EndOfContinuousUpdates
    headerBytes: 1,
    needs: ENCODING.continuousUpdates,
    body: (source) => {
      source.negotiation.confirm('continuousUpdates');
      return PASSED;
    },
  },
  248: {
    name: 'serverFence', // ServerFence; its header is the whole message, see #message
    headerBytes: 9,
    needs: ENCODING.fence,
    body: (source) => {
      source.negotiation.confirm('fence');
      return PASSED;
    },
  },
};

function* passUpdate(source: MessageSource, header: Buffer): Parse<void> {
  const count = header.readUInt16BE(2);
  for (let index = 0; index < count; index += 1) {
    const bytes = source.tryTake(12) ?? (yield* source.take(12));
    const encoding = bytes.readInt32BE(8);
    if (encoding === ENCODING.lastRect && source.negotiation.hasAskedFor(encoding)) return;
    const rectangle = {
      x: bytes.readUInt16BE(0),
      y: bytes.readUInt16BE(2),
      width: bytes.readUInt16BE(4),
      height: bytes.readUInt16BE(6),
      encoding,
    };
    const body = source.splitRectangles ? passSplit(source, rectangle) : passRectangle(source, rectangle);
    if (body !== PASSED) yield* body;
  }
}

function* passSplit(source: MessageSource, rectangle: Rectangle): Parse<void> {
  yield* source.edge(rectangle);
  yield* passRectangle(source, rectangle);
  yield* source.edge(undefined);
}

function* passColourMap(source: MessageSource, header: Buffer): Parse<void> {
  const count = header.readUInt16BE(4);
  // Only a format of 8 bits has a colour map here.
  if (header.readUInt16BE(2) + count > 256) throw new StreamSpaceError('RfbMalformed', `a colour map of ${count} entries`);
  yield* source.pass(6 * count);
}

/** The action of the extended clipboard by which a server says that it knows it: `caps` (Extended Clipboard Pseudo-Encoding). */
const CLIPBOARD_CAPS = 1 << 24;

function* passCutText(source: MessageSource, header: Buffer): Parse<void> {
  const { extended, length } = cutTextHeader(header);
  if (extended && !source.negotiation.hasAskedFor(ENCODING.extendedClipboard))
    throw new StreamSpaceError('RfbMalformed', 'an extended clipboard that the browser did not ask for');
  if (extended && length < 4) throw new StreamSpaceError('RfbMalformed', 'an extended clipboard without flags');
  if (length > source.limits.maxSkippedCutTextBytes)
    throw new StreamSpaceError('RfbTooLarge', `a clipboard of ${length} bytes`, { facts: { length } });
  if (length > maxCutTextBytes(source.limits, { extended })) source.rename('oversizedCutText');
  if (!extended) return yield* source.pass(length);
  if ((yield* source.take(4)).readUInt32BE(0) & CLIPBOARD_CAPS) source.negotiation.confirm('extendedClipboard');
  yield* source.pass(length - 4);
}

const EMPTY = Buffer.alloc(0);

/** Turns bytes into pieces of messages, and keeps the {@link Negotiation} for what it sees. */
export class ServerMessageReader implements MessageSource {
  readonly negotiation: Negotiation;
  readonly limits: RfbLimits;
  readonly #input = new ByteInput();
  readonly #parse: Iterator<ParseStop, never, void>;
  #name: ServerMessageName = 'bell';
  /** Judged by nobody yet; belongs to the piece once the next read begins. */
  #taken: Buffer | undefined;
  /** The piece being gathered: how it begins, and how long it is by now. */
  #memory: Buffer | undefined;
  #memoryBytes = 0;
  /** Those before it that do not touch it in memory. */
  #pieces: Buffer[] = [];
  /** Complete, and not told yet. */
  #ready: ServerPiece[] = [];
  #stop: ParseStop = 'more';
  /** Whether the next byte begins a message. */
  #isBetween = true;
  #failure: { readonly error: unknown } | undefined;
  readonly splitRectangles: boolean;
  #rectangle: Rectangle | undefined;

  constructor(negotiation: Negotiation, limits: RfbLimits = DEFAULT_RFB_LIMITS, options: ServerReaderOptions = {}) {
    this.negotiation = negotiation;
    this.limits = limits;
    this.splitRectangles = options.splitRectangles ?? false;
    this.#parse = this.#messages();
  }

  /** Bytes kept between two pushes: at most one header, or the screens of one ExtendedDesktopSize. */
  get heldBytes(): number {
    return this.#input.heldBytes + (this.#taken?.length ?? 0);
  }
  get copiedBytes(): number {
    return this.#input.copiedBytes;
  }

  /** What {@link feed} and {@link next} do, for a loop. Read it to its end before the next push. */
  *push(chunk: Buffer): Generator<ServerPiece> {
    this.feed(chunk);
    for (let piece = this.next(); piece !== undefined; piece = this.next()) yield piece;
  }

  /** The next bytes, once {@link next} has nothing more. Nothing of a chunk is kept then: its memory may be used again. */
  feed(chunk: Buffer): void {
    if (this.#taken !== undefined) this.#taken = Buffer.from(this.#taken);
    this.#input.push(chunk);
    this.#stop = 'end';
  }

  /**
   * What of the chunk may be passed on, a message at a time; undefined when that was all.
   * @throws RfbUnknownMessage, RfbMalformed, RfbTooLarge after everything before the bad header was told; the reader is of no
   * use afterwards
   */
  next(): ServerPiece | undefined {
    for (;;) {
      const piece = this.#ready.shift();
      if (piece !== undefined) return piece;
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#stop === 'more') return undefined;
      if (this.#isBetween) {
        if (this.#input.isEmpty) return undefined;
        const update = this.#wholeUpdate();
        if (update !== undefined) return update;
      }
      try {
        this.#stop = this.#parse.next().value;
      } catch (error) {
        this.#failure = { error };
        this.#stop = 'more';
      }
      this.#flush(this.#stop);
    }
  }

  take(count: number): Parse<Buffer> {
    const bytes = this.tryTake(count);
    return bytes === undefined ? this.#takeLater(count) : new Parsed(bytes);
  }

  tryTake(count: number): Buffer | undefined {
    this.#commit();
    this.#taken = this.#input.take(count);
    return this.#taken;
  }

  pass(count: number): Parse<void> {
    this.#commit();
    const left = count - this.#passSome(count);
    return left === 0 ? PASSED : this.#passLater(left);
  }

  rename(name: ServerMessageName): void {
    this.#name = name;
  }

  *edge(next: Rectangle | undefined): Parse<void> {
    // The header of the next one is read already, and not its predecessor's.
    if (next === undefined) this.#commit();
    yield 'edge';
    this.#rectangle = next;
  }

  #wholeUpdate(): ServerPiece | undefined {
    const place = this.splitRectangles ? undefined : this.#input.place;
    const count = place === undefined ? undefined : wholeUpdateBytes(place.chunk, place.offset, this.negotiation);
    const bytes = count === undefined ? undefined : this.#input.takeSome(count);
    return bytes === undefined ? undefined : { message: 'framebufferUpdate', bytes, end: true };
  }

  *#messages(): Generator<ParseStop, never, void> {
    for (;;) {
      const type = this.#input.peek(1) ?? (yield* this.#peekLater(1));
      this.#isBetween = false;
      yield* this.#message(type.readUInt8(0));
      this.#commit();
      this.#isBetween = true;
      yield 'end';
    }
  }

  #message(type: number): Parse<void> {
    const layout = LAYOUTS[type];
    if (layout === undefined || (layout.needs !== undefined && !this.negotiation.hasAskedFor(layout.needs)))
      throw new StreamSpaceError('RfbUnknownMessage', `message type ${type} of the desktop is not known`, { facts: { type } });
    this.#name = layout.name;
    const header = layout.name === 'serverFence' ? undefined : this.tryTake(layout.headerBytes);
    return header === undefined ? this.#messageLater(layout) : layout.body(this, header);
  }

  *#messageLater(layout: Layout): Parse<void> {
    const isFence = layout.name === 'serverFence';
    const whole = isFence ? 9 + fenceBytes(this.#input.peek(9) ?? (yield* this.#peekLater(9))) : layout.headerBytes;
    yield* layout.body(this, yield* this.take(whole));
  }

  *#peekLater(count: number): Parse<Buffer> {
    for (;;) {
      yield 'more';
      const bytes = this.#input.peek(count);
      if (bytes !== undefined) return bytes;
    }
  }

  *#takeLater(count: number): Parse<Buffer> {
    for (;;) {
      yield 'more';
      const bytes = this.tryTake(count);
      if (bytes !== undefined) return bytes;
    }
  }

  *#passLater(count: number): Parse<void> {
    for (let left = count; left > 0; left -= this.#passSome(left)) yield 'more';
  }

  #passSome(count: number): number {
    const bytes = count === 0 ? undefined : this.#input.takeSome(count);
    if (bytes === undefined) return 0;
    this.#append(bytes);
    return bytes.length;
  }

  #commit(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    if (taken !== undefined) this.#append(taken);
  }

  /** Neighbours in memory become one piece, so a chunk of the network is mostly passed on as one. */
  #append(bytes: Buffer): void {
    const first = this.#memory;
    if (first !== undefined && isNext(first, this.#memoryBytes, bytes)) this.#memoryBytes += bytes.length;
    else {
      if (first !== undefined) this.#pieces.push(this.#gathered(first));
      this.#memory = bytes;
      this.#memoryBytes = bytes.length;
    }
  }

  #gathered(first: Buffer): Buffer {
    return first.length === this.#memoryBytes ? first : Buffer.from(first.buffer, first.byteOffset, this.#memoryBytes);
  }

  #flush(stop: ParseStop): void {
    const first = this.#memory;
    if (first === undefined && !(this.splitRectangles && stop === 'end')) return;
    this.#memory = undefined;
    const header = this.#rectangle;
    const message = this.#name;
    const last = first === undefined ? EMPTY : this.#gathered(first);
    for (const bytes of this.#pieces)
      this.#ready.push({ message, bytes, end: false, ...(header === undefined ? {} : { rectangle: { header, end: false } }) });
    if (this.#pieces.length > 0) this.#pieces = [];
    const piece = { message, bytes: last, end: stop === 'end' };
    this.#ready.push(header === undefined ? piece : { ...piece, rectangle: { header, end: stop === 'edge' } });
  }
}
