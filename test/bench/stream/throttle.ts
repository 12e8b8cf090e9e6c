// A slow link in front of a server: bytes to the client go at a rate, through a queue of its own, and take their time both ways.
// A full queue is not read, so what is sent beyond it waits where it was sent.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface SlowLink {
  readonly bytesPerSecond: number;
  /** Before more is read. */
  readonly queueBytes: number;
  /** Each way, beside what the rate costs. */
  readonly delayMs: number;
}

/** So that small messages do not wait behind large ones for longer than on a real link. */
const PACKET_BYTES = 1_448;
const LATE_MS = 50;

export interface Throttle extends AsyncDisposable {
  readonly port: number;
}

/** Each connection has the link to itself. */
export async function startThrottle(serverPort: number, link: SlowLink): Promise<Throttle> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    client.setNoDelay(true);
    const upstream = connect({ host: '127.0.0.1', port: serverPort, noDelay: true });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket
        .on('error', () => undefined)
        .on('close', () => {
          sockets.delete(socket);
          other.destroy();
        });
    }
    client.on('data', (bytes) => setTimeout(() => upstream.write(bytes), link.delayMs));
    sendSlowly(upstream, client, link);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function sendSlowly(from: Socket, to: Socket, { bytesPerSecond, queueBytes, delayMs }: SlowLink): void {
  const queue: Buffer[] = [];
  let queued = 0;
  let isSending = false;
  let freeAt = 0;
  const next = (): void => {
    const packet = queue.shift();
    isSending = packet !== undefined;
    if (packet === undefined) return;
    const now = performance.now();
    // Timers that are late are made up for, so that a busy machine is no slower link; an idle link has little to make up for.
    freeAt = Math.max(freeAt, now - LATE_MS) + (packet.length / bytesPerSecond) * 1_000;
    setTimeout(
      () => {
        queued -= packet.length;
        if (queued < queueBytes && from.isPaused()) from.resume();
        setTimeout(() => to.write(packet), delayMs); // timers of one length keep their order
        next();
      },
      Math.max(0, freeAt - now),
    );
  };
  from.on('data', (bytes) => {
    for (let start = 0; start < bytes.length; start += PACKET_BYTES) queue.push(bytes.subarray(start, start + PACKET_BYTES));
    queued += bytes.length;
    if (queued >= queueBytes) from.pause();
    if (!isSending) next();
  });
}
