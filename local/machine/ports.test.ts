import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { chooseFreePorts, isFree, listeningInodes, whoListens } from './ports.ts';

async function listening(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('a port that somebody listens on is not free, and its owner is named', async () => {
  await using server = await listening();
  expect(await isFree(server.port)).toBe(false);
  expect(await whoListens(server.port)).toMatchObject({ pid: process.pid });
});

test('chosen ports are different from each other and from those that are taken', async () => {
  const seed = 4711;
  const first = await chooseFreePorts(['a', 'b', 'c'], seed, new Set());
  const taken = new Set(Object.values(first));
  expect(taken.size).toBe(3);
  const second = await chooseFreePorts(['a', 'b', 'c'], seed, taken);
  expect(Object.values(second).some((port) => taken.has(port))).toBe(false);
});

test('only sockets in the state LISTEN count', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0 100 0 0 10 0',
    '   1: 0100007F:1F90 0100007F:C000 01 00000000:00000000 00:00000000 00000000     0        0 222 1 0 20 4 30 10 -1',
    '   2: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1 0 100 0 0 10 0',
  ].join('\n');
  expect(listeningInodes(table, 8080)).toEqual(['111']);
});
