// What the two ends of one connection have agreed on so far: everything that changes the length of a later message. The
// readers of both directions share one of these and keep it themselves; nobody else writes to it.
import { StreamSpaceError } from '../../schemas/errors.ts';
import { grantEncodings } from './encodings.ts';
import type { PixelFormat } from './pixel-format.ts';

/** What the server has to confirm before a client may use it. */
export type Extension =
  | 'extendedClipboard'
  | 'continuousUpdates'
  | 'fence'
  | 'desktopSize'
  | 'qemuKeyEvent'
  | 'extendedMouseButtons';

/** What an ExtendedDesktopSize has said (rfbproto). Plain data: it also comes from another thread. */
export interface ScreensChange {
  readonly width: number;
  readonly height: number;
  /** A number, three bytes of padding, 16 bytes for each screen. */
  readonly screens: Uint8Array;
  /** Its x: 0 the desktop itself, 1 the client of this connection, 2 another one. */
  readonly by: number;
  /** Its y: 0 is done, anything else refused. */
  readonly status: number;
}

export interface NegotiationOptions {
  readonly width: number;
  readonly height: number;
  readonly pixelFormat: PixelFormat;
  /** Encodings of the allow-list that this connection does without; none by default. */
  readonly withheld?: ReadonlySet<number>;
  /** Told of each ExtendedDesktopSize. */
  readonly onScreens?: (change: ScreensChange) => void;
}

export class Negotiation {
  #pixelFormat: PixelFormat;
  #width: number;
  #height: number;
  #screens: Buffer | undefined;
  #updatesRequested = false;
  readonly #withheld: ReadonlySet<number>;
  readonly #onScreens: NegotiationOptions['onScreens'];
  /** Everything ever asked for: updates made before a later SetEncodings may still be on their way. Raw needs no asking. */
  readonly #asked = new Set<number>([0]);
  readonly #confirmed = new Set<Extension>();

  constructor(options: NegotiationOptions) {
    this.#pixelFormat = options.pixelFormat;
    this.#width = options.width;
    this.#height = options.height;
    this.#withheld = options.withheld ?? new Set();
    this.#onScreens = options.onScreens;
  }

  get pixelFormat(): PixelFormat {
    return this.#pixelFormat;
  }
  get width(): number {
    return this.#width;
  }
  get height(): number {
    return this.#height;
  }
  get confirmed(): ReadonlySet<Extension> {
    return this.#confirmed;
  }

  hasAskedFor(encoding: number): boolean {
    return this.#asked.has(encoding);
  }

  /** Returns what the server is to be asked for. */
  ask(requested: readonly number[]): readonly number[] {
    const granted = grantEncodings(requested, this.#withheld);
    for (const encoding of granted) this.#asked.add(encoding);
    return granted;
  }

  requestUpdates(): void {
    this.#updatesRequested = true;
  }

  /**
   * Once an update may be on its way nobody can tell from outside which format it has, so the format is settled before.
   * @throws RfbMalformed when it changes after the first request
   */
  settlePixelFormat(format: PixelFormat): void {
    if (this.#updatesRequested && format.key !== this.#pixelFormat.key)
      throw new StreamSpaceError('RfbMalformed', 'the pixel format changed after the first update was requested');
    this.#pixelFormat = format;
  }

  confirm(extension: Extension): void {
    this.#confirmed.add(extension);
  }

  /** The screens of the desktop as its last ExtendedDesktopSize had them: a number, three bytes of padding, 16 bytes each. */
  get screens(): Buffer | undefined {
    return this.#screens;
  }

  layOut(change: ScreensChange): void {
    this.#width = change.width;
    this.#height = change.height;
    this.#screens = Buffer.from(change.screens);
    this.#onScreens?.(change);
  }

  resize(width: number, height: number): void {
    this.#width = width;
    this.#height = height;
  }
}
