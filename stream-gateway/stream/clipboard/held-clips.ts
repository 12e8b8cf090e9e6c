// Clipboards of one desktop on their way to the browser: gathered from their pieces, then held until they are judged. They
// leave in the order in which they came.
import { CUT_TEXT_HEADER_BYTES, cutTextHeader } from '../../rfb/cut-text.ts';
import type { ServerPiece } from '../../rfb/server-messages.ts';
import type { Clipboard } from './clipboard.ts';

/** A person copies one at a time; above it the desktop is not read until the first is judged. */
const MAX_HELD = 4;

/** Who decides about a clipboard. */
type Judge = { readonly [Method in 'mayBeRead' | 'pass']: Clipboard[Method] };

interface Held {
  /** Null while it is judged; undefined: nothing is left of it. */
  message: Buffer | undefined | null;
}

export class HeldClips {
  readonly #clipboard: Judge;
  readonly #onReady: () => void;
  readonly #held: Held[] = [];
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** Undefined until the header is there. */
  #keeps: boolean | undefined;
  #wake: (() => void) | undefined;

  /** @param onReady called when there may be something to take */
  constructor(clipboard: Judge, onReady: () => void) {
    this.#clipboard = clipboard;
    this.#onReady = onReady;
  }

  get isFull(): boolean {
    return this.#held.length >= MAX_HELD;
  }

  /** Judged or not. */
  get hasAny(): boolean {
    return this.#held.length > 0;
  }

  /** Bytes that are kept of a clipboard that is not all there. */
  get gatheredBytes(): number {
    return this.#bytes;
  }

  /** Pieces of one clipboard after another. What is too long for the policy is not kept. */
  add({ bytes, end, message }: ServerPiece): void {
    if (this.#keeps !== false) {
      this.#pieces.push(Buffer.from(bytes)); // what it came in is used again
      this.#bytes += bytes.length;
    }
    if (this.#keeps === undefined && this.#bytes >= CUT_TEXT_HEADER_BYTES) {
      this.#keeps = message !== 'oversizedCutText' && this.#clipboard.mayBeRead('server', cutTextHeader(this.#gathered()));
      if (!this.#keeps) this.#pieces = [Buffer.from(this.#gathered().subarray(0, CUT_TEXT_HEADER_BYTES))];
    }
    if (!end) return;
    const whole = this.#gathered();
    this.#pieces = [];
    this.#bytes = 0;
    this.#keeps = undefined;
    this.#judge(whole);
  }

  /** Behind what is held. */
  put(message: Buffer): void {
    this.#held.push({ message });
    this.#onReady();
  }

  /** What may go, in order, each once. */
  *takeReady(): Generator<Buffer> {
    for (;;) {
      const [first] = this.#held;
      if (first === undefined || first.message === null) return;
      this.#held.shift();
      if (!this.isFull) this.#wake?.();
      if (first.message !== undefined) yield first.message;
    }
  }

  /** Resolves once one of them has gone. */
  async untilRoom(): Promise<void> {
    if (!this.isFull) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await promise;
    this.#wake = undefined;
  }

  #gathered(): Buffer {
    if (this.#pieces.length > 1) this.#pieces = [Buffer.concat(this.#pieces)];
    return this.#pieces[0] ?? Buffer.alloc(0);
  }

  #judge(whole: Buffer): void {
    const passed = this.#clipboard.pass('server', whole);
    const held: Held = { message: passed instanceof Promise ? null : passed };
    this.#held.push(held);
    if (passed instanceof Promise)
      void passed.then((message) => {
        held.message = message;
        this.#onReady();
      });
    else this.#onReady();
  }
}
