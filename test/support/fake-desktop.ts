// A desktop that a test can look into: it speaks the handshake, keeps every byte that reaches it and sends what it is told.
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type FakeTls, serveVencrypt } from './fake-vencrypt.ts';

export interface FakeDesktopOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default `RFB 003.008\n`. */
  readonly version?: string;
  /** Security types on offer; default None alone, or VeNCrypt alone with {@link tls}. */
  readonly security?: readonly number[];
  /** What it does when VeNCrypt is chosen. */
  readonly tls?: FakeTls;
  /** Says nothing at all. */
  readonly silent?: boolean;
}

export interface FakeDesktop extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Bytes of all viewers after ClientInit, in order. */
  readonly received: () => Buffer;
  /** The connection of the viewer that came last. */
  readonly viewer: () => Socket;
  /** ClientInit of each viewer: whether it shares. */
  readonly shared: readonly number[];
  /** Resolves when `holds` does, asked again whenever bytes came or a viewer left. */
  until(holds: () => boolean, timeoutMs?: number): Promise<void>;
}

const FORMAT = [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0];
/** 64 by 64 pixels, called "fake". */
const SERVER_INIT = Buffer.from([0, 64, 0, 64, ...FORMAT, 0, 0, 0, 4, 0x66, 0x61, 0x6b, 0x65]);

const rectangle = (encoding: number): readonly number[] => {
  const bytes = Buffer.alloc(12);
  bytes.writeInt32BE(encoding, 8);
  return [...bytes];
};
/** Everything by which a desktop confirms an extension that a browser with continuous updates and all the rest asked for. */
export const CONFIRM_ALL = Buffer.from([
  ...[0, 0, 0, 2, ...rectangle(-258), ...rectangle(-316)],
  ...[0, 0, 0, 1, 0, 0, 0, 0, 0, 64, 0, 64, 0xff, 0xff, 0xfe, 0xcc, 1, 0, 0, 0, ...new Array<number>(16).fill(0)],
]);
/** What a viewer without the right to control does not ask for. */
export const CONFIRM_CONTROL = Buffer.from([150, 3, 0, 0, 0, 0xff, 0xff, 0xff, 0xf8, 1, 0, 0, 1, 0, 0, 0, 0]);

export async function startFakeDesktop(options: FakeDesktopOptions = {}): Promise<FakeDesktop> {
  const received: Buffer[] = [];
  const shared: number[] = [];
  const sockets: Socket[] = [];
  let arrived: (() => void)[] = [];
  const wake = (): void => {
    const waiting = arrived;
    arrived = [];
    for (const resolve of waiting) resolve();
  };
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined).on('close', wake);
    if (options.silent === true) return;
    void serve(socket, options, shared, {
      bytes: (bytes) => {
        received.push(bytes);
        wake();
      },
      secured: (secure) => sockets.push(secure),
    }).catch(() => undefined);
  });
  const host = options.host ?? '127.0.0.1';
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    host,
    port: address.port,
    received: () => Buffer.concat(received),
    viewer() {
      const socket = sockets.at(-1);
      if (socket === undefined) throw new Error('no viewer came');
      return socket;
    },
    shared,
    async until(holds, timeoutMs = 5_000) {
      const end = Date.now() + timeoutMs;
      while (!holds()) {
        const left = end - Date.now();
        if (left <= 0)
          throw new Error(`waited ${timeoutMs} ms in vain; received ${Buffer.concat(received).toString('hex').slice(-400)}`);
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, left);
        arrived.push(resolve);
        await promise;
        clearTimeout(timer);
      }
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function serve(
  socket: Socket,
  options: FakeDesktopOptions,
  shared: number[],
  on: { readonly bytes: (bytes: Buffer) => void; readonly secured: (socket: Socket) => void },
): Promise<void> {
  let bytes: Buffer = Buffer.alloc(0);
  let more = Promise.withResolvers<void>();
  const keep = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk]);
    more.resolve();
  };
  socket.on('data', keep);
  const take = async (count: number): Promise<Buffer> => {
    while (bytes.length < count) {
      more = Promise.withResolvers<void>();
      await more.promise;
    }
    const taken = bytes.subarray(0, count);
    bytes = bytes.subarray(count);
    return taken;
  };
  const version = options.version ?? 'RFB 003.008\n';
  socket.write(version);
  await take(12);
  const security = options.security ?? [options.tls === undefined ? 1 : 19];
  socket.write(Buffer.from([security.length, ...security]));
  const chosen = (await take(1)).readUInt8(0);
  let connection: Socket = socket;
  if (chosen === 19 && options.tls !== undefined) {
    connection = (await serveVencrypt(socket, take, options.tls)).on('data', keep);
    on.secured(connection);
  }
  connection.write(Buffer.alloc(4));
  shared.push((await take(1)).readUInt8(0));
  connection.removeAllListeners('data');
  if (bytes.length > 0) on.bytes(bytes);
  connection.on('data', on.bytes);
  connection.write(SERVER_INIT);
}
