// Messages from client to server (RFC 6143, 7.5, and rfbproto for the extensions): a total parser. A type that has no row
// here ends the stream, because its length is not known.
import { StreamSpaceError } from '../../schemas/errors.ts';
import { ByteInput } from './byte-input.ts';
import { CUT_TEXT_HEADER_BYTES, type CutTextHeader, cutTextHeader } from './cut-text.ts';
import { setEncodings } from './encodings.ts';
import { DEFAULT_RFB_LIMITS, MAX_FENCE_BYTES, maxCutTextBytes, type RfbLimits } from './limits.ts';
import type { Negotiation } from './negotiation.ts';
import { parsePixelFormat } from './pixel-format.ts';

export type ClientMessageName =
  | 'setPixelFormat'
  | 'setEncodings'
  | 'framebufferUpdateRequest'
  | 'keyEvent'
  | 'pointerEvent'
  | 'clientCutText'
  | 'enableContinuousUpdates'
  | 'clientFence'
  | 'xvp'
  | 'setDesktopSize'
  | 'qemuKeyEvent';

/**
 * One whole message; of a clipboard that is not kept, its header alone. SetEncodings is already rewritten to what the desktop
 * may be asked for.
 */
export interface ClientMessage {
  readonly name: ClientMessageName;
  readonly bytes: Buffer;
}

/** Of the whole message. @throws RfbTooLarge, RfbMalformed */
type Length = (header: Buffer, limits: RfbLimits, negotiation: Negotiation) => number;

interface Layout {
  readonly name: ClientMessageName;
  /** Enough to know the length. */
  readonly headerBytes: number;
  readonly length: number | Length;
}

const fixed = (name: ClientMessageName, bytes: number): Layout => ({ name, headerBytes: 1, length: bytes });

const LAYOUTS: Readonly<Record<number, Layout>> = {
  0: fixed('setPixelFormat', 20), // 7.5.1
  2: {
    name: 'setEncodings', // 7.5.2
    headerBytes: 4,
    length: (header, { maxEncodings }) => 4 + 4 * within(header.readUInt16BE(2), maxEncodings, 'encodings'),
  },
  3: fixed('framebufferUpdateRequest', 10), // 7.5.3
  4: fixed('keyEvent', 8), // 7.5.4
  5: {
    name: 'pointerEvent', // 7.5.5; with bit 7 set one byte longer, once both ends have agreed (Extended Mouse Buttons)
    headerBytes: 2,
    length: (header, _limits, { confirmed }) => (header.readUInt8(1) & 0x80 && confirmed.has('extendedMouseButtons') ? 7 : 6),
  },
  6: {
    name: 'clientCutText', // 7.5.6; a negative length marks the extended clipboard: the same rules, another payload
    headerBytes: CUT_TEXT_HEADER_BYTES,
    length: (header, { maxSkippedCutTextBytes }) => {
      const { extended, length } = cutTextHeader(header);
      if (extended && length < 4) throw new StreamSpaceError('RfbMalformed', 'an extended clipboard without flags');
      return CUT_TEXT_HEADER_BYTES + within(length, maxSkippedCutTextBytes, 'bytes of clipboard');
    },
  },
  150: fixed('enableContinuousUpdates', 10), // EnableContinuousUpdates
  248: {
    name: 'clientFence', // ClientFence
    headerBytes: 9,
    length: (header) => 9 + fenceBytes(header),
  },
  250: fixed('xvp', 4), // xvp Client Message
  251: {
    name: 'setDesktopSize', // SetDesktopSize; at most 255 screens, all of them legal
    headerBytes: 8,
    length: (header) => 8 + 16 * header.readUInt8(6),
  },
  255: {
    name: 'qemuKeyEvent', // QEMU Client Message; of its sub-types only the key event has a length that is known
    headerBytes: 2,
    length: (header) => {
      if (header.readUInt8(1) === 0) return 12;
      throw new StreamSpaceError('RfbUnknownMessage', `QEMU message ${header.readUInt8(1)} of the browser is not known`);
    },
  },
};

function within(count: number, max: number, what: string): number {
  if (count <= max) return count;
  throw new StreamSpaceError('RfbTooLarge', `${count} ${what}; at most ${max} are allowed`, { facts: { count, max } });
}

/** The payload length of a fence of either direction. @param header its first 9 bytes @throws RfbMalformed above 64 */
export function fenceBytes(header: Buffer): number {
  const length = header.readUInt8(8);
  if (length <= MAX_FENCE_BYTES) return length;
  throw new StreamSpaceError('RfbMalformed', `a fence of ${length} bytes; at most ${MAX_FENCE_BYTES} are allowed`);
}

