// From the desktop to the browser: parsed and passed on piece by piece. While the browser is slow the desktop is not read, so
// at most one chunk waits beside what the limit allows. A clipboard is gathered and judged; the picture does not wait for
// that, because a pattern that takes its time must not be seen as a desktop that stands still.
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { judgeServerMessage } from '../dlp/verdict.ts';
import { joined } from '../rfb/byte-input.ts';
import { ServerMessageReader, type ServerPiece } from '../rfb/server-messages.ts';
import { HeldClips } from './held-clips.ts';
import type { PixelPath } from './pixels/pixel-path.ts';
import type { RelayContext } from './relay-context.ts';
import { TokenBucket } from './token-bucket.ts';

export class ToBrowser {
  readonly #context: RelayContext;
  readonly #clips: HeldClips;
  /** Neighbours in memory go out as one frame: a chunk mostly does. */
  #waiting: Buffer | undefined;
  /** Whether a message of another kind may begin at the browser now. */
  #betweenMessages = true;

  constructor(context: RelayContext) {
    this.#context = context;
    this.#clips = new HeldClips(context.clipboard, () => this.#sendClips());
  }

  /**
   * Runs until the desktop has closed its connection. After the stream has ended it goes on reading and throws the bytes
   * away: closing a connection with unread bytes would reset it, and the desktop might never read that the keys were let go.
   * @throws DesktopUnreachable, RfbUnknownMessage, RfbMalformed, RfbTooLarge
   */
  async relay(): Promise<never> {
    const { browser, desktop, limits, now, pixels, signal } = this.#context;
    const take = pixels === undefined ? this.#plain() : this.#throughPixels(pixels);
    const perSecond = limits.toBrowserBytesPerSecond;
    const rate = new TokenBucket({ perSecond, burst: perSecond, now });
    try {
      for await (const chunk of desktop as AsyncIterable<Buffer>) {
        if (signal.aborted) continue;
        await take(chunk);
        const waitMs = rate.take(chunk.length);
        if (waitMs > 0) await delay(waitMs, signal).catch(() => undefined);
        await browser.untilRoom(signal);
      }
    } catch (error) {
      if (error instanceof StreamSpaceError) throw error;
      throw new StreamSpaceError('DesktopUnreachable', 'the connection to the desktop broke', { cause: error });
    }
    throw new StreamSpaceError('DesktopUnreachable', 'the desktop closed the connection');
  }

  /** A clipboard message of the gateway's own, behind those that are still judged. */
  insert(message: Buffer): void {
    this.#clips.put(message);
  }

  #plain(): (chunk: Buffer) => Promise<void> {
    const reader = new ServerMessageReader(this.#context.negotiation, this.#context.limits.rfb);
    return (chunk) => this.#forward(reader.push(chunk));
  }

  /** What the pipeline gives is judged like what a desktop gives on the plain path. */
  #throughPixels(pixels: PixelPath): (chunk: Buffer) => Promise<void> {
    this.#fromPixels(pixels).catch((error: unknown) => this.#context.onDesktopError(error));
    return (chunk) => pixels.link.fromDesktop(chunk);
  }

  async #fromPixels(pixels: PixelPath): Promise<void> {
    const { browser, desktop, limits, negotiation, signal } = this.#context;
    for await (const { toDesktop, toBrowser, confirmed } of pixels.link.answers()) {
      if (signal.aborted) return;
      for (const extension of confirmed) negotiation.confirm(extension);
      for (const bytes of toDesktop) desktop.write(asBuffer(bytes));
      await this.#forward(toBrowser.map((piece) => ({ ...piece, bytes: asBuffer(piece.bytes) })));
      pixels.watchRoom(browser, browser.waitingBytes > limits.maxBufferedBytes, signal);
    }
  }

  async #forward(pieces: Iterable<ServerPiece>): Promise<void> {
    try {
      for (const piece of pieces) {
        if (!this.#mayPass(piece)) continue;
        if (piece.message !== 'serverCutText' && piece.message !== 'oversizedCutText') this.#pass(piece);
        else {
          this.#clips.add(piece);
          if (!this.#clips.isFull) continue;
          this.#flush();
          await this.#clips.untilRoom();
        }
      }
    } finally {
      // What came before a bad header is still delivered.
      this.#flush();
    }
  }

  #mayPass(piece: ServerPiece): boolean {
    const { right, fences, desktop, now, onDenied } = this.#context;
    const denied = judgeServerMessage(piece.message, right);
    if (denied !== undefined) {
      if (piece.end) onDenied(piece.message, denied.deny); // once for a message
      return false;
    }
    if (piece.message === 'serverFence') for (const answer of fences.note(piece.bytes, now())) desktop.write(answer);
    return true;
  }

  #pass({ bytes, end }: ServerPiece): void {
    const both = this.#waiting === undefined ? bytes : joined(this.#waiting, bytes);
    if (both === undefined) this.#flush();
    this.#waiting = both ?? bytes;
    this.#betweenMessages = end;
    if (end) this.#sendClips();
  }

  #sendClips(): void {
    if (!this.#betweenMessages) return;
    const { browser, signal } = this.#context;
    for (const message of this.#clips.takeReady()) {
      if (signal.aborted) continue; // they make room for whoever waits for it, and go nowhere
      this.#flush();
      browser.send(message);
    }
  }

  #flush(): void {
    if (this.#waiting !== undefined) this.#context.browser.send(this.#waiting);
    this.#waiting = undefined;
  }
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}
