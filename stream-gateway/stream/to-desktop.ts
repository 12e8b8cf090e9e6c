// From the browser to the desktop: every message is judged; what is forwarded waits for the desktop with the browser paused.
import { judgeClientMessage } from '../dlp/verdict.ts';
import { type ClientMessage, ClientMessageReader } from '../rfb/client-messages.ts';
import { PressedInput } from '../rfb/pressed-input.ts';
import { isFenceRequest } from './fence-watch.ts';
import type { RelayContext } from './relay-context.ts';
import { TokenBucket } from './token-bucket.ts';

export class ToDesktop {
  readonly #context: RelayContext;
  readonly #reader: ClientMessageReader;
  readonly #pressed = new PressedInput();
  readonly #rate: TokenBucket;

  constructor(context: RelayContext) {
    this.#context = context;
    this.#reader = new ClientMessageReader(context.negotiation, context.limits.rfb);
    const perSecond = context.limits.fromBrowserBytesPerSecond;
    this.#rate = new TokenBucket({ perSecond, burst: perSecond, now: context.now });
  }

  /** @throws RfbUnknownMessage, RfbMalformed, RfbTooLarge, after what came before was forwarded */
  receive(bytes: Buffer): void {
    const { desktop } = this.#context;
    desktop.cork();
    try {
      for (const message of this.#reader.push(bytes)) this.#judge(message);
    } finally {
      desktop.uncork();
    }
    if (desktop.writableNeedDrain) this.#pauseUntil((resume) => desktop.once('drain', resume));
    const waitMs = this.#rate.take(bytes.length);
    if (waitMs > 0) this.#pauseUntil((resume) => setTimeout(resume, waitMs).unref());
  }

  /** Lets go of what this browser still holds down. */
  release(): void {
    for (const bytes of this.#pressed.release()) this.#context.desktop.write(bytes);
  }

  #judge(message: ClientMessage): void {
    const { right, negotiation, limits, desktop, onDenied } = this.#context;
    const verdict = judgeClientMessage(message, { right, confirmed: negotiation.confirmed, limits: limits.rfb });
    if (verdict.action === 'deny') onDenied(message.name, verdict.rule);
    else if (!this.#pressed.note(message)) onDenied(message.name, 'tooManyKeys');
    else if (this.#isDueFence(message)) desktop.write(verdict.bytes);
  }

  /** False: an answer to a fence that was already given, or that nobody asked for. */
  #isDueFence({ name, bytes }: ClientMessage): boolean {
    if (name !== 'clientFence') return true;
    if (isFenceRequest(bytes)) {
      // Nothing needs it from somebody who only looks on.
      if (this.#context.right === 'control') return true;
      this.#context.onDenied(name, 'viewOnly');
      return false;
    }
    const answer = this.#context.fences.answer(bytes);
    if (answer === 'unasked') this.#context.onDenied(name, 'fenceUnasked');
    return answer === 'forward';
  }

  #pauseUntil(wait: (resume: () => void) => void): void {
    this.#context.browser.pause();
    wait(() => this.#context.browser.resume());
  }
}
