// What the page does on a stream, without a picture: asks as noVNC asks, limits frames and chooses the picture with the very code
// of the page, and counts what comes. It decodes nothing, so it is never the slow one.
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { parseStreamNotice, STREAM_NOTICES_PROTOCOL } from '../../../schemas/api/stream-notices.ts';
import { desktopHandshake } from '../../../stream-gateway/rfb/desktop-handshake.ts';
import { ENCODING, setEncodings } from '../../../stream-gateway/rfb/encodings.ts';
import { HandshakeRun } from '../../../stream-gateway/rfb/handshake.ts';
import { Negotiation } from '../../../stream-gateway/rfb/negotiation.ts';
import { ServerMessageReader, type ServerPiece } from '../../../stream-gateway/rfb/server-messages.ts';
import { LinkFigures } from '../../../stream-gateway/web/src/stream/link-figures.ts';
import { Pacer } from '../../../stream-gateway/web/src/stream/pacer.ts';
import { type PictureChoice, pictureOf } from '../../../stream-gateway/web/src/stream/picture.ts';
import { ORIGIN } from '../../support/stream-server.ts';

/** Of noVNC's, what the gateway lets through; the two levels of the picture come in addition. */
const ENCODINGS = [
  ...[ENCODING.copyRect, ENCODING.tight, ENCODING.tightPng, ENCODING.zrle, ENCODING.hextile, ENCODING.rre, ENCODING.zlib],
  ...[ENCODING.raw, ENCODING.desktopSize, ENCODING.lastRect, ENCODING.qemuKeyEvent, ENCODING.extendedDesktopSize],
  ...[ENCODING.fence, ENCODING.continuousUpdates, ENCODING.desktopName, ENCODING.vmwareCursor, ENCODING.cursor],
];
const WORST_QUALITY = -32;
const LEAST_COMPRESSION = -256;
/** What noVNC asks for: 32 bits, blue first. */
const PIXEL_FORMAT = [0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0];
const FENCE = 248;
const REQUEST = 0x80000000;
const QUESTION = 'asked';
const ASK_EVERY_MS = 100;

/** Everything since {@link PageViewer.begin}; times in milliseconds. */
export interface Seen {
  readonly forMs: number;
  readonly bytes: number;
  readonly updates: number;
  /** Of the link notices: to this viewer and back, behind the picture. */
  readonly roundTripsMs: readonly number[];
  /** From this viewer to the desktop and back, behind the picture: a key is seen no earlier. */
  readonly answersMs: readonly number[];
  /** Of the automatic choice, one for each notice. */
  readonly steps: readonly number[];
}

export class PageViewer {
  readonly #socket: WebSocket;
  readonly #choice: PictureChoice;
  readonly #figures = new LinkFigures();
  readonly #pacer: Pacer;
  #width = 0;
  #height = 0;
  #continuous: boolean | undefined;
  #step = -1;
  #askedAt: number | undefined;
  #from = 0;
  #seen = { bytes: 0, updates: 0, roundTripsMs: [] as number[], answersMs: [] as number[], steps: [] as number[] };

