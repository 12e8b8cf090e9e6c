// Messages from client to server (RFC 6143, 7.5, and rfbproto for the extensions): a total parser. A type that has no row
// here ends the stream, because its length is not known.
import { StreamSpaceError } from '../../schemas/errors.ts';
import { ByteInput } from './byte-input.ts';
import { setEncodings } from './encodings.ts';
import { DEFAULT_RFB_LIMITS, MAX_FENCE_BYTES, type RfbLimits } from './limits.ts';
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

/** One whole message. SetEncodings is already rewritten to what the desktop may be asked for. */
export interface ClientMessage {
  readonly name: ClientMessageName;
  readonly bytes: Buffer;
}

interface Layout {
  readonly name: ClientMessageName;
  /** Enough to know the length. */
  readonly headerBytes: number;
  /** Of the whole message. @throws RfbTooLarge, RfbMalformed */
  readonly length: (header: Buffer, limits: RfbLimits, negotiation: Negotiation) => number;
}

const fixed = (name: ClientMessageName, bytes: number): Layout => ({ name, headerBytes: 1, length: () => bytes });

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
    name: 'clientCutText', // 7.5.6; a negative length marks the extended clipboard: the same size rule, another payload
    headerBytes: 8,
    length: (header, { maxCutTextBytes }) => {
      const length = header.readInt32BE(4);
      if (length < 0 && length > -4) throw new StreamSpaceError('RfbMalformed', 'an extended clipboard without flags');
      return 8 + within(Math.abs(length), maxCutTextBytes, 'bytes of clipboard');
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

/** Turns bytes into messages, and keeps the {@link Negotiation} for what it sees. Buffers at most one message. */
export class ClientMessageReader {
  readonly #input = new ByteInput();
  readonly #negotiation: Negotiation;
  readonly #limits: RfbLimits;

  constructor(negotiation: Negotiation, limits: RfbLimits = DEFAULT_RFB_LIMITS) {
    this.#negotiation = negotiation;
    this.#limits = limits;
  }

  /** Bytes of a message that is not complete. */
  get heldBytes(): number {
    return this.#input.heldBytes;
  }
  get copiedBytes(): number {
    return this.#input.copiedBytes;
  }

  /**
   * Yields each message before it looks at the next, so what came before a bad byte is still delivered. Read it to its end
   * before the next push. @throws RfbUnknownMessage, RfbMalformed, RfbTooLarge; the reader is of no use afterwards
   */
  *push(chunk: Buffer): Generator<ClientMessage> {
    this.#input.push(chunk);
    for (;;) {
      const message = this.#next();
      if (message === undefined) return;
      yield message;
    }
  }

  #next(): ClientMessage | undefined {
    const first = this.#input.peek(1);
    if (first === undefined) return undefined;
    const type = first.readUInt8(0);
    const layout = LAYOUTS[type];
    if (layout === undefined)
      throw new StreamSpaceError('RfbUnknownMessage', `message type ${type} of the browser is not known`, { facts: { type } });
    const header = this.#input.peek(layout.headerBytes);
    if (header === undefined) return undefined;
    const bytes = this.#input.take(layout.length(header, this.#limits, this.#negotiation));
    return bytes === undefined ? undefined : { name: layout.name, bytes: this.#settle(layout.name, bytes) };
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
