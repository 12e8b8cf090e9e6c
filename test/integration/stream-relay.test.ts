// Streams against a desktop that shows what reaches it: what is forwarded, what is not, and how a stream ends.
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  CONFIRM_ALL,
  CONFIRM_CONTROL,
  type FakeDesktop,
  type FakeDesktopOptions,
  startFakeDesktop,
} from '../support/fake-desktop.ts';
import { ALL_EXTENSIONS } from '../support/rfb-client.ts';
import { ORIGIN, type StreamServer, type StreamServerOptions, startStreamServer } from '../support/stream-server.ts';

interface World extends AsyncDisposable {
  readonly desktop: FakeDesktop;
  readonly server: StreamServer;
}

async function world(
  options: Omit<StreamServerOptions, 'desktop'> & { readonly desktop?: FakeDesktopOptions } = {},
): Promise<World> {
  const desktop = await startFakeDesktop(options.desktop);
  const server = await startStreamServer({ ...options, desktop: () => ({ host: desktop.host, port: desktop.port }) });
  return {
    desktop,
    server,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await desktop[Symbol.asyncDispose]();
    },
  };
}

const zeros = (count: number): number[] => new Array<number>(count).fill(0);
/** What a client of the tests says by itself: its pixel format and encodings. */
const isSetUp = (desktop: FakeDesktop): boolean => desktop.received().length >= 24;
const INPUT: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['keyEvent', [4, 1, 0, 0, 0, 0, 0, 0x61]],
  ['pointerEvent', [5, 1, 0, 1, 0, 2]],
  ['qemuKeyEvent', [255, 0, 0, 1, 0, 0, 0, 0x61, 0, 0, 0, 30]],
  ['clientCutText', [6, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]],
  ['setDesktopSize', [251, 0, 0, 50, 0, 40, 1, 0, ...zeros(16)]],
  ['xvp', [250, 0, 1, 2]],
  ['enableContinuousUpdates', [150, 1, ...zeros(8)]],
];
const REQUEST = [3, 1, 0, 0, 0, 0, 0, 7, 0, 9];

async function closedEvent(server: StreamServer, count = 1): Promise<(typeof server.audit)[number]> {
  await expect.poll(() => server.audit.filter(({ type }) => type === 'stream.closed').length).toBe(count);
  const event = server.audit.findLast(({ type }) => type === 'stream.closed');
  if (event === undefined) throw new Error('no stream was closed');
  return event;
}

test('G-30 none of the input of a viewer reaches the desktop, each kind is counted once, the viewer stays', async () => {
  await using here = await world();
  await using viewer = await here.server.connect('view', { encodings: ALL_EXTENSIONS, updates: false });
  await here.desktop.until(() => isSetUp(here.desktop));
  here.desktop.viewer().write(CONFIRM_ALL);
  await viewer.until(() => viewer.confirmed.has(-308));
  const before = here.desktop.received().length;
  for (const [, bytes] of INPUT) viewer.send(bytes);
  viewer.send(REQUEST); // the desktop gets it, and nothing before it
  await here.desktop.until(() => here.desktop.received().length > before);
  expect([...here.desktop.received().subarray(before)]).toEqual(REQUEST);
  expect(here.server.denied).toEqual(
    new Map(INPUT.map(([name]) => [`${name}/${name === 'xvp' ? 'powerControl' : 'viewOnly'}`, 1])),
  );
  expect(viewer.socket.readyState).toBe(WebSocket.OPEN);
  await viewer.close();
  expect((await closedEvent(here.server)).details).toMatchObject({ right: 'view', 'denied.keyEvent/viewOnly': 1, code: null });
});

