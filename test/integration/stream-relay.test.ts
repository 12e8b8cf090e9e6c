// Streams against a desktop that shows what reaches it: what is forwarded, what is not, and how a stream ends.
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { CONFIRM_ALL, CONFIRM_CONTROL } from '../support/fake-desktop.ts';
import { ALL_EXTENSIONS } from '../support/rfb-client.ts';
import { startStreamServer } from '../support/stream-server.ts';
import { closedEvent, isSetUp, REQUEST, streamWorld } from '../support/stream-world.ts';

const zeros = (count: number): number[] => new Array<number>(count).fill(0);
const INPUT: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['keyEvent', [4, 1, 0, 0, 0, 0, 0, 0x61]],
  ['pointerEvent', [5, 1, 0, 1, 0, 2]],
  ['qemuKeyEvent', [255, 0, 0, 1, 0, 0, 0, 0x61, 0, 0, 0, 30]],
  ['clientCutText', [6, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]],
  ['setDesktopSize', [251, 0, 0, 50, 0, 40, 1, 0, ...zeros(16)]],
  ['xvp', [250, 0, 1, 2]],
  ['enableContinuousUpdates', [150, 1, ...zeros(8)]],
];

test('G-30 none of the input of a viewer reaches the desktop, each kind is counted once, the viewer stays', async () => {
  await using here = await streamWorld();
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
  await using here = await streamWorld();
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
  await using here = await streamWorld();
  await using _viewer = await here.server.connect('view', { encodings: [7, 50, -305, -309, -313, 0], updates: false });
  await here.desktop.until(() => here.desktop.received().length >= 32);
  expect([...here.desktop.received().subarray(20)]).toEqual([2, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 0]);
  expect(here.desktop.shared).toEqual([1]); // whatever the browser said
});

test('G-18 messages in frames of one byte arrive as if in one', async () => {
  await using here = await streamWorld();
  await using client = await here.server.connect('control', { updates: false });
  await here.desktop.until(() => isSetUp(here.desktop));
  const before = here.desktop.received().length;
  const stream = [...[6, 0, 0, 0, 0, 0, 0, 90], ...zeros(90), ...[4, 1, 0, 0, 0, 0, 0, 0x61], ...REQUEST];
  for (const byte of stream) client.send([byte]);
  await here.desktop.until(() => here.desktop.received().length >= before + stream.length);
  expect([...here.desktop.received().subarray(before)]).toEqual(stream);
});

test('keys and buttons that are down when the browser vanishes are let go', async () => {
  await using here = await streamWorld();
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
    ['G-13 a fence of 65 bytes', [248, 0, 0, 0, 0, 0, 0, 0, 65], 1002, 'RfbMalformed'],
    ['G-02 noise', [0xde, 0xad, 0xbe, 0xef], 1002, 'RfbUnknownMessage'],
  ])('%s', async (_name, bytes, closeCode, code) => {
    await using here = await streamWorld();
    await using client = await here.server.connect('control', { updates: false });
    client.send(bytes);
    const { code: seen, reason } = await client.closed;
    expect(seen).toBe(closeCode);
    expect(reason).toMatch(new RegExp(`^${code}: `));
    await closedEvent(here.server);
    expect(here.server.audit.map(({ type }) => type)).toEqual(['stream.opened', 'protocol.violation', 'stream.closed']);
    expect(here.server.audit[1]).toMatchObject({ actor: 'member', result: 'refused', details: { side: 'browser', code } });
  });

  test('G-04 65,535 encodings are refused on the header, of which the desktop sees nothing', async () => {
    await using here = await streamWorld();
    await using client = await here.server.connect('control', { updates: false });
    await here.desktop.until(() => isSetUp(here.desktop));
    const before = here.desktop.received().length;
    client.send([2, 0, 0xff, 0xff]);
    expect(await client.closed).toMatchObject({ code: 1009, reason: expect.stringMatching(/^RfbTooLarge: /) });
    await closedEvent(here.server);
    expect(here.desktop.received()).toHaveLength(before);
  });

  test('also when the desktop sends it', async () => {
    await using here = await streamWorld();
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
    await using here = await streamWorld();
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
    await using here = await streamWorld();
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
    await using here = await streamWorld({ desktop, limits: { connectTimeoutMs: 300 } });
    await expect(here.server.connect('control')).rejects.toThrow(`closed with ${code} ${reason}`);
    expect((await closedEvent(here.server)).result).toBe('failure');
  });

  test('does not listen: the browser is told to come again', async () => {
    await using server = await startStreamServer({ desktop: () => ({ host: '127.0.0.1', port: 1 }) });
    await expect(server.connect('control')).rejects.toThrow('closed with 1013 DesktopUnreachable: the desktop cannot be reached');
  });
});
