// Streams through several processes behind one port, against real desktops: where a session goes, what a crash ends, and what comes
// through the hand-over of a connection.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chooseProcess } from '../../stream-gateway/process/rendezvous.ts';
import { ROOT } from '../support/command.ts';
import type { FrontStarted } from '../support/front-process-main.ts';
import {
  anyTicket,
  type FrontProcess,
  type StreamProcessesOrder,
  startFrontProcess,
  streamUrl,
} from '../support/stream-processes.ts';
import { ORIGIN } from '../support/stream-server.ts';
import { startXvnc } from '../support/xvnc.ts';

const SLOWLY = { timeout: 20_000, interval: 50 };

/** One that hashing gives to each of two processes. */
const sessionOf = (process: number): string => {
  for (let index = 0; ; index += 1) if (chooseProcess(`team-web/s${index}`, [0, 1]) === process) return `team-web/s${index}`;
};
const [FIRST, SECOND] = [sessionOf(0), sessionOf(1)];

async function world(more: Partial<StreamProcessesOrder> = {}) {
  const stack = new AsyncDisposableStack();
  const xvnc = stack.use(await startXvnc());
  const { host, port, password } = xvnc;
  const desktops = Object.fromEntries([FIRST, SECOND].map((session) => [session, { host, port, password }]));
  const order = { count: 2, desktops, ...more };
  return { order, stack, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function withFront(more: Partial<StreamProcessesOrder> = {}): Promise<FrontProcess> {
  const here = await world(more);
  const front = await startFrontProcess(here.order);
  return {
    ...front,
    async [Symbol.asyncDispose]() {
      await front[Symbol.asyncDispose]();
      await here[Symbol.asyncDispose]();
    },
  };
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Bytes after a request to upgrade, a frame each (RFC 6455, 5.2; the mask is zero). */
const frames = (bytes: Buffer): readonly Buffer[] => [...bytes].map((byte) => Buffer.from([0x82, 0x81, 0, 0, 0, 0, byte]));

const hex = (text: string): string => Buffer.from(text).toString('hex');

function upgradeRequest(port: number, session: string): string {
  const lines = [
    `GET ${new URL(streamUrl(port, session)).pathname} HTTP/1.1`,
    ...[`Host: 127.0.0.1:${port}`, `Origin: ${ORIGIN}`, 'Connection: Upgrade', 'Upgrade: websocket'],
    ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='],
    `Sec-WebSocket-Protocol: binary, streamspace.ticket.${anyTicket()}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

test('sessions go where the hash says, work there, and their sums are one answer to who asks for metrics', async () => {
  await using front = await withFront();
  await using one = await front.connect(FIRST);
  await using two = await front.connect(SECOND, { 'X-Forwarded-For': '198.51.100.9, 203.0.113.7' });
  await using three = await front.connect(SECOND);
  for (const client of [one, two, three]) await client.until(() => client.updates > 0);
  const opened = (await front.told()).filter(({ type }) => type === 'stream.opened');
  expect(opened.map(({ object, process, sourceAddress }) => [object, process, sourceAddress])).toEqual([
    [`Session/${FIRST}`, 0, '127.0.0.1'],
    [`Session/${SECOND}`, 1, '203.0.113.7'], // the nearest that is no trusted proxy
    [`Session/${SECOND}`, 1, '127.0.0.1'],
  ]);
  const text = await front.metrics();
  expect(text).toContain('streamspace_streams_open{right="control",process="gateway"} 3\n');
  expect(text.match(/^streamspace_process_cpu_seconds_total\{/gm)).toHaveLength(1);
});

test('a process that is killed ends its own streams only, they come back at once, and it is started again', async () => {
  await using front = await withFront();
  await using hit = await front.connect(FIRST);
  await using spared = await front.connect(SECOND);
  await spared.until(() => spared.updates > 0);
  process.kill(front.processes.pids.get(0) ?? 0, 'SIGKILL');
  expect((await hit.closed).code).toBe(1006);
  await expect.poll(() => front.processes.ready, SLOWLY).toEqual([1]);
  await using elsewhere = await front.connect(FIRST); // without waiting for the one that is started
  await elsewhere.until(() => elsewhere.updates > 0);
  await expect.poll(() => front.processes.ready.toSorted(), SLOWLY).toEqual([0, 1]);
  await using again = await front.connect(FIRST);
  await again.until(() => again.updates > 0);
  expect(spared.socket.readyState).toBe(spared.socket.OPEN);
  const opened = (await front.told()).filter(({ type }) => type === 'stream.opened');
  expect(opened.map(({ process }) => process)).toEqual([0, 1, 1, 0]);
  expect(front.restarts()).toBe(1);
  expect(front.audit).toMatchObject([{ type: 'streams.lost', details: { process: 0, code: null, signal: 'SIGKILL' } }]);
});

test('while no process is ready, who comes is told to come again', async () => {
  await using front = await withFront({ count: 1 });
  process.kill(front.processes.pids.get(0) ?? 0, 'SIGKILL');
  await expect.poll(() => front.processes.ready, SLOWLY).toEqual([]);
  await expect(front.connect(FIRST)).rejects.toThrow(/HTTP 503 .*StreamsUnavailable/);
  await expect.poll(() => front.processes.ready, SLOWLY).toEqual([0]);
  await using client = await front.connect(FIRST);
  await client.until(() => client.updates > 0);
});

test('what a guard refuses is refused at the front, once, with an audit event, and no process hears of it', async () => {
  await using front = await withFront();
  const foreign = connect(front.port, '127.0.0.1');
  foreign.write(upgradeRequest(front.port, FIRST).replace(ORIGIN, 'https://elsewhere.example.com'));
  const [answer] = (await once(foreign, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 403 .*OriginForbidden/s);
  expect(front.refused).toEqual(['OriginForbidden']);
  expect(front.audit).toMatchObject([{ type: 'origin.refused', object: `Session/${FIRST}`, sourceAddress: '127.0.0.1' }]);
  expect(await front.told()).toEqual([]);
});

test.each([
  ['in the packet of the request', 0, 0],
  ['while the guards look, and while the connection travels', 40, 8],
])('bytes that come before the answer, %s, are read once and in their order', async (_when, guardMs, everyMs) => {
  await using front = await withFront({ guardMs });
  const hasty = connect(front.port, '127.0.0.1');
  hasty.setNoDelay();
  const received: Buffer[] = [];
  hasty.on('data', (chunk: Buffer) => received.push(chunk));
  const early = [Buffer.from(upgradeRequest(front.port, FIRST)), ...frames(Buffer.from('RFB 003.008\n'))];
  if (everyMs === 0) hasty.write(Buffer.concat(early));
  else
    for (const piece of early) {
      hasty.write(piece);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  // Version, then the one security type, which is offered only to who has sent a whole version.
  const expected = new RegExp(`^${hex('HTTP/1.1 101 ')}.*${hex('RFB 003.008\n')}.*0101$`);
  await expect.poll(() => Buffer.concat(received).toString('hex'), SLOWLY).toMatch(expected);
  hasty.destroy();
});

test('G-45 told to end, every stream is closed with 1012, and no process is left', async () => {
  await using front = await withFront();
  await using one = await front.connect(FIRST);
  await using two = await front.connect(SECOND);
  const pids = [...front.processes.pids.values()];
  await front.drain();
  for (const client of [one, two])
    expect(await client.closed).toMatchObject({ code: 1012, reason: expect.stringMatching(/^ShuttingDown: /) });
  expect(pids.filter(isAlive)).toEqual([]);
  expect(front.restarts()).toBe(0);
});

test('a front process that is killed takes its stream processes with it', async () => {
  await using here = await world();
  const child = fork(join(ROOT, 'test/support/front-process-main.ts'), { execArgv: ['--conditions=source'] });
  child.send(here.order);
  const [{ pids }] = (await once(child, 'message')) as [FrontStarted];
  expect(pids.filter(isAlive)).toHaveLength(2);
  child.kill('SIGKILL');
  await expect.poll(() => pids.filter(isAlive), SLOWLY).toEqual([]);
});

test('a process that hangs does not hold up who asks for metrics', async () => {
  await using front = await withFront();
  const hung = front.processes.pids.get(0) ?? 0;
  process.kill(hung, 'SIGSTOP');
  const [first, second] = await front.processes.metrics();
  process.kill(hung, 'SIGCONT');
  expect(first).toBeUndefined();
  expect(second?.length).toBeGreaterThan(0);
});
