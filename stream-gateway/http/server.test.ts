import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpServer, listen } from './server.ts';

let server: Server;
let port: number;
let unfinished = Promise.withResolvers<void>();

beforeAll(async () => {
  server = createHttpServer((req, res) => {
    if (req.url !== '/slow') return void res.end('fine');
    res.writeHead(200, { 'content-length': 10 }).write('begun');
    unfinished.resolve();
  }, 'https://desktops.example.com');
  ({ port } = await listen(server, { host: '127.0.0.1', port: 0 }));
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

async function answerTo(...parts: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  for (const part of parts) socket.write(part);
  return await text(socket);
}

const bodyOf = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));

test('what is no request is answered with a problem, and the connection is closed', async () => {
  const answer = await answerTo('nonsense\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1\.1 400 .*\r\nContent-Type: application\/problem\+json/);
  expect(bodyOf(answer)).toMatchObject({
    ...{ code: 'RequestInvalid', status: 400, detail: 'what was sent is no HTTP request' },
    type: 'https://desktops.example.com/api/v1/errors/RequestInvalid',
  });
  expect(answer).not.toContain('nonsense');
});

test('an address that is too long says how much is allowed', async () => {
  const answer = await answerTo(`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`);
  expect(bodyOf(answer)).toMatchObject({ code: 'RequestTooLarge', detail: expect.stringContaining('16 KiB') });
});

test('an answer that has begun gets no other bytes into it', async () => {
  unfinished = Promise.withResolvers();
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  const answer = text(socket).catch(() => '');
  socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
  await unfinished.promise;
  socket.write('nonsense\r\n\r\n');
  expect(await answer).not.toContain('problem+json');
});
