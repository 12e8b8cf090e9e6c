import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { dial } from './dial.ts';

const { signal } = new AbortController();

async function serverThat(onConnection: (socket: Socket) => void): Promise<AsyncDisposable & { port: number; received: number }> {
  const state = { received: 0 };
  const server = createServer((socket) => {
    socket.on('error', () => undefined).on('data', (bytes) => (state.received += bytes.length));
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, { port, [Symbol.asyncDispose]: async () => void server.close() });
}

test('the greeting counts, however it is cut, and nothing is sent', async () => {
  await using server = await serverThat((socket) => {
    socket.write('wo');
    setImmediate(() => socket.end('rd'));
  });
  expect(await dial('127.0.0.1', server.port, 'word', signal)).toBe(true);
  expect(await dial('127.0.0.1', server.port, 'other', signal)).toBe(false);
  expect(server.received).toBe(0);
});

test('a connection that is taken and says nothing, as by a proxy that the pod is kept from, is no greeting', async () => {
  await using silent = await serverThat(() => undefined);
  expect(await dial('127.0.0.1', silent.port, 'word', signal)).toBe(false);
  await using closing = await serverThat((socket) => socket.end());
  expect(await dial('127.0.0.1', closing.port, 'word', signal)).toBe(false);
  const { port } = closing;
  await closing[Symbol.asyncDispose]();
  expect(await dial('127.0.0.1', port, 'word', signal)).toBe(false);
});

test('it ends with its signal', async () => {
  await using silent = await serverThat(() => undefined);
  const stop = new AbortController();
  const asked = dial('127.0.0.1', silent.port, 'word', stop.signal);
  stop.abort();
  expect(await asked).toBe(false);
});
