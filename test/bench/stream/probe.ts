// The measuring end of a stream: the same small RFB client over TCP, over websockify and over the gateway, so that what differs
// is what lies in between. It reads framing only, keeps no picture, and asks for Raw, whose length stands in its header.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { encryptDes, passwordKey } from '../../../stream-gateway/rfb/vnc-auth.ts';

/** Where a probe connects to. */
export interface Way {
  readonly name: string;
  open(): Promise<Transport>;
}

export interface Transport {
  send(bytes: Uint8Array): void;
  onData(listener: (chunk: Buffer) => void): void;
  onClose(listener: () => void): void;
  pause(): void;
  resume(): void;
  end(): void;
}

export async function overTcp(host: string, port: number): Promise<Transport> {
  const socket = connectTcp({ host, port, noDelay: true });
  await once(socket, 'connect');
  return {
    send: (bytes) => void socket.write(bytes),
    onData: (listener) => void socket.on('data', listener),
    onClose: (listener) => void socket.on('close', listener),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.destroy(),
  };
}

/**
 * The client's half of RFC 6455 as far as a stream needs it, so that the client costs little beside what is measured: masks are
 * zero, which is a mask like any other, and whole messages are not put together.
 */
export async function overWebSocket(url: string, protocols: readonly string[], origin: string): Promise<Transport> {
  const { hostname, port, pathname } = new URL(url);
  const transport = await overTcp(hostname, Number(port));
  const frames = new Frames();
  const opened = new Promise<void>((resolve, reject) => {
    let head = Buffer.alloc(0);
    let isOpen = false;
    transport.onData((chunk) => {
      if (isOpen) {
        frames.push(chunk);
        return;
      }
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      isOpen = true;
      if (head.toString('latin1', 0, 12) === 'HTTP/1.1 101') resolve();
      else reject(new Error(head.toString('latin1', 0, 200)));
      frames.push(head.subarray(end + 4));
    });
  });
  const lines = [
    `GET ${pathname} HTTP/1.1`,
    ...[`Host: ${hostname}:${port}`, `Origin: ${origin}`, 'Connection: Upgrade', 'Upgrade: websocket'],
    ...['Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`],
    `Sec-WebSocket-Protocol: ${protocols.join(', ')}`,
  ];
  transport.send(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`));
  await opened;
  return {
    ...transport,
    send: (bytes) => transport.send(Buffer.concat([clientHeader(bytes.length), bytes])),
    onData: (listener) => frames.onPayload(listener),
  };
}

function clientHeader(length: number): Buffer {
  if (length < 126) return Buffer.from([0x82, 0x80 | length, 0, 0, 0, 0]);
  return Buffer.from([0x82, 0x80 | 126, length >> 8, length & 0xff, 0, 0, 0, 0]);
}

/** Payloads of unmasked binary frames as they come; pings go unanswered, a bench is over before that matters. */
class Frames {
  #early: Buffer[] = [];
  #listener: ((chunk: Buffer) => void) | undefined;
  #header: Buffer = Buffer.alloc(0);
  #left = 0;
  #isData = false;

  onPayload(listener: (chunk: Buffer) => void): void {
    this.#listener = listener;
    for (const chunk of this.#early.splice(0)) listener(chunk);
  }

  push(chunk: Buffer): void {
    for (let rest = chunk; rest.length > 0; ) {
      if (this.#left > 0) {
        const payload = rest.subarray(0, this.#left);
        this.#left -= payload.length;
        rest = rest.subarray(payload.length);
        if (this.#isData) this.#tell(payload);
        continue;
      }
      const before = this.#header.length;
      const header = before === 0 ? rest : Buffer.concat([this.#header, rest]);
      const length = (header[1] ?? 0) & 0x7f;
      const size = length === 127 ? 10 : length === 126 ? 4 : 2;
      if (header.length < size) {
        this.#header = header;
        return;
      }
      this.#header = Buffer.alloc(0);
      this.#left = length === 127 ? Number(header.readBigUInt64BE(2)) : length === 126 ? header.readUInt16BE(2) : length;
      const opcode = (header[0] ?? 0) & 0xf;
      this.#isData = opcode === 2 || opcode === 0;
      rest = rest.subarray(size - before);
    }
  }

  #tell(payload: Buffer): void {
    if (this.#listener === undefined) this.#early.push(payload);
    else this.#listener(payload);
  }
}

const RAW = 0;

export class Probe {
  readonly transport: Transport;
  width = 0;
  height = 0;
  updates = 0;
  bytes = 0;
  /** Told at the end of each update. */
  onUpdate: () => void = () => undefined;
  #pending: Buffer = Buffer.alloc(0);
  #wanted = 0;
  #skip = 0;
  #take: ((bytes: Buffer) => void) | undefined;
  #rectangles = 0;
  #hasEnded = false;

  private constructor(transport: Transport) {
    this.transport = transport;
    transport.onData((chunk) => this.#data(chunk));
    // Nobody would wait any shorter for what does not come any more.
    transport.onClose(() => {
      if (!this.#hasEnded) throw new Error('the stream that is measured was closed');
    });
  }

  /** Through the whole handshake, with VncAuth where None is not offered. */
  static async connect(way: Way, password: string): Promise<Probe> {
    const probe = new Probe(await way.open());
    const { transport } = probe;
    transport.send(await probe.#read(12));
    const types = await probe.#read((await probe.#read(1)).readUInt8(0));
    const type = types.includes(1) ? 1 : 2;
    transport.send(Buffer.from([type]));
    if (type === 2) transport.send(encryptDes(passwordKey(password), await probe.#read(16)));
    if ((await probe.#read(4)).readUInt32BE(0) !== 0) throw new Error(`${way.name}: the desktop refused`);
    transport.send(Buffer.from([1]));
    const init = await probe.#read(24);
    probe.width = init.readUInt16BE(0);
    probe.height = init.readUInt16BE(2);
    await probe.#read(init.readUInt32BE(20));
    // Red first: the one format that can be marked, and as good as any for the others.
    transport.send(Buffer.from([0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 0, 8, 16, 0, 0, 0]));
    transport.send(Buffer.from([2, 0, 0, 1, 0, 0, 0, RAW]));
    // Without a window manager keys go to the window under the pointer; what runs stands in the corner, however large the screen.
    transport.send(Buffer.from([5, 0, 0, 50, 0, 50]));
    probe.#message();
    return probe;
  }

  request(incremental: boolean): void {
    const bytes = Buffer.from([3, incremental ? 1 : 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    bytes.writeUInt16BE(this.width, 6);
    bytes.writeUInt16BE(this.height, 8);
    this.transport.send(bytes);
  }

  /** Pressed and let go, in one piece. */
  press(keysym: number): void {
    const bytes = Buffer.from([4, 1, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0]);
    bytes.writeUInt32BE(keysym, 4);
    bytes.writeUInt32BE(keysym, 12);
    this.transport.send(bytes);
  }

  /** A plain clipboard, Latin-1. */
  cut(text: string): void {
    const bytes = Buffer.from(`\x06\0\0\0\0\0\0\0${text}`, 'latin1');
    bytes.writeUInt32BE(text.length, 4);
    this.transport.send(bytes);
  }

  end(): void {
    this.onUpdate = () => undefined;
    this.#hasEnded = true;
    this.transport.end();
  }

  #read(count: number): Promise<Buffer> {
    return new Promise((resolve) => this.#next(count, resolve));
  }

  #next(count: number, take: (bytes: Buffer) => void): void {
    this.#wanted = count;
    this.#take = take;
    this.#drain();
  }

  #data(chunk: Buffer): void {
    this.bytes += chunk.length;
    let rest = chunk;
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, rest.length);
      this.#skip -= skipped;
      rest = rest.subarray(skipped);
      if (rest.length === 0 && this.#skip > 0) return;
    }
    this.#pending = this.#pending.length === 0 ? rest : Buffer.concat([this.#pending, rest]);
    this.#drain();
  }

  #drain(): void {
    while (this.#take !== undefined && this.#skip === 0 && this.#pending.length >= this.#wanted) {
      const bytes = this.#pending.subarray(0, this.#wanted);
      this.#pending = this.#pending.subarray(this.#wanted);
      const take = this.#take;
      this.#take = undefined;
      take(bytes);
    }
  }

  #message(): void {
    this.#next(1, (type) => {
      if (type[0] === 0) {
        this.#next(3, (header) => {
          this.#rectangles = header.readUInt16BE(1);
          this.#rectangle();
        });
      } else if (type[0] === 2) this.#message();
      else if (type[0] === 3) this.#next(7, (header) => this.#skipped(header.readUInt32BE(3), () => this.#message()));
      else throw new Error(`message ${type[0]} was not asked for`);
    });
  }

  #rectangle(): void {
    if (this.#rectangles === 0) {
      this.updates += 1;
      this.onUpdate();
      this.#message();
      return;
    }
    this.#rectangles -= 1;
    this.#next(12, (header) => {
      if (header.readInt32BE(8) !== RAW) throw new Error(`encoding ${header.readInt32BE(8)} was not asked for`);
      this.#skipped(header.readUInt16BE(4) * header.readUInt16BE(6) * 4, () => this.#rectangle());
    });
  }

  #skipped(count: number, then: () => void): void {
    const here = Math.min(count, this.#pending.length);
    this.#pending = this.#pending.subarray(here);
    this.#skip = count - here;
    this.#next(0, then);
  }
}
