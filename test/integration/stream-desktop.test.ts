// Streams against a real Xvnc with a terminal in it.
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseStreamNotice } from '../../schemas/api/stream-notices.ts';
import { Pacer } from '../../stream-gateway/web/src/stream/pacer.ts';
import { ALL_EXTENSIONS } from '../support/rfb-client.ts';
import { startStreamServer } from '../support/stream-server.ts';
import { startXvnc } from '../support/xvnc.ts';

const CONTINUOUS_UPDATES = -313;

test('G-46 an owner and five viewers see the picture, nobody kicks anybody, and the last to leave does not end the session', async () => {
  await using xvnc = await startXvnc();
  await using server = await startStreamServer({ desktop: () => xvnc });
  await using owner = await server.connect('control');
  await using viewers = new AsyncDisposableStack();
  const watching = await Promise.all(Array.from({ length: 5 }, async () => viewers.use(await server.connect('view'))));
  for (const viewer of watching) await viewer.until(() => viewer.updates > 0);
  const before = watching.map((viewer) => viewer.frame);
  owner.type('echo streamspace\n');
  for (const [index, viewer] of watching.entries()) await viewer.waitForChange(before[index]);
  expect(server.registry.size).toBe(6);
  await owner.close();
  await viewers.disposeAsync();
  await expect.poll(() => server.registry.size).toBe(0);
  await using again = await server.connect('view');
  await again.until(() => again.updates > 0);
});

test('the way to a viewer is measured once before its first picture, which would be a queue on a slow link', async () => {
  await using xvnc = await startXvnc();
  await using server = await startStreamServer({ desktop: () => xvnc });
  await using owner = await server.connect('control', { notices: true });
  await owner.until(() => owner.updates > 0);
  expect(owner.pingedAfter[0]).toBe(0);
  await owner.until(() => owner.notices.some((notice) => parseStreamNotice(notice)?.type === 'link'), {
    what: 'the measurement',
  });
});

test('a picture that was limited by the page and is not any more goes on unasked', async () => {
  await using xvnc = await startXvnc({ program: ['xterm', '-e', '/bin/sh', '-c', 'while :; do date +%N; sleep 0.05; done'] });
  await using server = await startStreamServer({ desktop: () => xvnc });
  await using owner = await server.connect('control', { updates: false, encodings: ALL_EXTENSIONS });
  await owner.until(() => owner.confirmed.has(CONTINUOUS_UPDATES), { what: 'continuous updates' });
  const pacer = new Pacer({
    send: (bytes) => owner.send(Buffer.from(bytes)),
    now: () => performance.now(),
    after: (ms, act) => void setTimeout(act, ms),
  });
  const more = async (count: number, what: string): Promise<void> => {
    const before = owner.updates;
    await owner.until(() => owner.updates >= before + count, { what });
  };
  pacer.send(Uint8Array.of(150, 1, 0, 0, 0, 0, 2, 0x80, 1, 0xe0));
  await more(5, 'updates as the page began them');
  pacer.limit(10);
  await more(1, 'the update that the page asked for itself');
  pacer.limit(null);
  await more(5, 'updates that nobody asks for');
});

test('G-30 what a viewer types does not reach the programs of the desktop', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-keys-'));
  const file = join(folder, 'line');
  const program = ['xterm', '-bg', 'white', '-e', '/bin/sh', '-c', `read line && echo "$line" > ${file} && exec cat`] as const;
  try {
    await using xvnc = await startXvnc({ program: [...program] });
    await using server = await startStreamServer({ desktop: () => xvnc });
    await using owner = await server.connect('control');
    await using viewer = await server.connect('view');
    owner.pointer(100, 100, 0); // without a window manager keys go to the window under the pointer
    await owner.until(() => owner.pixels.some((byte) => byte !== 0), { what: 'the terminal' });
    viewer.pointer(500, 400, 0);
    viewer.type('of the viewer\n');
    await expect.poll(() => server.denied.get('keyEvent/viewOnly')).toBe(28);
    owner.type('of the owner\n');
    await expect.poll(() => readFile(file, 'utf8').catch(() => '')).toBe('of the owner\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a viewer can make the desktop another size only with the right to control', async () => {
  await using xvnc = await startXvnc();
  await using server = await startStreamServer({ desktop: () => xvnc });
  await using owner = await server.connect('control');
  await owner.until(() => owner.confirmed.has(-308));
  owner.send([251, 0, 1, 144, 1, 44, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 144, 1, 44, 0, 0, 0, 0]);
  await owner.until(() => owner.width === 400 && owner.height === 300, { what: 'a desktop of 400x300' });
  await owner.until(() => owner.pixels.some((byte) => byte !== 0), { what: 'its picture' });
});

test('G-44 a desktop that dies ends the stream with 1013, so that the page comes again, and then it resumes', async () => {
  let xvnc = await startXvnc();
  await using server = await startStreamServer({ desktop: () => xvnc });
  await using client = await server.connect('control');
  await client.until(() => client.updates > 0);
  await xvnc.kill();
  expect(await client.closed).toMatchObject({ code: 1013, reason: expect.stringMatching(/^DesktopUnreachable: /) });
  await xvnc[Symbol.asyncDispose]();
  xvnc = await startXvnc();
  try {
    await using again = await server.connect('control');
    await again.until(() => again.updates > 0);
  } finally {
    await xvnc[Symbol.asyncDispose]();
  }
});

test('a wrong password is told as such, without the password', async () => {
  await using xvnc = await startXvnc();
  await using server = await startStreamServer({ desktop: () => ({ host: xvnc.host, port: xvnc.port, password: 'not-this' }) });
  await expect(server.connect('control')).rejects.toThrow(
    /^closed with 1013 DesktopRefused: the desktop refused the password of the session: Authentication fail/,
  );
  expect(JSON.stringify(server.audit)).not.toContain('not-this');
});

test('who knows no password gets no picture: the desktop itself still asks for one', async () => {
  await using xvnc = await startXvnc();
  const socket = connect(xvnc.port, xvnc.host);
  const [version] = (await once(socket, 'data')) as [Buffer];
  socket.write(version);
  const [types] = (await once(socket, 'data')) as [Buffer];
  expect([...types]).toEqual([1, 2]);
  socket.destroy();
});
