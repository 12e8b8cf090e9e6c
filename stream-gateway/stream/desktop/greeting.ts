// The browser's half of the handshake, while the desktop is still being connected.
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { browserHandshake } from '../../rfb/browser-handshake.ts';
import { HandshakeRun } from '../../rfb/handshake.ts';
import type { BrowserSide } from '../browser-side.ts';

export class Greeting {
  readonly #browser: BrowserSide;
  readonly #run = new HandshakeRun(browserHandshake());
  readonly #done = Promise.withResolvers<void>();
  #early: Buffer[] = [];

  constructor(browser: BrowserSide) {
    this.#browser = browser;
  }

  /** Bytes of the browser. @throws RfbMalformed */
  receive(chunk: Buffer): void {
    if (this.#run.result !== undefined) {
      this.#early.push(chunk);
      return;
    }
    for (const bytes of this.#run.push(chunk)) this.#browser.send(bytes);
    if (this.#run.result === undefined) return;
    // What it says next is for the desktop. From here on only what was read already arrives: a frame or two.
    this.#browser.pause();
    this.#early.push(this.#run.rest());
    this.#done.resolve();
  }

  /** Resolves after ClientInit, with the browser paused. @throws StreamIdle when it takes too long */
  async done(timeoutMs: number, signal: AbortSignal): Promise<void> {
    for (const bytes of this.#run.start()) this.#browser.send(bytes);
    const finished = new AbortController();
    const late = delay(timeoutMs, AbortSignal.any([signal, finished.signal])).then(() => {
      throw new StreamSpaceError('StreamIdle', `the browser did not finish the handshake within ${timeoutMs / 1000} s`);
    });
    try {
      await Promise.race([this.#done.promise, late]);
    } finally {
      late.catch(() => undefined);
      finished.abort();
    }
  }

  /** What came after ClientInit, once. */
  takeEarly(): readonly Buffer[] {
    const early = this.#early;
    this.#early = [];
    return early.filter((bytes) => bytes.length > 0);
  }
}
