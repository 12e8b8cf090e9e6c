// One connection of the recorder to the desktop: a whole picture first, then what changes, asked for only when the last update is
// safe and the pace allows it. A desktop where nothing moves owes an answer, and costs nothing until then.
import type { Socket } from 'node:net';
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { BurnOptions } from '../../pixels/burn/burner.ts';
import type { ServerInit } from '../../rfb/desktop-handshake.ts';
import { connectDesktop, type DesktopEndpoint } from '../../stream/desktop/desktop-side.ts';
import { DEFAULT_STREAM_LIMITS } from '../../stream/limits.ts';
import { RecordedStream, type RecordedUpdate, type StreamStep } from './recorded-stream.ts';

/** Until the picture is whole. */
const FIRST_PICTURE_MS = 15_000;
/** Of the first picture: three times an 8K picture as Tight packs it; more is not kept in memory. */
const MAX_FIRST_BYTES = 96 * 1024 * 1024;

export interface FeedUser {
  /** Resolves when the update is safe and the next one may be asked for. */
  readonly update: (update: RecordedUpdate) => Promise<void>;
}

export class DesktopFeed {
  readonly #socket: Socket;
  readonly #stream: RecordedStream;
  readonly #ended = Promise.withResolvers<never>();
  readonly #whole = Promise.withResolvers<void>();
  #user: FeedUser | undefined;
  #waiting = false;
  #closed = false;
  #firstBytes = 0;
  /** When the connection was made, in pixels; what comes first is in this size. */
  readonly width: number;
  readonly height: number;
  /** The messages that make the picture whole, to be recorded first. */
  readonly first: Buffer[] = [];

  private constructor(socket: Socket, { width, height }: Pick<ServerInit, 'width' | 'height'>, burn: BurnOptions | undefined) {
    this.#socket = socket;
    this.width = width;
    this.height = height;
    this.#stream = new RecordedStream({ width, height }, burn);
    this.#ended.promise.catch(() => undefined);
  }

  /**
   * Resolves when the picture is whole; nothing more is asked for until {@link start}.
   * @throws as {@link connectDesktop}, and RfbUnknownMessage
   */
  static async open(
    endpoint: DesktopEndpoint,
    options: { readonly burn?: BurnOptions; readonly signal: AbortSignal },
  ): Promise<DesktopFeed> {
    const { socket, init } = await connectDesktop(endpoint, { limits: DEFAULT_STREAM_LIMITS, signal: options.signal });
    const feed = new DesktopFeed(socket, init, options.burn);
    const timer = new AbortController();
    const late = delay(FIRST_PICTURE_MS, AbortSignal.any([options.signal, timer.signal])).then(() => {
      throw new StreamSpaceError('DesktopUnreachable', `the desktop sent no whole picture within ${FIRST_PICTURE_MS / 1000} s`);
    });
    late.catch(() => undefined);
    try {
      feed.#listen();
      await Promise.race([feed.#whole.promise, feed.ended, late]);
      return feed;
    } catch (error) {
      feed.close();
      throw error;
    } finally {
      timer.abort();
    }
  }

  /** Rejects when the desktop has gone, breaks the protocol, or an update could not be kept. */
  get ended(): Promise<never> {
    return this.#ended.promise;
  }

  /** From now on updates are asked for. */
  start(user: FeedUser): void {
    this.#user = user;
    this.#request();
  }

  setBurn(burn: BurnOptions): void {
    if (!this.#closed) this.#step(() => this.#stream.setBurn(burn));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroy();
    this.#stream.close();
  }

  #listen(): void {
    const gone = (): void =>
      this.#fail(new StreamSpaceError('DesktopUnreachable', 'the desktop closed the connection of the recorder'));
    this.#socket.on('error', gone).on('close', gone);
    this.#socket.on('data', (chunk: Buffer) => this.#step(() => this.#stream.push(chunk)));
    this.#step(() => this.#stream.start());
    this.#request();
    this.#socket.resume();
  }

  #request(): void {
    if (this.#closed || this.#waiting) return;
    this.#waiting = true;
    this.#step(() => this.#stream.request());
  }

  #step(work: () => StreamStep): void {
    if (this.#closed) return;
    try {
      const { toDesktop, updates } = work();
      for (const bytes of toDesktop) this.#socket.write(bytes);
      for (const update of updates) this.#take(update);
    } catch (error) {
      this.#fail(error);
    }
  }

  #take(update: RecordedUpdate): void {
    this.#waiting = false;
    if (this.#user === undefined) {
      this.#keep(update);
      return;
    }
    this.#user.update(update).then(
      () => this.#request(),
      (error: unknown) => this.#fail(error),
    );
  }

  #keep({ parts, whole }: RecordedUpdate): void {
    const message = Buffer.concat(parts);
    this.#firstBytes += message.length;
    if (this.#firstBytes > MAX_FIRST_BYTES)
      throw new StreamSpaceError('RfbTooLarge', `the first picture of the desktop takes more than ${MAX_FIRST_BYTES} bytes`);
    this.first.push(message);
    if (whole) this.#whole.resolve();
    else this.#request();
  }

  #fail(error: unknown): void {
    this.#ended.reject(error);
    this.close();
  }
}
