import { createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { probeDesktop } from './probe-desktop.ts';

const SIGNAL = new AbortController().signal;

async function desktop(greet: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    greet(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('a greeting of RFB is an answer, also in pieces', async () => {
  await using whole = await desktop((socket) => void socket.write('RFB 003.008\n'));
  expect(await probeDesktop('127.0.0.1', whole.port, SIGNAL)).toBe(true);
  await using pieces = await desktop((socket) => {
    socket.write('RFB 00');
    setImmediate(() => socket.write('3.003\n'));
  });
  expect(await probeDesktop('127.0.0.1', pieces.port, SIGNAL)).toBe(true);
});

test('another protocol, a closed connection and a closed port are none', async () => {
  await using ssh = await desktop((socket) => void socket.write('SSH-2.0-OpenSSH_9\r\n'));
  expect(await probeDesktop('127.0.0.1', ssh.port, SIGNAL)).toBe(false);
  await using closing = await desktop((socket) => void socket.end('RFB'));
  expect(await probeDesktop('127.0.0.1', closing.port, SIGNAL)).toBe(false);
  const gone = await desktop(() => undefined);
  await gone[Symbol.asyncDispose]();
  expect(await probeDesktop('127.0.0.1', gone.port, SIGNAL)).toBe(false);
});

test('one that accepts and says nothing is given up after two seconds', async () => {
  await using silent = await desktop(() => undefined);
  const startedAt = performance.now();
  expect(await probeDesktop('127.0.0.1', silent.port, SIGNAL)).toBe(false);
  expect(performance.now() - startedAt).toBeGreaterThan(1_900);
});

test('a stop rejects with its reason', async () => {
  const stop = new AbortController();
  await using silent = await desktop(() => stop.abort(new Error('stop')));
  await expect(probeDesktop('127.0.0.1', silent.port, stop.signal)).rejects.toThrow('stop');
});
