// Measures both halves of a stream from the middle: the browser by WebSocket pings (RFC 6455, 5.5.2), the desktop by fences
// (rfbproto, ClientFence), which it answers in order with everything else it sends. One of each is out at a time.
import type { LinkNotice } from '../../schemas/api/link-notices.ts';

/** Often enough to follow a link that gets worse, rare enough to cost an idle stream nothing. */
const EVERY_MS = 1_500;
/** An end may answer only the last of several pings, so one that is out this long is answered no more. */
const GIVE_UP_MS = 30_000;
const REQUEST = 0x80000000;
const MARK = 'link';

/** Milliseconds of a clock that nobody sets. */
type Clock = () => number;

/** One question that is out, told from others by a number. */
class RoundTrip {
  readonly #now: Clock;
  #number = 0;
  #askedAt: number | undefined;

  constructor(now: Clock) {
    this.#now = now;
  }

  /** Undefined: it is too early, or the last is still out. */
  ask(): Buffer | undefined {
    const since = this.#askedAt === undefined ? GIVE_UP_MS : this.#now() - this.#askedAt;
    if (since < GIVE_UP_MS) return undefined;
    this.#number += 1;
    this.#askedAt = this.#now();
    return Buffer.from(`${MARK}${this.#number}`, 'latin1');
  }

  /** How long it took; undefined where it answers nothing that is out. */
  answer(payload: Buffer): number | undefined {
    if (this.#askedAt === undefined || payload.toString('latin1') !== `${MARK}${this.#number}`) return undefined;
    const ms = this.#now() - this.#askedAt;
    this.#askedAt = undefined;
    return ms;
  }
}

export class LinkMeasure {
  readonly #now: Clock;
  readonly #tell: (notice: LinkNotice) => void;
  readonly #browser: RoundTrip;
  readonly #desktop: RoundTrip;
  #desktopMs: number | null = null;
  #nextAt = 0;

  /** @param tell called with every answer of the browser */
  constructor(now: Clock, tell: (notice: LinkNotice) => void) {
    this.#now = now;
    this.#tell = tell;
    this.#browser = new RoundTrip(now);
    this.#desktop = new RoundTrip(now);
  }

  /**
   * What to send now, if anything: the payload of a ping, and a whole ClientFence.
   * @param options.desktop whether the desktop may be asked, which it is not before it has said that it knows fences
   */
  due({ desktop }: { readonly desktop: boolean }): { readonly ping?: Buffer | undefined; readonly fence?: Buffer | undefined } {
    if (this.#now() < this.#nextAt) return {};
    this.#nextAt = this.#now() + EVERY_MS;
    const payload = desktop ? this.#desktop.ask() : undefined;
    return { ping: this.#browser.ask(), fence: payload === undefined ? undefined : clientFence(payload) };
  }

  pong(payload: Buffer): void {
    const ms = this.#browser.answer(payload);
    if (ms !== undefined) this.#tell({ type: 'link', roundTripMs: tenths(ms), desktopMs: this.#desktopMs });
  }

  /** Whether a whole ServerFence answers one of ours: nobody else is to see it, and noVNC would end over it. */
  fence(message: Buffer): boolean {
    if ((message.readUInt32BE(4) & REQUEST) !== 0 || message.toString('latin1', 9, 9 + MARK.length) !== MARK) return false;
    const ms = this.#desktop.answer(message.subarray(9));
    if (ms !== undefined) this.#desktopMs = tenths(ms);
    return true;
  }
}

function clientFence(payload: Buffer): Buffer {
  const header = Buffer.alloc(9);
  header.writeUInt8(248, 0);
  header.writeUInt32BE(REQUEST, 4);
  header.writeUInt8(payload.length, 8);
  return Buffer.concat([header, payload]);
}

const tenths = (ms: number): number => Math.round(ms * 10) / 10;
