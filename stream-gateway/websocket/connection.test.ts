// Against the WebSocket of `ws`: as the client that we serve, and as the server whose reading ours is compared with.
import { once } from 'node:events';
import { createServer, IncomingMessage } from 'node:http';
import { connect, Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { acceptUpgrade } from '../stream/door/accept-upgrade.ts';
import { WebSocketConnection } from './connection.ts';
import { clientFrame, hostileFrame } from './fixtures/client-frame.ts';
import { WebSocketProblem } from './protocol.ts';

interface Served extends AsyncDisposable {
  readonly port: number;
  readonly connection: Promise<WebSocketConnection>;
  /** What came, as text, in its order. */
  readonly said: string[];
}

async function serve(): Promise<Served> {
  const said: string[] = [];
  const accepted = Promise.withResolvers<WebSocketConnection>();
  const server = createServer().on('upgrade', (request, socket, head) =>
    acceptUpgrade({ protocol: 'binary', maxPayload: 100_000 }, { request, socket, head }, (connection) => {
      connection.listen({
        onBinary: (payload) => said.push(`binary ${payload.toString()}`),
        onText: (payload) => said.push(`text ${payload.toString()}`),
        onPong: (payload) => said.push(`pong ${payload.toString()}`),
        onPing: () => said.push('ping'),
        onLeave: (problem) => said.push(`left ${problem?.closeCode ?? ''}`.trim()),
      });
      accepted.resolve(connection);
    }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    connection: accepted.promise,
    said,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      (await Promise.race([accepted.promise, undefined]))?.terminate();
    },
  };
}

async function clientOf({ port }: Served): Promise<WebSocket> {
  const client = new WebSocket(`ws://127.0.0.1:${port}/`, ['binary'], { perMessageDeflate: false });
  await once(client, 'open');
  return client;
}

test('messages of every size go both ways, whole and in fragments; pings are answered', async () => {
  await using served = await serve();
  const client = await clientOf(served);
  const connection = await served.connection;
  expect(client.protocol).toBe('binary');
  const came: Buffer[] = [];
  client.on('message', (data: Buffer) => came.push(data));
  const sizes = [0, 1, 125, 126, 4_095, 4_096, 65_535, 65_536, 300_000];
  let done = 0;
  for (const size of sizes) connection.send(Buffer.alloc(size, size % 251), () => (done += 1));
  connection.sendText('über');
  connection.ping(Buffer.from('there?'));
  client.send('a', { binary: true, fin: false });
  client.ping('you?');
  client.send('b', { binary: true, fin: false });
  client.send('c', { binary: true });
  const [answer] = (await once(client, 'pong')) as [Buffer];
  expect(answer.toString()).toBe('you?');
  await expect.poll(() => came.length).toBe(sizes.length + 1);
  expect(came.map(({ length }) => length)).toEqual([...sizes, Buffer.byteLength('über')]);
  for (const [index, size] of sizes.entries()) expect(came[index]?.every((byte) => byte === size % 251)).toBe(true);
  expect(done).toBe(sizes.length);
  await expect.poll(() => served.said).toEqual(['ping', 'binary abc', 'pong there?']);
});

test('closed by us: the browser learns code and reason, and what it still says is not told', async () => {
  await using served = await serve();
  const client = await clientOf(served);
  const connection = await served.connection;
  connection.pause(); // its goodbye is read for all that
  connection.close(1013, 'Busy: later');
  client.send('too late');
  const [code, reason] = (await once(client, 'close')) as [number, Buffer];
  expect([code, reason.toString()]).toEqual([1013, 'Busy: later']);
  await connection.closed;
  expect(served.said).toEqual(['left']);
});

test('closed by the browser: its code is answered, and its last words come before', async () => {
  await using served = await serve();
  const client = await clientOf(served);
  client.send('last words');
  client.close(4000, 'bye');
  const [code] = (await once(client, 'close')) as [number];
  expect(code).toBe(4000);
  await (await served.connection).closed;
  expect(served.said).toEqual(['text last words', 'left']);
});

test('a browser that is torn away, or ends its connection without a word, has left', async () => {
  for (const leave of [(client: Socket) => client.destroy(), (client: Socket) => client.end()]) {
    await using served = await serve();
    const client = connect(served.port, '127.0.0.1').resume();
    client.write(
      'GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    const connection = await served.connection;
    leave(client);
    await connection.closed;
    expect(served.said).toEqual(['left']);
  }
});

test('what breaks the protocol is answered with its code, and the connection is closed although the browser does not', async () => {
  await using served = await serve();
  const client = await clientOf(served);
  const raw: unknown = Reflect.get(client, '_socket');
  if (!(raw instanceof Socket)) throw new Error('the client has no socket');
  raw.write(Buffer.concat([clientFrame({ first: 0x82, payload: Buffer.from('ok') }), Buffer.of(0x83, 0x80, 0, 0, 0, 0)]));
  const [code] = (await once(client, 'close')) as [number];
  expect(code).toBe(1002);
  expect(served.said).toEqual(['binary ok', 'left 1002']);
});

test('a browser that does not say goodbye is cut off after its time', async () => {
  const [near, far] = duplexPair();
  near.resume();
  const connection = new WebSocketConnection({ socket: far, head: Buffer.alloc(0), maxPayload: 10, closeTimeoutMs: 20 });
  connection.close(1000, '');
  await connection.closed;
  expect(connection.isOpen).toBe(false);
});

test('of the pings of a browser that reads nothing only the last is answered, and what is sent is given back in any case', async () => {
  const [near, far] = duplexPair();
  const connection = new WebSocketConnection({ socket: far, head: Buffer.alloc(0), maxPayload: 1_000 });
  const pings = Promise.withResolvers<void>();
  let seen = 0;
  connection.listen({
    onBinary: () => undefined,
    onText: () => undefined,
    onPing: () => {
      seen += 1;
      if (seen === 500) pings.resolve();
    },
    onLeave: () => undefined,
  });
  let released = 0;
  connection.send(Buffer.alloc(500_000), () => (released += 1));
  connection.send(Buffer.alloc(500_000), () => (released += 1));
  for (let count = 0; count < 500; count += 1)
    near.write(clientFrame({ first: 0x89, payload: Buffer.from(`${count}`.padStart(3)) }));
  await pings.promise;
  expect(connection.waitingBytes).toBeLessThan(1_000_100); // no pong waits behind the picture
  let last = Buffer.alloc(0);
  near.on('data', (chunk: Buffer) => {
    last = Buffer.concat([last, chunk]).subarray(-5);
  });
  await expect.poll(() => last.toString('latin1')).toBe('\x8a\x03499');
  expect(released).toBe(2);
  connection.terminate();
  await connection.closed;
  connection.send(Buffer.alloc(500_000), () => (released += 1));
  expect(released).toBe(3);
});

describe('the opening handshake (RFC 6455, 4.2) refuses', () => {
  const RIGHT = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  const WRONG: readonly (readonly [string, number, string, Readonly<Record<string, string>>])[] = [
    ['another method', 405, 'POST', RIGHT],
    ['another protocol', 400, 'GET', { ...RIGHT, Upgrade: 'h2c' }],
    ['another version, and says which it speaks', 426, 'GET', { ...RIGHT, 'Sec-WebSocket-Version': '8' }],
    ['a key that is too short', 400, 'GET', { ...RIGHT, 'Sec-WebSocket-Key': 'dGhlIHNhbXBs' }],
    ['no key', 400, 'GET', { ...RIGHT, 'Sec-WebSocket-Key': '' }],
  ];
  test.each(WRONG)('%s', async (_name, status, method, headers) => {
    await using served = await serve();
    const client = connect(served.port, '127.0.0.1');
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    client.write(`${method} / HTTP/1.1\r\nHost: h\r\n${lines.join('')}\r\n`);
    let answer = '';
    client.on('data', (chunk) => {
      answer += String(chunk);
    });
    await once(client, 'close');
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(/^Sec-WebSocket-Version: 13\r$/m.test(answer)).toBe(status === 426);
  });
});

/** Until the end: each message, then the code of the close frame that was sent, if any. */
async function readBy(
  serveOver: (socket: ReturnType<typeof duplexPair>[1], said: string[]) => void,
  bytes: Buffer,
): Promise<readonly string[]> {
  const [near, far] = duplexPair();
  const said: string[] = [];
  let sent = Buffer.alloc(0);
  near.on('data', (chunk: Buffer) => {
    sent = Buffer.concat([sent, chunk]);
  });
  near.on('error', () => undefined);
  serveOver(far, said);
  near.write(Buffer.from(bytes)); // they are unmasked where they lie
  await once(near, 'end');
  near.end();
  let at = sent.toString('latin1', 0, 4) === 'HTTP' ? sent.indexOf('\r\n\r\n') + 4 : 0;
  while (at < sent.length && sent[at] !== 0x88) at += 2 + (sent[at + 1] ?? 0);
  return [...said, (sent[at + 1] ?? 0) < 2 ? 'no code' : `code ${sent.readUInt16BE(at + 2)}`];
}

test('whatever the bytes are, they are read as `ws` reads them', async () => {
  const byOurs = (bytes: Buffer): Promise<readonly string[]> =>
    readBy((socket, said) => {
      new WebSocketConnection({ socket, head: Buffer.alloc(0), maxPayload: 1_000 }).listen({
        onBinary: (payload) => said.push(`binary ${payload.toString('hex')}`),
        onText: (payload) => said.push(`text ${payload.toString('hex')}`),
        onPong: (payload) => said.push(`pong ${payload.toString('hex')}`),
        onPing: () => said.push('ping'),
        onLeave: () => undefined,
      });
    }, bytes);
  const byWs = (bytes: Buffer): Promise<readonly string[]> =>
    readBy((socket, said) => {
      const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1_000 });
      const request = Object.assign(new IncomingMessage(new Socket()), {
        method: 'GET',
        headers: { upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' },
      });
      server.handleUpgrade(request, socket, Buffer.alloc(0), (accepted) => {
        accepted
          .on('message', (data: Buffer, isBinary) => said.push(`${isBinary ? 'binary' : 'text'} ${data.toString('hex')}`))
          .on('pong', (payload) => said.push(`pong ${payload.toString('hex')}`))
          .on('ping', () => said.push('ping'))
          .on('error', () => socket.end()); // behind the close frame
      });
    }, bytes);
  await fc.assert(
    fc.asyncProperty(fc.array(hostileFrame, { maxLength: 6 }), async (frames) => {
      const bytes = Buffer.concat([...frames, Buffer.alloc(1_200)]); // whatever was announced comes, and then what is wrong
      expect(await byOurs(bytes)).toEqual(await byWs(bytes));
    }),
    { numRuns: 400 },
  );
});

test('a problem is an error with its close code', () => {
  expect(new WebSocketProblem(1009, 'large')).toMatchObject({ name: 'WebSocketProblem', closeCode: 1009, message: 'large' });
});
