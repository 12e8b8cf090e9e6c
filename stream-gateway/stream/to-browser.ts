// From the desktop to the browser: parsed and passed on piece by piece. While the browser is slow the desktop is not read, so
// at most one chunk waits beside what the limit allows. A clipboard is gathered and judged; the picture does not wait for
// that, because a pattern that takes its time must not be seen as a desktop that stands still.
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { judgeServerMessage } from '../dlp/verdict.ts';
import { joined } from '../rfb/byte-input.ts';
import { ServerMessageReader, type ServerPiece } from '../rfb/server-messages.ts';
import { HeldClips } from './clipboard/held-clips.ts';
import { type Lent, type LentReads, owned } from './clipboard/lent-reads.ts';
import { TokenBucket } from './clipboard/token-bucket.ts';
import type { PixelPath } from './pixels/pixel-path.ts';
import type { RelayContext } from './relay-context.ts';

/** One after another, each once. */
interface Pieces {
  next(): ServerPiece | undefined;
}

export class ToBrowser {
  readonly #context: RelayContext;
  readonly #clips: HeldClips;
  /** Neighbours in memory go out as one frame: a chunk mostly does. */
  #waiting: Buffer | undefined;
  /** What that is part of. */
  #lent: Lent | undefined;
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
  async relay(reads: LentReads, early: Buffer): Promise<never> {
    const { desktop, pixels } = this.#context;
    const { promise, reject } = Promise.withResolvers<never>();
    const failed = (error: unknown): void =>
      reject(
        error instanceof StreamSpaceError
          ? error
          : new StreamSpaceError('DesktopUnreachable', 'the connection to the desktop broke', { cause: error }),
      );
    const closed = (): void => reject(new StreamSpaceError('DesktopUnreachable', 'the desktop closed the connection'));
    desktop.on('error', failed).on('end', closed).on('close', closed);
    const take = pixels === undefined ? this.#plain() : this.#throughPixels(pixels);
    const onRead = this.#reading(take, failed);
    reads.handOver(onRead);
    desktop.resume();
    // Before anything is read: that comes from the event loop. It may pause what was just begun.
    if (early.length > 0) onRead(owned(early));
    return await promise;
  }

  /** Takes one read after another: at once where nothing has to wait, so that a busy stream costs no promise a read. */
  #reading(take: (lent: Lent) => Promise<void> | undefined, failed: (error: unknown) => void): (lent: Lent) => void {
    const { browser, desktop, limits, now, signal } = this.#context;
    const perSecond = limits.toBrowserBytesPerSecond;
    const rate = new TokenBucket({ perSecond, burst: perSecond, now });
    let isBroken = false;
    const broke = (error: unknown): void => {
      isBroken = true;
      failed(error);
    };
    const pauseFor = async (taken: Promise<void> | undefined, waitMs: number): Promise<void> => {
      desktop.pause();
      try {
        await taken;
        if (waitMs > 0) await delay(waitMs, signal).catch(() => undefined);
        await browser.untilRoom(signal);
      } catch (error) {
        broke(error);
      }
      desktop.resume();
    };
    return (lent) => {
      try {
        if (signal.aborted || isBroken) return;
        const taken = take(lent);
        const waitMs = rate.take(lent.bytes.length);
        if (taken !== undefined || waitMs > 0 || !browser.hasRoom) void pauseFor(taken, waitMs);
      } catch (error) {
        broke(error);
      } finally {
        lent.release();
      }
    };
  }

  /** A clipboard message of the gateway's own, behind those that are still judged. */
  insert(message: Buffer): void {
    this.#clips.put(message);
  }

  #plain(): (lent: Lent) => Promise<void> | undefined {
    const reader = new ServerMessageReader(this.#context.negotiation, this.#context.limits.rfb);
    return (lent) => {
      reader.feed(lent.bytes);
      this.#lent = lent;
      if (this.#forward(reader)) return undefined;
      lent.retain(); // the rest of it is read when there is room
      return this.#forwardRest(reader).finally(lent.release);
    };
  }

  /** What the pipeline gives is judged like what a desktop gives on the plain path. */
  #throughPixels(pixels: PixelPath): (lent: Lent) => Promise<void> | undefined {
    this.#fromPixels(pixels).catch((error: unknown) => this.#context.onDesktopError(error));
    return ({ bytes }) => pixels.link.fromDesktop(Uint8Array.from(bytes));
  }

  async #fromPixels(pixels: PixelPath): Promise<void> {
    const { browser, desktop, limits, negotiation, signal } = this.#context;
    for await (const { toDesktop, toBrowser, confirmed, screens } of pixels.link.answers()) {
      if (signal.aborted) return;
      for (const extension of confirmed) negotiation.confirm(extension);
      for (const change of screens) negotiation.layOut(change);
      for (const bytes of toDesktop) desktop.write(asBuffer(bytes));
      this.#lent = undefined;
      const left = toBrowser.map((piece) => ({ ...piece, bytes: asBuffer(piece.bytes) }));
      const pieces = { next: () => left.shift() };
      if (!this.#forward(pieces)) await this.#forwardRest(pieces);
      pixels.watchRoom(browser, browser.waitingBytes > limits.maxBufferedBytes, signal);
    }
  }

  /** False: the clipboards are full, and the rest of the pieces has to wait. */
  #forward(pieces: Pieces): boolean {
    try {
      for (let piece = pieces.next(); piece !== undefined; piece = pieces.next()) {
        if (!this.#mayPass(piece)) continue;
        if (piece.message !== 'serverCutText' && piece.message !== 'oversizedCutText') this.#pass(piece);
        else {
          this.#clips.add(piece);
          if (this.#clips.isFull) return false;
        }
      }
      return true;
    } finally {
      // What came before a bad header is still delivered.
      this.#flush();
    }
  }

  async #forwardRest(pieces: Pieces): Promise<void> {
    do await this.#clips.untilRoom();
    while (!this.#forward(pieces));
  }

  #mayPass(piece: ServerPiece): boolean {
    const denied = judgeServerMessage(piece.message, this.#context.right);
    if (denied !== undefined && piece.end) this.#context.onDenied(piece.message, denied.deny); // once for a message
    return denied === undefined && (piece.message !== 'serverFence' || this.#mayPassFence(piece.bytes));
  }

  #mayPassFence(message: Buffer): boolean {
    const { fences, desktop, link, now } = this.#context;
    if (link.fence(message)) return false;
    for (const answer of fences.note(message, now())) desktop.write(answer);
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
    if (!this.#betweenMessages || !this.#clips.hasAny) return;
    const { browser, signal } = this.#context;
    for (const message of this.#clips.takeReady()) {
      if (signal.aborted) continue; // they make room for whoever waits for it, and go nowhere
      this.#flush();
      browser.send(message);
    }
  }

  #flush(): void {
    const bytes = this.#waiting;
    if (bytes === undefined) return;
    this.#waiting = undefined;
    this.#lent?.retain();
    this.#context.browser.send(bytes, this.#lent?.release);
  }
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}
