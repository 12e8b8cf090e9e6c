// A terminal over a scripted API server that speaks v5.channel.k8s.io; test/integration/console.test.ts has the real one.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { createOpenTerminal, type OpenTerminal } from './exec-terminal.ts';

const STATUS = JSON.stringify({ kind: 'Status', status: 'Success' });
const say = (channel: number, text: string): Buffer => Buffer.concat([Buffer.of(channel), Buffer.from(text)]);

async function terminalsOver(
  answer: (socket: WebSocket, request: IncomingMessage) => void,
): Promise<AsyncDisposable & { readonly open: OpenTerminal }> {
  const server = createServer();
  const sockets = new WebSocketServer({ server, handleProtocols: () => 'v5.channel.k8s.io' });
  sockets.on('connection', (socket, request) =>
    answer(
      socket.on('error', () => undefined),
      request,
    ),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const folder = await mkdtemp(join(tmpdir(), 'terminal-'));
  const { port } = server.address() as AddressInfo;
  const config = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'c' },
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: 'u', user: { token: 'secret' } }],
  };
  await writeFile(join(folder, 'kubeconfig'), JSON.stringify(config));
  return {
    open: createOpenTerminal(join(folder, 'kubeconfig')),
    [Symbol.asyncDispose]: async () => {
      for (const client of sockets.clients) client.terminate();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

const TARGET = { namespace: 'team-web', pod: 'one-0', container: 'desktop', command: ['sh'] };

test('G-68 asks for a terminal without a stderr; size, input and its end go on their channels, also what came before the socket was open', async () => {
  const seen: Buffer[] = [];
  let url = '';
  await using server = await terminalsOver((socket, request) => {
    url = request.url ?? '';
    socket.on('message', (data: Buffer) => {
      seen.push(data);
      if (data[0] === 255) socket.send(say(3, STATUS));
    });
  });
  const terminal = await server.open({ ...TARGET, onOutput: () => undefined });
  terminal.resize({ columns: 80, rows: 24 });
  terminal.write(Buffer.from('ls\r'));
  terminal.closeInput();
  expect(await terminal.ended).toBe(0);
  expect(seen).toEqual([say(4, '{"Width":80,"Height":24}'), say(0, 'ls\r'), Buffer.of(255, 0)]);
  expect(Object.fromEntries(new URL(url, 'http://api').searchParams)).toMatchObject({
    tty: 'true',
    stdin: 'true',
    stderr: 'false',
  });
});

test('G-68 while it is paused nothing is read, and input goes in all the same', async () => {
  let flooding: WebSocket | undefined;
  const typed: string[] = [];
  await using server = await terminalsOver((socket) => {
    flooding = socket;
    socket.on('message', (data: Buffer) => typed.push(data.subarray(1).toString()));
    const flood = (): void => {
      for (; socket.bufferedAmount < 8 * 1024 * 1024; ) socket.send(Buffer.concat([Buffer.of(1), Buffer.alloc(32_768, 'x')]));
    };
    flood();
  });
  let received = 0;
  const terminal = await server.open({
    ...TARGET,
    onOutput: (chunk) => {
      received += chunk.length;
      if (received === chunk.length) terminal.pause();
    },
  });
  await vi.waitFor(() => expect(received).toBeGreaterThan(0));
  terminal.write(Buffer.from('\u0003'));
  await vi.waitFor(() => expect(typed).toEqual(['\u0003']));
  // What Node had read of the socket when it was paused, and no more: the rest waits at the other end.
  expect(received).toBeLessThan(1024 * 1024);
  expect(flooding?.bufferedAmount).toBeGreaterThan(0);
  terminal.resume();
  await vi.waitFor(() => expect(received).toBeGreaterThan(8_000_000), { timeout: 10_000 });
  terminal.close();
  await expect(terminal.ended).rejects.toMatchObject({ code: 'ClusterUnreachable' });
});