test('input of who controls arrives unchanged, once the desktop knows the extension; power control never does', async () => {
  await using here = await world();
  await using client = await here.server.connect('control', { encodings: ALL_EXTENSIONS, updates: false });
  await here.desktop.until(() => isSetUp(here.desktop));
  client.send([255, 0, 0, 1, 0, 0, 0, 0x61, 0, 0, 0, 30]); // too early
  here.desktop.viewer().write(Buffer.concat([CONFIRM_ALL, CONFIRM_CONTROL]));
  await client.until(() => client.messages.includes('extendedCutText'));
  const before = here.desktop.received().length;
  for (const [, bytes] of INPUT) client.send(bytes);
  client.send(REQUEST);
  const expected = [...INPUT.filter(([name]) => name !== 'xvp').flatMap(([, bytes]) => bytes), ...REQUEST];
  await here.desktop.until(() => here.desktop.received().length >= before + expected.length);
  expect([...here.desktop.received().subarray(before)]).toEqual(expected);
  expect(here.server.denied).toEqual(
    new Map([
      ['qemuKeyEvent/notConfirmed', 1],
      ['xvp/powerControl', 1],
    ]),
  );
});

test('G-05 the desktop is asked for allowed encodings only, a viewer without what needs input', async () => {
  await using here = await world();
  await using _viewer = await here.server.connect('view', { encodings: [7, 50, -305, -309, -313, 0], updates: false });
  await here.desktop.until(() => here.desktop.received().length >= 32);
  expect([...here.desktop.received().subarray(20)]).toEqual([2, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 0]);
  expect(here.desktop.shared).toEqual([1]); // whatever the browser said
});

test('G-18 messages in frames of one byte arrive as if in one', async () => {
  await using here = await world();
  await using client = await here.server.connect('control', { updates: false });
  await here.desktop.until(() => isSetUp(here.desktop));
  const before = here.desktop.received().length;
  const stream = [...[6, 0, 0, 0, 0, 0, 0, 90], ...zeros(90), ...[4, 1, 0, 0, 0, 0, 0, 0x61], ...REQUEST];
  for (const byte of stream) client.send([byte]);
  await here.desktop.until(() => here.desktop.received().length >= before + stream.length);
  expect([...here.desktop.received().subarray(before)]).toEqual(stream);
});

test('keys and buttons that are down when the browser vanishes are let go', async () => {
  await using here = await world();
  await using client = await here.server.connect('control', { updates: false });
  await here.desktop.until(() => isSetUp(here.desktop));
  const before = here.desktop.received().length;
  client.key(0xffe3, true);
  client.key(0x61, true);
  client.key(0x61, false);
  client.pointer(3, 4, 1);
  await here.desktop.until(() => here.desktop.received().length >= before + 30);
  client.socket.terminate();
  await here.desktop.until(() => here.desktop.viewer().closed);
  expect(
    here.desktop
      .received()
      .subarray(before + 30)
      .toString('hex'),
  ).toBe('040000000000ffe3' + '050000030004');
});

describe('a message that is not allowed closes the stream and is audited', () => {
  test.each([
    ['G-03 an unknown type', [252, 0, 0, 0], 1002, 'RfbUnknownMessage'],
    ['G-04 65,535 encodings', [2, 0, 0xff, 0xff], 1009, 'RfbTooLarge'],
    ['G-13 a fence of 65 bytes', [248, 0, 0, 0, 0, 0, 0, 0, 65], 1002, 'RfbMalformed'],
    ['G-02 noise', [0xde, 0xad, 0xbe, 0xef], 1002, 'RfbUnknownMessage'],
  ])('%s', async (_name, bytes, closeCode, code) => {
    await using here = await world();
    await using client = await here.server.connect('control', { updates: false });
    client.send(bytes);
    const { code: seen, reason } = await client.closed;
    expect(seen).toBe(closeCode);
    expect(reason).toMatch(new RegExp(`^${code}: `));
    await closedEvent(here.server);
    expect(here.server.audit.map(({ type }) => type)).toEqual(['stream.opened', 'protocol.violation', 'stream.closed']);
    expect(here.server.audit[1]).toMatchObject({ actor: 'member', result: 'refused', details: { side: 'browser', code } });
  });

  test('also when the desktop sends it', async () => {
    await using here = await world();
    await using client = await here.server.connect('control', { updates: false });
    await here.desktop.until(() => isSetUp(here.desktop));
    here.desktop.viewer().write(Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 0, 65, 0, 1, 0, 0, 0, 0]));
    expect(await client.closed).toMatchObject({
      code: 1002,
      reason: expect.stringMatching(/^RfbMalformed: a rectangle of 65x1/),
    });
    await closedEvent(here.server);
    expect(here.server.audit[1]).toMatchObject({ type: 'protocol.violation', details: { side: 'desktop' } });
  });
});

