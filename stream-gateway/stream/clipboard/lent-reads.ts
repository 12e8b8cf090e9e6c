// Reads of a desktop into memory that is used again. A new buffer for each read is cold memory every 64 KiB: at the rate of a
// video the processor's caches and the garbage collector then take as long as the copying itself. What is lent must be given
// back, so whoever keeps a byte beyond that has copied it.

import { COPIED_BELOW } from '../../websocket/server-frames.ts';

/** Bytes that are valid until they were released as often as retained, and once more. */
export interface Lent {
  readonly bytes: Buffer;
  readonly retain: () => void;
  readonly release: () => void;
}

const SMALLEST = 16 * 1024;
/** What is read must still be in the processor's cache when it is written: 256 KiB took twice the time a gigabyte. */
const LARGEST = 32 * 1024;
/** Of one stream; more are out only while its browser is slow. */
const MAX_FREE = 6;

function loan(bytes: Buffer, giveBack: () => void): Lent {
  let uses = 1;
  return {
    bytes,
    retain: () => {
      uses += 1;
    },
    release: () => {
      uses -= 1;
      if (uses === 0) giveBack();
      if (uses < 0) throw new RangeError('a loan was released twice');
    },
  };
}

/** Memory of its own: for what was never lent. */
export function owned(bytes: Buffer): Lent {
  return { bytes, retain: () => undefined, release: () => undefined };
}

/**
 * The `onread` of one socket (node:net); its events `data` and `readable` deliver nothing then. Memory goes round within the one
 * stream: whatever mistake is made here, nobody sees a pixel of somebody else's.
 */
export class LentReads {
  #size = SMALLEST;
  #buffer: Buffer = Buffer.allocUnsafeSlow(SMALLEST);
  #free: Buffer[] = [];
  #onRead: (lent: Lent) => void = ({ release }) => release();

  readonly onread = {
    buffer: (): Uint8Array => this.#buffer,
    callback: (length: number): boolean => {
      this.#read(length);
      return true;
    },
  };

  /** Who is told of each read from now on: from the event loop, one after another, unless the socket is paused. */
  handOver(onRead: (lent: Lent) => void): void {
    this.#onRead = onRead;
  }

  /** What came another way, such as out of TLS (a TLSSocket over a socket has no `onread`). The bytes are not used again. */
  deliver(bytes: Buffer): void {
    this.#onRead(owned(bytes));
  }

  #read(length: number): void {
    const whole = this.#buffer;
    const isSmall = length * 4 < whole.length;
    // Sizes follow what comes: an idle session keeps little, a busy one asks the kernel seldom.
    if (length === whole.length) this.#resize(Math.min(LARGEST, whole.length * 4));
    else if (isSmall) this.#resize(Math.max(SMALLEST, whole.length / 4));
    const bytes = whole.subarray(0, length);
    // What may be kept for long is not to keep four times as much. Less than that is copied by whoever sends it.
    const isCopied = isSmall && length >= COPIED_BELOW;
    if (isCopied) this.#onRead(owned(Buffer.from(bytes)));
    else this.#onRead(loan(bytes, () => this.#giveBack(whole)));
    if (isCopied && whole.length === this.#size) return;
    this.#buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#size);
  }

  #resize(size: number): void {
    if (size === this.#size) return;
    this.#size = size;
    this.#free = [];
  }

  #giveBack(buffer: Buffer): void {
    if (buffer.length === this.#size && this.#free.length < MAX_FREE) this.#free.push(buffer);
  }
}
