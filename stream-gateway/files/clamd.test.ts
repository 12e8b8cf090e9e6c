// The client of clamd against a server that says what the test wants, byte by byte; test/integration has the real one.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createScan, parseClamdAddress, parseReply } from './clamd.ts';

interface Scanner extends AsyncDisposable {
  readonly path: string;
  /** What came in, per connection. */
  readonly received: Buffer[];
}

async function scanner(answer: (socket: Socket, received: () => Buffer) => void): Promise<Scanner> {
  const folder = await mkdtemp(join(tmpdir(), 'scanner-'));
  const path = join(folder, 'clamd.ctl');
  const received: Buffer[] = [];
  const server = createServer((socket) => {
    const index = received.push(Buffer.alloc(0)) - 1;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      received[index] = Buffer.concat([received[index] ?? Buffer.alloc(0), chunk]);
      answer(socket, () => received[index] ?? Buffer.alloc(0));
    });
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    path,
    received,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const atTheEnd =
  (text: string) =>
  (socket: Socket, received: () => Buffer): void => {
    if (received().subarray(-4).equals(Buffer.alloc(4))) socket.end(text);
  };

const chunksOf = (...chunks: readonly string[]) =>
  async function* (): AsyncGenerator<Buffer> {
    for (const chunk of chunks) yield Buffer.from(chunk);
  };

const never = new AbortController().signal;

test('chunks go with their length in front, none of them empty, and one of none at the end', async () => {
  await using server = await scanner(atTheEnd('stream: OK\0'));
  expect(await createScan(server)(chunksOf('abc', '', 'defgh'), never)).toEqual({ clean: true });
  expect(server.received[0]?.toString('latin1')).toBe('zINSTREAM\0\0\0\0\x03abc\0\0\0\x05defgh\0\0\0\0');
});

test('what it finds has its name, also when the answer comes in pieces', async () => {
  await using server = await scanner((socket, received) => {
    if (!received().subarray(-4).equals(Buffer.alloc(4))) return;
    socket.write('stream: Test.');
    setImmediate(() => socket.end('Eicar.UNOFFICIAL FOUND\0'));
  });
  expect(await createScan(server)(chunksOf('x'), never)).toEqual({ clean: false, signature: 'Test.Eicar.UNOFFICIAL' });
});

test('an answer before the end counts: the file is longer than the scanner takes', async () => {
  await using server = await scanner((socket) => {
    if (!socket.writableEnded) socket.end('INSTREAM size limit exceeded. ERROR\0');
  });
  const endless = async function* () {
    for (let count = 0; count < 10_000; count += 1) yield Buffer.alloc(64 * 1024, 1);
  };
  await expect(createScan(server)(endless, never)).rejects.toMatchObject({ code: 'FileScanLimit' });
});

test('a connection that breaks before its answer is read is tried again, and then it is there', async () => {
  await using server = await scanner((socket) => {
    if (socket.destroyed || socket.writableEnded) return;
    if (server.received.length < 3) socket.destroy();
    else socket.end('INSTREAM size limit exceeded. ERROR\0');
  });
  const content = async function* () {
    for (let count = 0; count < 1_000; count += 1) yield Buffer.alloc(64 * 1024, 1);
  };
  await expect(createScan(server, 2_000)(content, never)).rejects.toMatchObject({ code: 'FileScanLimit' });
});

describe('fail closed', () => {
  test.each([
    ['closes without an answer', (socket: Socket) => void socket.end()],
    ['breaks the connection', (socket: Socket) => void socket.destroy()],
    ['answers half', (socket: Socket) => void socket.end('stream: OK')],
    ['says nothing', () => undefined],
    ['talks without end', (socket: Socket) => void socket.end(Buffer.alloc(100_000, 'x'))],
    ['says something else', (socket: Socket) => void socket.end('stream: OKAY\0')],
    ['fails', (socket: Socket) => void socket.end('stream: Can’t allocate memory ERROR\0')],
  ])('a scanner that %s found nothing clean', async (_what, answer) => {
    await using server = await scanner(answer);
    await expect(createScan(server, 200)(chunksOf('x'), never)).rejects.toMatchObject({ code: 'FileScanUnavailable' });
  });

  test('a scanner that is not there, neither', async () => {
    await expect(createScan({ path: '/nonexistent/clamd.ctl' })(chunksOf('x'), never)).rejects.toMatchObject({
      code: 'FileScanUnavailable',
    });
  });

  test('of all answers only one is clean', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `stream: ${text}\0`),
          fc.string().map((text) => `${text}\0stream: OK\0`),
        ),
        (text) => {
          fc.pre(!text.startsWith('stream: OK\0'));
          let clean = false;
          try {
            ({ clean } = parseReply(text));
          } catch (error) {
            expect(error).toHaveProperty('code', expect.stringMatching(/^FileScan/));
          }
          expect(clean).toBe(false);
        },
      ),
    );
  });
});

test('a scan is stopped with the reason of its signal', async () => {
  await using server = await scanner(() => undefined);
  const stopped = new AbortController();
  const scan = createScan(server)(chunksOf('x'), stopped.signal);
  stopped.abort(new Error('the client went away'));
  await expect(scan).rejects.toThrow('the client went away');
});

test.each([
  ['unix:/run/clamav/clamd.ctl', { path: '/run/clamav/clamd.ctl' }],
  ['scanner.local:3310', { host: 'scanner.local', port: 3310 }],
  ['[::1]:3310', { host: '::1', port: 3310 }],
  ['/run/clamav/clamd.ctl', undefined],
  ['scanner', undefined],
  ['scanner:0', undefined],
  ['scanner:70000', undefined],
  ['unix:relative', undefined],
])('the address %s', (text, address) => {
  expect(parseClamdAddress(text)).toEqual(address);
});