describe('G-17 frames that are no part of a stream', () => {
  test.each([
    ['a text frame', (socket: WebSocket) => socket.send('hello'), 1002],
    ['a frame of 64 MB', (socket: WebSocket) => socket.send(Buffer.alloc(64 * 1024 * 1024)), 1009],
    [
      'an oversized message in fragments',
      (socket: WebSocket) => {
        for (let count = 0; count < 40; count += 1) socket.send(Buffer.alloc(16 * 1024), { fin: false });
      },
      1009,
    ],
    [
      'a flood of pings',
      (socket: WebSocket) => {
        for (let count = 0; count < 200; count += 1) socket.ping();
      },
      1009,
    ],
    [
      'a flood of empty messages',
      (socket: WebSocket) => {
        for (let count = 0; count < 200; count += 1) socket.send(Buffer.alloc(0));
      },
      1009,
    ],
  ])('%s is closed with a code and audited', async (_name, misbehave, code) => {
    await using here = await world();
    await using client = await here.server.connect('control', { updates: false });
    client.socket.on('error', () => undefined); // the connection may be reset under a large write
    misbehave(client.socket);
    const closed = await client.closed;
    await closedEvent(here.server);
    // Of a write that was cut off the answer may be lost with the connection; the audit has it in any case.
    if (closed.code !== 1006) expect(closed.code).toBe(code);
    expect(here.server.audit.map(({ type }) => type)).toContain('protocol.violation');
    expect(here.server.audit.at(-1)?.details).toMatchObject({ closeCode: code });
  });

  test('fragments within the limit are legal', async () => {
    await using here = await world();
    await using client = await here.server.connect('control', { updates: false });
    await here.desktop.until(() => isSetUp(here.desktop));
    const before = here.desktop.received().length;
    client.socket.send(Buffer.from([4, 1, 0]), { fin: false });
    client.socket.send(Buffer.from([0, 0, 0]), { fin: false });
    client.socket.send(Buffer.from([0, 0x61]), { fin: true });
    await here.desktop.until(() => here.desktop.received().length >= before + 8);
    expect(here.desktop.received().subarray(before).toString('hex')).toBe('0401000000000061');
  });
});

describe('a desktop that gives no picture', () => {
  test.each([
    [
      'G-15 speaks only RFB 3.3',
      { version: 'RFB 003.003\n' },
      1002,
      'DesktopUnsupported: the desktop offers RFB 3.3; 3.7 or 3.8 is needed',
    ],
    [
      'G-15 offers other security only',
      { security: [19, 30] },
      1002,
      'DesktopUnsupported: the desktop offers security VeNCrypt, Diffie-Hellman; None or VncAuth is needed',
    ],
    ['says nothing', { silent: true }, 1013, 'DesktopUnreachable: the desktop did not answer within 0.3 s'],
  ])('%s: the browser is told', async (_name, desktop, code, reason) => {
    await using here = await world({ desktop, limits: { connectTimeoutMs: 300 } });
    await expect(here.server.connect('control')).rejects.toThrow(`closed with ${code} ${reason}`);
    expect((await closedEvent(here.server)).result).toBe('failure');
  });

  test('does not listen: the browser is told to come again', async () => {
    await using server = await startStreamServer({ desktop: () => ({ host: '127.0.0.1', port: 1 }) });
    await expect(server.connect('control')).rejects.toThrow('closed with 1013 DesktopUnreachable: the desktop cannot be reached');
  });
});

/** Pictures of the whole screen until the desktop cannot write for a while; returns how many bytes went out. */
async function flood(desktop: FakeDesktop): Promise<number> {
  const picture = Buffer.concat([Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 0, 64, 0, 64, 0, 0, 0, 0]), Buffer.alloc(64 * 64 * 4)]);
  const socket = desktop.viewer();
  const start = socket.bytesWritten;
  while (socket.bytesWritten - start < 512 * 1024 * 1024) {
    for (let count = 0; count < 16; count += 1) socket.write(picture);
    if (!socket.writableNeedDrain) {
      await nextTurn(); // the kernel took it all; let the others run
      continue;
    }
    const timeout = new AbortController();
    const drained = once(socket, 'drain', { signal: timeout.signal }).then(
      () => true,
      () => false,
    );
    const timer = setTimeout(() => timeout.abort(), 700);
    if (!(await drained)) break;
    clearTimeout(timer);
  }
  return socket.bytesWritten - start;
}

