// The browser's end of a stream: one accepted WebSocket. Bytes in and out with backpressure, and what of it is a mistake.
import type { Duplex } from 'node:stream';
import type { GatewayNotice } from '../../schemas/api/stream-notices.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { WebSocketConnection } from '../websocket/connection.ts';
import type { WebSocketProblem } from '../websocket/protocol.ts';
import { TokenBucket } from './clipboard/token-bucket.ts';
import type { StreamLimits } from './limits.ts';

export interface BrowserSideOptions {
  readonly connection: WebSocketConnection;
  /** Whether it wants text frames with what the gateway has to say; else there are none. */
  readonly notices: boolean;
  readonly limits: StreamLimits;
  readonly now: () => number;
  readonly onBytes: (bytes: Buffer) => void;
  readonly onSent: (count: number) => void;
  /** What it answers pings with. */
  readonly onPong: (payload: Buffer) => void;
  /** Once. Null: the browser left; an error: what it did wrong. */
  readonly onEnd: (error: StreamSpaceError | null) => void;
}

/** How far sending has come: two equal marks, and nothing was taken in between. */
export type ProgressMark = string;

export class BrowserSide {
  readonly #options: BrowserSideOptions;
  readonly #control: TokenBucket;
  #sentBytes = 0;
  #heard = 0;
  #paused = 0;
  #wake: (() => void) | undefined;
  #ended = false;

  constructor(options: BrowserSideOptions) {
    this.#options = options;
    const { connection, limits, now } = options;
    const perSecond = limits.controlFramesPerSecond;
    this.#control = new TokenBucket({ perSecond, burst: 6 * perSecond, now });
    connection.listen({
      onBinary: (bytes) => this.#binary(bytes),
      onText: () => this.#end(new StreamSpaceError('RfbMalformed', 'the browser sent a text frame')),
      onPing: () => this.#controlFrame('pings'),
      onPong: (payload) => {
        this.#controlFrame('pongs');
        options.onPong(payload);
      },
      onWritten: () => this.#wakeIfRoom(),
      onLeave: (problem) => this.#end(problem === null ? null : errorOf(problem)),
    });
  }

  /** Rises with everything that the browser sends. */
  get heard(): number {
    return this.#heard;
  }
  get sentBytes(): number {
    return this.#sentBytes;
  }
  /** Bytes that wait in this process. */
  get waitingBytes(): number {
    return this.#options.connection.waitingBytes;
  }
  get isPaused(): boolean {
    return this.#paused > 0;
  }

  progressMark(): ProgressMark {
    return `${this.#sentBytes - this.waitingBytes} ${writeQueueOf(this.#options.connection.transport)}`;
  }

  /** @param onDone called once, when nothing reads these bytes any more, sent or not */
  send(bytes: Buffer, onDone?: () => void): void {
    this.#options.connection.send(bytes, onDone);
    this.#sentBytes += bytes.length;
    this.#options.onSent(bytes.length);
  }

  /** Tells the person something. A browser that is behind with the picture misses it: false. */
  notify(notice: GatewayNotice): boolean {
    const { connection, notices, limits } = this.#options;
    if (!notices || this.waitingBytes > limits.maxBufferedBytes || !connection.isOpen) return !notices;
    connection.sendText(JSON.stringify(notice));
    return true;
  }

  get hasRoom(): boolean {
    return this.waitingBytes <= this.#options.limits.maxBufferedBytes;
  }

  /** Resolves once little enough waits to send more. Ends early, without a word, when the stream ends. */
  async untilRoom(signal: AbortSignal): Promise<void> {
    if (this.hasRoom || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const onAbort = (): void => resolve();
    this.#wake = resolve;
    signal.addEventListener('abort', onAbort, { once: true });
    await promise;
    signal.removeEventListener('abort', onAbort);
  }

  /** Whether it takes what {@link notify} sends. */
  get takesNotices(): boolean {
    return this.#options.notices;
  }

  ping(payload?: Buffer): void {
    this.#options.connection.ping(payload);
  }

  /** Stops reading, for each call until its {@link resume}. What the kernel has is not read, so the browser waits. */
  pause(): void {
    this.#paused += 1;
    if (this.#paused === 1) this.#options.connection.pause();
  }

  resume(): void {
    this.#paused -= 1;
    if (this.#paused === 0) this.#options.connection.resume();
  }

  #binary(bytes: Buffer): void {
    if (bytes.length === 0) {
      this.#controlFrame('empty messages');
      return;
    }
    this.#heard += 1;
    if (!this.#ended) this.#options.onBytes(bytes);
  }

  #controlFrame(what: string): void {
    this.#heard += 1;
    if (this.#control.take(1) > 0) this.#end(new StreamSpaceError('RateLimited', `the browser sent a flood of ${what}`));
  }

  #wakeIfRoom(): void {
    // Half of it: waking for every frame would read the desktop in drops.
    if (this.waitingBytes <= this.#options.limits.maxBufferedBytes / 2) this.#wake?.();
  }

  #end(error: StreamSpaceError | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.onEnd(error);
  }
}

function errorOf(cause: WebSocketProblem): StreamSpaceError {
  return cause.closeCode === 1009
    ? new StreamSpaceError('RfbTooLarge', 'the browser sent a message that is too large', { cause })
    : new StreamSpaceError('RfbMalformed', 'the browser broke the WebSocket protocol', { cause });
}

/**
 * What the kernel has not taken of the write under way. Node counts a write only when all of it is done, which at 1 kB/s is
 * minutes for a megabyte; its own socket timeout looks at this same number. Without it progress is seen later.
 */
function writeQueueOf(transport: Duplex): number {
  const handle: unknown = Reflect.get(transport, '_handle');
  const size: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'writeQueueSize') : undefined;
  return typeof size === 'number' ? size : 0;
}
