// Ends of a stream that are slow, silent or forgetful.
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ALL_EXTENSIONS } from '../support/rfb-client.ts';
import { closedEvent, flood, isSetUp, REQUEST, streamWorld } from '../support/stream-world.ts';

test('G-41 a browser that does not read stops the desktop, not its own input, and memory stays bounded', async () => {
  await using here = await streamWorld();
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
  await using here = await streamWorld({ limits: { stallTimeoutMs: 400, heartbeatMs: 60_000, closeTimeoutMs: 200 } });
  await using client = await here.server.connect('control', { updates: false });
  await here.desktop.until(() => isSetUp(here.desktop));
  client.socket.pause();
  await flood(here.desktop);
  expect((await closedEvent(here.server)).details).toMatchObject({ code: 'StreamTooSlow', closeCode: 1009 });
  expect(here.server.registry.size).toBe(0);
});

test('G-39 a browser that went silent is found dead after two heartbeats, and its place is free', async () => {
  await using here = await streamWorld({ limits: { heartbeatMs: 150 }, registry: { maxPerSession: 1 } });
  await using client = await here.server.connect('control', { updates: false });
  await here.desktop.until(() => isSetUp(here.desktop));
  client.socket.pause(); // as a process that is stopped: its kernel still answers, nobody reads
  expect((await closedEvent(here.server)).details).toMatchObject({ code: 'StreamIdle' });
  expect(here.server.registry.size).toBe(0);
  await using again = await here.server.connect('control', { updates: false });
  expect(again.width).toBe(64);
});

test('G-39 a quiet browser that answers the heartbeats lives on', async () => {
  await using here = await streamWorld({ limits: { heartbeatMs: 60 } });
  await using client = await here.server.connect('view', { updates: false });
  let pings = 0;
  client.socket.on('ping', () => {
    pings += 1;
  });
  await expect.poll(() => pings, { timeout: 5_000 }).toBeGreaterThan(6);
  expect(client.socket.readyState).toBe(WebSocket.OPEN);
});

test('G-13 a fence that the browser does not answer is answered for it, and a late answer is not repeated', async () => {
  await using here = await streamWorld({ limits: { fenceTimeoutMs: 200 } });
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