  private constructor(socket: WebSocket, choice: PictureChoice) {
    this.#socket = socket;
    this.#choice = choice;
    this.#pacer = new Pacer({
      send: (bytes) => socket.send(bytes),
      now: () => performance.now(),
      after: (ms, act) => void setTimeout(act, ms),
    });
  }

  /** Through the handshake, up to the first question for the picture. */
  static async open(url: string, protocols: readonly string[], choice: PictureChoice): Promise<PageViewer> {
    const socket = new WebSocket(url, [...protocols, STREAM_NOTICES_PROTOCOL], { origin: ORIGIN, perMessageDeflate: false });
    const viewer = new PageViewer(socket, choice);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const run = new HandshakeRun(desktopHandshake());
    let reader: ServerMessageReader | undefined;
    socket.on('error', reject).on('close', (code, reason) => reject(new Error(`closed: ${code} ${reason.toString()}`)));
    socket.on('message', (data, isBinary) => {
      if (!Buffer.isBuffer(data)) return;
      if (!isBinary) viewer.#noticed(data.toString());
      else if (reader !== undefined) viewer.#read(reader, data);
      else {
        for (const answer of run.push(data)) socket.send(answer);
        if (run.result === undefined) return;
        const negotiation = new Negotiation(run.result.value);
        negotiation.ask([...ENCODINGS, ...levels(0, 0)]);
        reader = new ServerMessageReader(negotiation);
        viewer.#start(run.result.value);
        viewer.#read(reader, run.rest());
        resolve();
      }
    });
    for (const bytes of run.start()) socket.send(bytes);
    await promise;
    return viewer;
  }

  /** What came before is forgotten. */
  begin(): void {
    this.#from = performance.now();
    this.#seen = { bytes: 0, updates: 0, roundTripsMs: [], answersMs: [], steps: [] };
  }

  seen(): Seen {
    return { forMs: performance.now() - this.#from, ...this.#seen };
  }

  /** Asks the desktop something that it answers behind what it has sent, again and again. */
  async keepAsking(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#askedAt === undefined) {
        this.#askedAt = performance.now();
        this.#socket.send(fence(REQUEST, Buffer.from(QUESTION)));
      }
      await wait(ASK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  end(): void {
    this.#socket.terminate();
  }

  #start({ width, height }: { readonly width: number; readonly height: number }): void {
    this.#width = width;
    this.#height = height;
    this.#socket.send(Uint8Array.from(PIXEL_FORMAT));
    this.#arrange();
    this.#ask(false);
  }

  /** The picture as it is to be now. */
  #arrange(): void {
    const { step } = this.#figures.current();
    if (step === this.#step) return;
    this.#step = step;
    const { quality, compression, framesPerSecond } = pictureOf(this.#choice, step);
    this.#socket.send(setEncodings([...ENCODINGS, ...levels(quality, compression)]));
    this.#pacer.limit(framesPerSecond);
  }

  #noticed(text: string): void {
    const notice = parseStreamNotice(text);
    if (notice?.type !== 'link') return;
    this.#figures.measured(notice, performance.now());
    this.#arrange();
    this.#seen.roundTripsMs.push(notice.roundTripMs);
    this.#seen.steps.push(this.#step);
  }

  #read(reader: ServerMessageReader, bytes: Buffer): void {
    this.#figures.moved('down', bytes.length, performance.now());
    this.#seen.bytes += bytes.length;
    for (const piece of reader.push(bytes)) if (piece.end) this.#ended(piece);
  }

  #ended({ message, bytes }: ServerPiece): void {
    if (message === 'framebufferUpdate') {
      this.#seen.updates += 1;
      if (this.#continuous !== true) this.#ask(true);
    } else if (message === 'endOfContinuousUpdates') {
      const isFirst = this.#continuous === undefined;
      this.#continuous = isFirst;
      if (isFirst) this.#pacer.send(this.#area(150, true));
    } else if (message === 'serverFence') this.#fenced(bytes);
  }

  #fenced(bytes: Buffer): void {
    const flags = bytes.readUInt32BE(4);
    const payload = bytes.subarray(9);
    if ((flags & REQUEST) !== 0) this.#socket.send(fence(flags & 0x3, payload));
    else if (this.#askedAt !== undefined && payload.toString() === QUESTION) {
      this.#seen.answersMs.push(performance.now() - this.#askedAt);
      this.#askedAt = undefined;
    }
  }

  #ask(incremental: boolean): void {
    this.#pacer.send(this.#area(3, incremental));
  }

  #area(type: number, flag: boolean): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(10);
    const view = new DataView(bytes.buffer);
    for (const [at, value] of [type, flag ? 1 : 0].entries()) view.setUint8(at, value);
    view.setUint16(6, this.#width);
    view.setUint16(8, this.#height);
    return bytes;
  }
}

const levels = (quality: number, compression: number): readonly number[] => [
  WORST_QUALITY + quality,
  LEAST_COMPRESSION + compression,
];

function fence(flags: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(9);
  header.writeUInt8(FENCE, 0);
  header.writeUInt32BE(flags >>> 0, 4);
  header.writeUInt8(payload.length, 8);
  return Buffer.concat([header, payload]);
}
