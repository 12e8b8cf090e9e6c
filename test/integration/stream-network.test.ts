// What lies between a browser and the gateway: another family of addresses, and proxies that cut what is quiet.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { DEFAULT_STREAM_LIMITS } from '../../stream-gateway/stream/limits.ts';
import { isSetUp, REQUEST, streamWorld } from '../support/stream-world.ts';

/** What nginx has as `proxy_read_timeout`, and HAProxy and cloud load balancers alike. */
const PROXY_READ_TIMEOUT_MS = 60_000;

/** Passes bytes on, and cuts a connection on which the server behind it said nothing for so long. */
async function cuttingProxy(target: number, readTimeoutMs: number) {
  const sockets = new Set<Socket>();
  let cuts = 0;
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    near.pipe(far).pipe(near);
    let timer: NodeJS.Timeout | undefined;
    const restart = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        cuts += 1;
        near.destroy();
        far.destroy();
      }, readTimeoutMs);
    };
    far.on('data', restart).on('close', () => clearTimeout(timer));
    restart();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    cuts: () => cuts,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

test('G-72 a quiet stream outlives the read timeout of a proxy, which without heartbeats would cut it', async () => {
  const readTimeoutMs = 600;
  const scale = readTimeoutMs / PROXY_READ_TIMEOUT_MS;
  await using here = await streamWorld({ limits: { heartbeatMs: DEFAULT_STREAM_LIMITS.heartbeatMs * scale } });
  await using mute = await streamWorld({ limits: { heartbeatMs: 60_000 } });
  await using proxy = await cuttingProxy(here.server.port, readTimeoutMs);
  await using muteProxy = await cuttingProxy(mute.server.port, readTimeoutMs);
  const through = (url: string, port: number): string => url.replace(/:\d+\//, `:${port}/`);
  await using client = await here.server.connect('control', { url: through(here.server.url, proxy.port), updates: false });
  await using cut = await mute.server.connect('control', { url: through(mute.server.url, muteProxy.port), updates: false });
  let pings = 0;
  client.socket.on('ping', () => {
    pings += 1;
  });
  await cut.closed;
  expect(muteProxy.cuts()).toBe(1);
  await expect.poll(() => pings, { timeout: 10_000 }).toBeGreaterThan(10); // three times the timeout, and more
  expect(client.socket.readyState).toBe(WebSocket.OPEN);
  expect(proxy.cuts()).toBe(0);
  client.send(REQUEST);
  await here.desktop.until(() => here.desktop.received().includes(Buffer.from(REQUEST)));
});

test('G-72 browser and desktop are reached over IPv6', async () => {
  await using here = await streamWorld({ host: '::1', desktop: { host: '::1' } });
  await using client = await here.server.connect('control', { updates: false });
  await here.desktop.until(() => isSetUp(here.desktop));
  client.key(0x61, true);
  await here.desktop.until(() => here.desktop.received().includes(Buffer.from([4, 1, 0, 0, 0, 0, 0, 0x61])));
  expect(here.server.audit.find(({ type }) => type === 'stream.opened')).toBeDefined();
});