test('G-41 a browser that does not read stops the desktop, not its own input, and memory stays bounded', async () => {
  await using here = await world();
  await using client = await here.server.connect('control', { updates: false });
  await here.desktop.until(() => isSetUp(here.desktop));
  client.socket.pause();
  const sent = await flood(here.desktop);
  // The limit, and what four buffers of the kernel take on a loopback connection.
  expect(sent).toBeLessThan(48 * 1024 * 1024);
  const before = here.desktop.received().length;
  client.key(0x61, true);
  await here.desktop.until(() => here.desktop.received().length >= before + 8);
  client.socket.resume();
  await client.until(() => client.updates > 0 && client.receivedBytes > 1024 * 1024);
});

test('G-42 a browser that takes nothing is disconnected after its time, with the code', async () => {
  await using here = await world({ limits: { stallTimeoutMs: 400, heartbeatMs: 60_000, closeTimeoutMs: 200 } });
  await using client = await here.server.connect('control', { updates: false });
  await here.desktop.until(() => isSetUp(here.desktop));
  client.socket.pause();
  await flood(here.desktop);
  expect((await closedEvent(here.server)).details).toMatchObject({ code: 'StreamTooSlow', closeCode: 1009 });
  expect(here.server.registry.size).toBe(0);
});

test('G-39 a browser that went silent is found dead after two heartbeats, and its place is free', async () => {
  await using here = await world({ limits: { heartbeatMs: 150 }, registry: { maxPerSession: 1 } });
  await using client = await here.server.connect('control', { updates: false });
  await here.desktop.until(() => isSetUp(here.desktop));
  client.socket.pause(); // as a process that is stopped: its kernel still answers, nobody reads
  expect((await closedEvent(here.server)).details).toMatchObject({ code: 'StreamIdle' });
  expect(here.server.registry.size).toBe(0);
  await using again = await here.server.connect('control', { updates: false });
  expect(again.width).toBe(64);
});

test('G-39 a quiet browser that answers the heartbeats lives on', async () => {
  await using here = await world({ limits: { heartbeatMs: 60 } });
  await using client = await here.server.connect('view', { updates: false });
  let pings = 0;
  client.socket.on('ping', () => {
    pings += 1;
  });
  await expect.poll(() => pings, { timeout: 5_000 }).toBeGreaterThan(6);
  expect(client.socket.readyState).toBe(WebSocket.OPEN);
});

test('G-13 a fence that the browser does not answer is answered for it, and a late answer is not repeated', async () => {
  await using here = await world({ limits: { fenceTimeoutMs: 200 } });
  await using client = await here.server.connect('view', { encodings: ALL_EXTENSIONS, updates: false, fences: false });
  await here.desktop.until(() => isSetUp(here.desktop));
  const before = here.desktop.received().length;
  here.desktop.viewer().write(Buffer.from([248, 0, 0, 0, 0x80, 0, 0, 1, 2, 7, 8]));
  await here.desktop.until(() => here.desktop.received().length > before);
  const answer = [248, 0, 0, 0, 0, 0, 0, 1, 2, 7, 8];
  expect([...here.desktop.received().subarray(before)]).toEqual(answer);
  client.send(answer);
  client.send(REQUEST);
  await here.desktop.until(() => here.desktop.received().length >= before + 21);
  expect([...here.desktop.received().subarray(before)]).toEqual([...answer, ...REQUEST]);
  client.send(answer); // nobody waits for a second one
  await expect.poll(() => here.server.denied.get('clientFence/fenceUnasked')).toBe(1);
});

