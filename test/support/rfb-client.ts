// A small RFB client over WebSocket for tests: enough to see pixels and to press keys. It shares no code with the gateway,
// so that one mistake cannot hide in both.
import { WebSocket } from 'ws';

export interface RfbClientOptions {
  readonly url: string;
  readonly ticket?: string;
  readonly origin?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Asked for in SetEncodings; Raw and CopyRect are all that is decoded. Default those, cursor, sizes and LastRect. */
  readonly encodings?: readonly number[];
  /** Default false: blue first. With a watermark there is one format only, which has red first. */
  readonly redFirst?: boolean;
  /** Trust a certificate made for the test. */
  readonly ca?: string | Buffer;
  /** Default true: asks for the next update after each. */
  readonly updates?: boolean;
  /** Default false: offers to take notices of the gateway, which are text frames. */
  readonly notices?: boolean;
  /** Default true: answers the fences of the desktop. */
  readonly fences?: boolean;
}

export interface ClosedBy {
  readonly code: number;
  readonly reason: string;
}

const RAW = 0;
const COPY_RECT = 1;
const LAST_RECT = -224;
const DESKTOP_SIZE = -223;
const CURSOR = -239;
const EXTENDED_DESKTOP_SIZE = -308;
const QEMU_KEY = -258;
const EXTENDED_MOUSE = -316;
const DESKTOP_NAME = -307;
const LED = -261;
const FENCE = -312;
const CONTINUOUS_UPDATES = -313;
const EXTENDED_CLIPBOARD = 0xc0a1e5ce | 0;
const DEFAULT_ENCODINGS = [RAW, COPY_RECT, CURSOR, DESKTOP_SIZE, LAST_RECT, EXTENDED_DESKTOP_SIZE, DESKTOP_NAME];
/** Every extension that this client can follow. */
export const ALL_EXTENSIONS = [
  ...[RAW, COPY_RECT, CURSOR, DESKTOP_SIZE, LAST_RECT, EXTENDED_DESKTOP_SIZE, DESKTOP_NAME],
  ...[QEMU_KEY, EXTENDED_MOUSE, LED, FENCE, CONTINUOUS_UPDATES, EXTENDED_CLIPBOARD],
];

/** Resolves after ServerInit. Rejects with the close code and reason, or the HTTP status, when it does not get there. */
export async function connectRfb(options: RfbClientOptions): Promise<RfbClient> {
  const protocols = [
    'binary',
    ...(options.notices === true ? ['streamspace.notices'] : []),
    ...(options.ticket === undefined ? [] : [`streamspace.ticket.${options.ticket}`]),
  ];
  const socket = new WebSocket(options.url, protocols, {
    ...(options.origin === undefined ? {} : { origin: options.origin }),
    ...(options.headers === undefined ? {} : { headers: { ...options.headers } }),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    perMessageDeflate: false,
  });
  const client = new RfbClient(socket, options);
  await client.ready;
  return client;
}

/** Of a desktop, in pixels of the framebuffer. */
export interface Screen {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function screensIn(bytes: Buffer): readonly Screen[] {
  return Array.from({ length: bytes.length / 16 }, (_, index) => {
    const at = (offset: number): number => bytes.readUInt16BE(16 * index + offset);
    return { id: bytes.readUInt32BE(16 * index), x: at(4), y: at(6), width: at(8), height: at(10) };
  });
}

export class RfbClient {
  readonly socket: WebSocket;
  /** Resolves when the first ServerInit is there. */
  readonly ready: Promise<void>;
  readonly closed: Promise<ClosedBy>;
  width = 0;
  height = 0;
  name = '';
  /** 4 bytes a pixel: blue, green, red and one that means nothing. */
  pixels: Buffer = Buffer.alloc(0);
  /** Whole updates seen. */
  updates = 0;
  /** Names of messages other than updates, in order. */
  readonly messages: string[] = [];
  /** Pseudo-encodings that came. */
  readonly confirmed = new Set<number>();
  /** As the last ExtendedDesktopSize had them. */
  screens: readonly Screen[] = [];
  /** Of every answer to a SetDesktopSize of this client, in order; 0 is success. */
  readonly resizeStatus: number[] = [];
  clipboard = '';
  /** Payloads of extended clipboards: flags and what follows. */
  readonly extended: Buffer[] = [];
  /** Text frames, as they came. */
  readonly notices: string[] = [];
  receivedBytes = 0;
  /** Of each ping of the gateway, how many updates had come before it. */
  readonly pingedAfter: number[] = [];
  readonly #options: RfbClientOptions;
  #bytes: Buffer = Buffer.alloc(0);
  #arrived: (() => void)[] = [];
  #closedBy: ClosedBy | undefined;