/** Whether a clipboard may be buffered: asked for each one, on its header. */
export type KeepsCutText = (header: CutTextHeader) => boolean;

/** Turns bytes into messages, and keeps the {@link Negotiation} for what it sees. Buffers at most one message. */
export class ClientMessageReader {
  readonly #input = new ByteInput();
  readonly #negotiation: Negotiation;
  readonly #limits: RfbLimits;
  readonly #keeps: KeepsCutText;
  /** Bytes to come of a clipboard that is not kept. */
  #skipping = 0;

  /** @param keeps default: every clipboard within the limits; none above them is kept, whatever it says */
  constructor(negotiation: Negotiation, limits: RfbLimits = DEFAULT_RFB_LIMITS, keeps: KeepsCutText = () => true) {
    this.#negotiation = negotiation;
    this.#limits = limits;
    this.#keeps = keeps;
  }

  /** Whether a message has begun and is not complete. */
  get unfinished(): boolean {
    return this.#skipping > 0 || this.#input.heldBytes > 0;
  }
  /** Bytes of a message that is not complete. */
  get heldBytes(): number {
    return this.#input.heldBytes;
  }
  get copiedBytes(): number {
    return this.#input.copiedBytes;
  }

  /** What {@link feed} and {@link next} do, for a loop. Read it to its end before the next push. */
  *push(chunk: Buffer): Generator<ClientMessage> {
    this.feed(chunk);
    for (let message = this.next(); message !== undefined; message = this.next()) yield message;
  }

  /** The next bytes, once {@link next} has nothing more. */
  feed(chunk: Buffer): void {
    this.#input.push(chunk);
  }

  /**
   * A message, before it looks at what follows: what came before a bad byte is still delivered. Undefined: there is no whole one.
   * @throws RfbUnknownMessage, RfbMalformed, RfbTooLarge; the reader is of no use afterwards
   */
  next(): ClientMessage | undefined {
    if (this.#skipping > 0) this.#skip();
    const type = this.#input.peekByte();
    if (type === undefined) return undefined;
    const layout = LAYOUTS[type];
    if (layout === undefined)
      throw new StreamSpaceError('RfbUnknownMessage', `message type ${type} of the browser is not known`, { facts: { type } });
    const length = typeof layout.length === 'number' ? layout.length : this.#lengthOf(layout.headerBytes, layout.length);
    if (length === undefined) return undefined;
    if (layout.name === 'clientCutText' && this.#isSkipped()) {
      this.#skipping = length - CUT_TEXT_HEADER_BYTES;
      const bytes = this.#input.take(CUT_TEXT_HEADER_BYTES);
      return bytes === undefined ? undefined : { name: layout.name, bytes };
    }
    const bytes = this.#input.take(length);
    return bytes === undefined ? undefined : { name: layout.name, bytes: this.#settle(layout.name, bytes) };
  }

  #lengthOf(headerBytes: number, length: Length): number | undefined {
    const header = this.#input.peek(headerBytes);
    return header === undefined ? undefined : length(header, this.#limits, this.#negotiation);
  }

  #isSkipped(): boolean {
    const header = this.#input.peek(CUT_TEXT_HEADER_BYTES);
    return header !== undefined && !this.#mayKeep(cutTextHeader(header));
  }

  #mayKeep(header: CutTextHeader): boolean {
    return header.length <= maxCutTextBytes(this.#limits, header) && this.#keeps(header);
  }

  #skip(): void {
    while (this.#skipping > 0) {
      const bytes = this.#input.takeSome(this.#skipping);
      if (bytes === undefined) return;
      this.#skipping -= bytes.length;
    }
  }

  /** Notes what changes the lengths of later messages. */
  #settle(name: ClientMessageName, bytes: Buffer): Buffer {
    if (name === 'setPixelFormat') this.#negotiation.settlePixelFormat(parsePixelFormat(bytes.subarray(4)));
    if (name === 'framebufferUpdateRequest' || name === 'enableContinuousUpdates') this.#negotiation.requestUpdates();
    if (name !== 'setEncodings') return bytes;
    const requested: number[] = [];
    for (let offset = 4; offset < bytes.length; offset += 4) requested.push(bytes.readInt32BE(offset));
    return setEncodings(this.#negotiation.ask(requested));
  }
}