describe('the door', () => {
  async function upgrade(
    server: StreamServer,
    headers: Record<string, string>,
    path?: string,
  ): Promise<{ status: number; body: string }> {
    const request = httpRequest({
      port: server.port,
      host: '127.0.0.1',
      path: path ?? new URL(server.url).pathname,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
        ...headers,
      },
    });
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let body = '';
    for await (const chunk of response.setEncoding('utf8')) body += String(chunk);
    return { status: response.statusCode ?? 0, body };
  }
  const protocols = (ticket: string): Record<string, string> => ({
    'Sec-WebSocket-Protocol': `binary, streamspace.ticket.${ticket}`,
  });

  test.each([
    ['missing', {}],
    ['null', { Origin: 'null' }],
    ['foreign', { Origin: 'https://evil.example' }],
    ['a look-alike', { Origin: `${ORIGIN}.evil.example` }],
    ['of another scheme', { Origin: ORIGIN.replace('https', 'http') }],
  ])('G-51 an Origin that is %s is refused before the upgrade, and the ticket is still good', async (_name, origin) => {
    await using here = await world();
    const ticket = here.server.ticket('control');
    const { status, body } = await upgrade(here.server, { ...protocols(ticket), ...origin });
    expect(status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({ code: 'OriginForbidden', status: 403 });
    expect(here.server.audit).toMatchObject([{ type: 'origin.refused', actor: null, object: 'Session/team-web/one' }]);
    await using client = await here.server.connect('control', { ticket });
    expect(client.width).toBe(64);
  });

  test('G-50 a ticket opens one stream; replayed, made up or missing it is refused and audited', async () => {
    await using here = await world();
    const ticket = here.server.ticket('control');
    await using _client = await here.server.connect('control', { ticket });
    const tries = [protocols(ticket), protocols('made-up-by-somebody'), { 'Sec-WebSocket-Protocol': 'binary' }];
    for (const headers of tries) {
      const { status, body } = await upgrade(here.server, { ...headers, Origin: ORIGIN });
      expect([status, JSON.parse(body).code]).toEqual([403, 'TicketInvalid']);
      expect(body).not.toContain(ticket);
    }
    expect(here.server.audit.filter(({ type }) => type === 'ticket.refused')).toHaveLength(3);
  });

  test('another path is not found, and a path with tricks is none', async () => {
    await using here = await world();
    for (const path of [
      '/',
      '/api/v1/namespaces/a/sessions/b/../c/stream',
      '/api/v1/namespaces/A/sessions/b/stream',
      '/api/v1/namespaces/a/sessions/%62/stream',
    ]) {
      expect((await upgrade(here.server, { ...protocols('t'), Origin: ORIGIN }, path)).status).toBe(404);
    }
  });

  test('one stream more than a session may have is told so, over the WebSocket', async () => {
    await using here = await world({ registry: { maxPerSession: 2 } });
    await using _one = await here.server.connect('control');
    await using two = await here.server.connect('view');
    await expect(here.server.connect('view')).rejects.toThrow(
      'closed with 1009 StreamLimitReached: session one has 2 of 2 streams',
    );
    await two.close();
    await expect.poll(() => here.server.registry.size).toBe(1);
    await using three = await here.server.connect('view');
    expect(three.width).toBe(64);
  });

  test('G-45 a gateway that drains closes with 1012 and lets no new stream in', async () => {
    await using here = await world();
    await using client = await here.server.connect('control');
    here.server.drain();
    expect(await client.closed).toMatchObject({ code: 1012, reason: expect.stringMatching(/^ShuttingDown: /) });
    expect((await upgrade(here.server, { ...protocols(here.server.ticket('view')), Origin: ORIGIN })).status).toBe(503);
  });

  test('a stream can be cut by person, and reads why', async () => {
    await using here = await world();
    await using client = await here.server.connect('control', { ticket: here.server.ticket('control', 'lead') });
    await using other = await here.server.connect('view');
    expect(here.server.registry.closeWhere(({ person }) => person === 'lead', 'Forbidden', 'the right was taken away')).toBe(1);
    expect(await client.closed).toEqual({ code: 1008, reason: 'Forbidden: the right was taken away' });
    expect(other.socket.readyState).toBe(WebSocket.OPEN);
  });
});
