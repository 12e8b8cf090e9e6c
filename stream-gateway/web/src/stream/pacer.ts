// Limits the frames of a stream. RFB lets a client ask for each update (RFC 6143, 7.5.3), so asking later is the lever; with
// continuous updates (rfbproto) nobody asks, so those are switched off while there is a limit. noVNC knows no limit, so this
// stands between it and the socket, and holds nothing back but those questions.

const UPDATE_REQUEST = 3;
const CONTINUOUS_UPDATES = 150;
const MESSAGE_BYTES = 10;
/**
 * The largest area that holds whatever size the desktop takes: 32,767 by 32,767. TigerVNC keeps areas in signed numbers of 16
 * bits, so of anything larger nothing is left, and a picture that was to get better stands still.
 */
const EVERYWHERE = [0, 0, 0, 0, 0x7f, 0xff, 0x7f, 0xff] as const;

export interface PacerPorts {
  readonly send: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** Milliseconds of a clock that nobody sets. */
  readonly now: () => number;
  readonly after: (ms: number, act: () => void) => void;
}

export class Pacer {
  readonly #ports: PacerPorts;
  #everyMs = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #held: Uint8Array<ArrayBuffer> | undefined;
  /** Whether the desktop sends updates unasked; undefined where it does not know how. */
  #continuous: boolean | undefined;

  constructor(ports: PacerPorts) {
    this.#ports = ports;
  }

  /** What noVNC sends; a copy is made of what has to wait. */
  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (isMessage(bytes, UPDATE_REQUEST)) {
      this.#ask(bytes);
      return;
    }
    this.#ports.send(bytes);
    if (!isMessage(bytes, CONTINUOUS_UPDATES)) return;
    this.#continuous = true;
    this.#arrange();
  }

  /** @param framesPerSecond null: no limit */
  limit(framesPerSecond: number | null): void {
    this.#everyMs = framesPerSecond === null ? 0 : 1000 / framesPerSecond;
    this.#arrange();
    if (this.#everyMs === 0) this.#release();
  }

  #arrange(): void {
    const wanted = this.#everyMs === 0;
    if (this.#continuous === undefined || this.#continuous === wanted) return;
    this.#continuous = wanted;
    this.#ports.send(message(CONTINUOUS_UPDATES, wanted));
    // noVNC asks after each update; after those that came unasked it has not, so the first question is ours.
    if (!wanted) this.#ask(message(UPDATE_REQUEST, true));
  }

  #ask(request: Uint8Array<ArrayBuffer>): void {
    const waitMs = this.#askedAt + this.#everyMs - this.#ports.now();
    // The whole picture is asked for once in a while, by somebody who has none.
    if (request[1] === 0 || waitMs <= 0) {
      this.#askedAt = this.#ports.now();
      this.#ports.send(request);
      return;
    }
    const waits = this.#held !== undefined;
    this.#held = request.slice();
    if (!waits) this.#ports.after(waitMs, () => this.#release());
  }

  #release(): void {
    if (this.#held === undefined) return;
    this.#askedAt = this.#ports.now();
    this.#ports.send(this.#held);
    this.#held = undefined;
  }
}

const isMessage = (bytes: Uint8Array, type: number): boolean => bytes.length === MESSAGE_BYTES && bytes[0] === type;
const message = (type: number, flag: boolean): Uint8Array<ArrayBuffer> => Uint8Array.of(type, flag ? 1 : 0, ...EVERYWHERE);