  constructor(socket: WebSocket, options: RfbClientOptions) {
    this.socket = socket;
    this.#options = options;
    socket.on('message', (data, isBinary) => {
      if (!Buffer.isBuffer(data)) return;
      if (!isBinary) {
        this.notices.push(data.toString());
        this.#wake();
        return;
      }
      this.receivedBytes += data.length;
      this.#bytes = Buffer.concat([this.#bytes, data]);
      this.#wake();
    });
    socket.on('ping', () => this.pingedAfter.push(this.updates));
    const refused = new Promise<never>((_resolve, reject) => {
      socket.on('error', reject);
      socket.on('unexpected-response', (_request, response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.on('end', () => reject(new Error(`HTTP ${response.statusCode} ${body}`)));
      });
    });
    refused.catch(() => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.#closedBy = { code, reason: reason.toString() };
        this.#wake();
        resolve(this.#closedBy);
      });
    });
    this.ready = Promise.race([this.#handshake(), refused]);
    void this.ready.then(
      () => this.#read().catch((error: unknown) => this.#broken(error)),
      () => undefined,
    );
  }

  /** The frame as text that differs when a pixel does; for comparing. */
  get frame(): string {
    return `${this.width}x${this.height} ${this.pixels.toString('base64')}`;
  }

  send(bytes: Buffer | readonly number[]): void {
    this.socket.send(Buffer.from(bytes));
  }

  key(keysym: number, down: boolean): void {
    const bytes = Buffer.from([4, down ? 1 : 0, 0, 0, 0, 0, 0, 0]);
    bytes.writeUInt32BE(keysym, 4);
    this.send(bytes);
  }

  /** Presses each key and lets it go. Latin-1 and the line feed, which is Return. */
  type(text: string): void {
    for (const character of text) {
      const keysym = character === '\n' ? 0xff0d : (character.codePointAt(0) ?? 0);
      this.key(keysym, true);
      this.key(keysym, false);
    }
  }

  pointer(x: number, y: number, mask: number): void {
    const bytes = Buffer.from([5, mask, 0, 0, 0, 0]);
    bytes.writeUInt16BE(x, 2);
    bytes.writeUInt16BE(y, 4);
    this.send(bytes);
  }

  /** SetDesktopSize (rfbproto): all screens, of which the framebuffer is as large as it has to be. */
  arrange(screens: readonly Screen[]): void {
    const bytes = Buffer.alloc(8 + 16 * screens.length);
    bytes.writeUInt8(251, 0);
    bytes.writeUInt16BE(Math.max(...screens.map(({ x, width }) => x + width)), 2);
    bytes.writeUInt16BE(Math.max(...screens.map(({ y, height }) => y + height)), 4);
    bytes.writeUInt8(screens.length, 6);
    for (const [index, { id, x, y, width, height }] of screens.entries()) {
      bytes.writeUInt32BE(id, 8 + 16 * index);
      for (const [field, value] of [x, y, width, height].entries()) bytes.writeUInt16BE(value, 12 + 16 * index + 2 * field);
    }
    this.send(bytes);
  }

  requestUpdate(options: { readonly incremental: boolean }): void {
    const bytes = Buffer.from([3, options.incremental ? 1 : 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    bytes.writeUInt16BE(this.width, 6);
    bytes.writeUInt16BE(this.height, 8);
    this.send(bytes);
  }

  /** Resolves when `holds` does; looks again after each message. */
  async until(holds: () => boolean, options: { readonly timeoutMs?: number; readonly what?: string } = {}): Promise<void> {
    const timeoutMs = options.timeoutMs ?? 10_000;
    const end = Date.now() + timeoutMs;
    while (!holds()) {
      if (this.#closedBy !== undefined) throw new Error(`closed with ${this.#closedBy.code} ${this.#closedBy.reason}`);
      const left = end - Date.now();
      if (left <= 0) throw new Error(`waited ${timeoutMs} ms for ${options.what ?? 'something'} in vain`);
      await this.#more(left);
    }
  }

  /** Resolves when a pixel differs from what `before` (a {@link frame}) shows. */
  async waitForChange(before: string = this.frame, timeoutMs = 10_000): Promise<void> {
    await this.until(() => this.frame !== before, { timeoutMs, what: 'another picture' });
  }

  async close(): Promise<ClosedBy> {
    this.socket.close(1000);
    return await this.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }

  async #handshake(): Promise<void> {
    const version = await this.#take(12);
    if (version.toString() !== 'RFB 003.008\n') throw new Error(`version ${JSON.stringify(version.toString())}`);
    this.send(version);
    const types = await this.#take((await this.#take(1)).readUInt8(0));
    if (!types.includes(1)) throw new Error('security None is not offered');
    this.send([1]);
    if ((await this.#take(4)).readUInt32BE(0) !== 0) throw new Error('security failed');
    this.send([0]); // not shared: the gateway must share all the same
    const init = await this.#take(24);
    this.#resize(init.readUInt16BE(0), init.readUInt16BE(2));
    this.name = (await this.#take(init.readUInt32BE(20))).toString();
    const [red, blue] = this.#options.redFirst === true ? [0, 16] : [16, 0];
    this.send([0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, red, 8, blue, 0, 0, 0]);
    const encodings = this.#options.encodings ?? DEFAULT_ENCODINGS;
    const ask = Buffer.alloc(4 + 4 * encodings.length);
    ask.writeUInt8(2, 0);
    ask.writeUInt16BE(encodings.length, 2);
    for (const [index, encoding] of encodings.entries()) ask.writeInt32BE(encoding, 4 + 4 * index);
    this.send(ask);
    if (this.#options.updates !== false) this.requestUpdate({ incremental: false });
  }

  async #read(): Promise<void> {
    for (;;) {
      const type = (await this.#take(1)).readUInt8(0);
      if (type === 0) await this.#update();
      else if (type === 2) {
        this.messages.push('bell');
        this.#wake();
      } else if (type === 3) await this.#cutText();
      else if (type === 150) {
        this.messages.push('endOfContinuousUpdates');
        this.confirmed.add(CONTINUOUS_UPDATES);
      } else if (type === 248) await this.#fence();
      else throw new Error(`message type ${type}`);
    }
  }

  async #update(): Promise<void> {
    const count = (await this.#take(3)).readUInt16BE(1);
    for (let index = 0; index < count; index += 1) {
      const header = await this.#take(12);
      const [x, y, width, height] = [0, 2, 4, 6].map((offset) => header.readUInt16BE(offset)) as [number, number, number, number];
      const encoding = header.readInt32BE(8);
      if (encoding === LAST_RECT) break;
      await this.#rectangle(x, y, width, height, encoding);
    }
    this.updates += 1;
    this.#wake();
    if (this.#options.updates !== false && this.socket.readyState === WebSocket.OPEN) this.requestUpdate({ incremental: true });
  }

  async #rectangle(x: number, y: number, width: number, height: number, encoding: number): Promise<void> {
    if (encoding === RAW) this.#draw(x, y, width, await this.#take(width * height * 4));
    else if (encoding === COPY_RECT) {
      const from = await this.#take(4);
      this.#draw(x, y, width, this.#cut(from.readUInt16BE(0), from.readUInt16BE(2), width, height));
    } else if (encoding === CURSOR) await this.#take(width * height * 4 + Math.ceil(width / 8) * height);
    else if (encoding === DESKTOP_SIZE) this.#resize(width, height);
    else if (encoding === EXTENDED_DESKTOP_SIZE) {
      const count = (await this.#take(4)).readUInt8(0);
      this.screens = screensIn(await this.#take(16 * count));
      if (x === 1) this.resizeStatus.push(y);
      if (!(x === 1 && y !== 0)) this.#resize(width, height);
    } else if (encoding === DESKTOP_NAME) this.name = (await this.#take((await this.#take(4)).readUInt32BE(0))).toString();
    else if (encoding === LED) await this.#take(1);
    else if (encoding !== QEMU_KEY && encoding !== EXTENDED_MOUSE) throw new Error(`encoding ${encoding}`);
    if (encoding < 0) this.confirmed.add(encoding);
  }

  async #cutText(): Promise<void> {
    const length = (await this.#take(7)).readInt32BE(3);
    const text = await this.#take(Math.abs(length));
    this.messages.push(length < 0 ? 'extendedCutText' : 'cutText');
    if (length < 0) {
      this.confirmed.add(EXTENDED_CLIPBOARD);
      this.extended.push(text);
    } else this.clipboard = text.toString('latin1');
    this.#wake();
  }

  async #fence(): Promise<void> {
    const header = await this.#take(8);
    const payload = await this.#take(header.readUInt8(7));
    this.confirmed.add(FENCE);
    this.messages.push('fence');
    const answer = Buffer.concat([Buffer.from([248]), header, payload]);
    answer.writeUInt32BE(header.readUInt32BE(3) & 0x3, 4);
    this.#wake();
    if (header.readUInt32BE(3) & 0x80000000 && this.#options.fences !== false) this.send(answer);
  }

  #resize(width: number, height: number): void {
    this.width = width;
    this.height = height;
    this.pixels = Buffer.alloc(width * height * 4);
  }

  #draw(x: number, y: number, width: number, bytes: Buffer): void {
    for (let row = 0; row * width * 4 < bytes.length; row += 1)
      bytes.copy(this.pixels, ((y + row) * this.width + x) * 4, row * width * 4, (row + 1) * width * 4);
  }

  #cut(x: number, y: number, width: number, height: number): Buffer {
    const bytes = Buffer.alloc(width * height * 4);
    for (let row = 0; row < height; row += 1) {
      const start = ((y + row) * this.width + x) * 4;
      this.pixels.copy(bytes, row * width * 4, start, start + width * 4);
    }
    return bytes;
  }

  async #take(count: number): Promise<Buffer> {
    while (this.#bytes.length < count) {
      if (this.#closedBy !== undefined) throw new Error(`closed with ${this.#closedBy.code} ${this.#closedBy.reason}`);
      await this.#more();
    }
    const bytes = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return bytes;
  }

  async #more(timeoutMs?: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = timeoutMs === undefined ? undefined : setTimeout(resolve, timeoutMs);
      this.#arrived.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #wake(): void {
    const arrived = this.#arrived;
    this.#arrived = [];
    for (const wake of arrived) wake();
  }

  /** What this client cannot read it cannot go on after. */
  #broken(error: unknown): void {
    if (this.#closedBy === undefined) this.socket.close(4000, error instanceof Error ? error.message.slice(0, 120) : 'broken');
  }
}
