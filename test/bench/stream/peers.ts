// The ways to a desktop that are compared: straight to Xvnc, through Debian's websockify, through the gateway, and through a
// relay that does nothing else.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ROOT } from '../../support/command.ts';
import { ORIGIN } from '../../support/stream-server.ts';
import { eventually } from '../../support/wait.ts';
import type { Xvnc } from '../../support/xvnc.ts';
import type { DoorOrder, HeldMemory, Opening } from './door.ts';
import { overTcp, overWebSocket, type Way } from './probe.ts';

export interface Peer extends AsyncDisposable {
  /** To the desktop with this number. */
  way(desktop?: number): Way;
  /** What another process needs to go the same way, once. */
  opening(desktop: number): Promise<{ readonly url: string; readonly protocols: readonly string[] }>;
  /** Of the process and its children. */
  cost(): Promise<Cost>;
}

/** Memory in MiB, processor time in seconds since the start. */
export interface Cost {
  readonly rss: number;
  readonly pss: number;
  readonly cpuSeconds: number;
}

export function direct(desktops: readonly Xvnc[]): Pick<Peer, 'way'> {
  return { way: (desktop = 0) => ({ name: 'direct', open: async () => await overTcp('127.0.0.1', portOf(desktops, desktop)) }) };
}

/** One process for each desktop, as it is run. */
export async function startWebsockify(desktops: readonly Xvnc[]): Promise<Peer> {
  const all = await Promise.all(
    desktops.map(async (desktop) => {
      const port = await freePort();
      const child = spawn('websockify', [`127.0.0.1:${port}`, `127.0.0.1:${desktop.port}`], { stdio: 'ignore' });
      await once(child, 'spawn').catch((cause: unknown) => {
        throw new Error('websockify does not start; install it with: apt-get install websockify', { cause });
      });
      await eventually('websockify listens', async () => await answers(port), { everyMs: 50 });
      return { child, port };
    }),
  );
  const opening: Peer['opening'] = async (desktop) => ({ url: `ws://127.0.0.1:${all[desktop]?.port}/`, protocols: ['binary'] });
  return {
    way: (desktop = 0) => wayOf('websockify', async () => await opening(desktop)),
    opening,
    cost: async () => await costOf(all.map(({ child }) => child)),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(all.map(async ({ child }) => await ended(child)));
    },
  };
}

/** To the first desktop, over TCP. */
export async function startBareRelay([desktop]: readonly Xvnc[]): Promise<Pick<Peer, 'way'> & AsyncDisposable> {
  const child = fork(join(ROOT, 'test/bench/stream/bare-relay.ts'), [String(desktop?.port)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const [port] = (await once(child, 'message')) as [number];
  return {
    way: () => ({ name: 'bare relay', open: async () => await overTcp('127.0.0.1', port) }),
    [Symbol.asyncDispose]: async () => await ended(child),
  };
}

export async function startDoor(
  desktops: readonly Xvnc[],
  order: Omit<DoorOrder, 'desktops'> = {},
): Promise<Peer & { readonly pid: number; held(): Promise<HeldMemory> }> {
  const child = fork(join(ROOT, 'test/bench/stream/door.ts'), {
    execArgv: ['--conditions=source', '--expose-gc', '--disable-warning=ExperimentalWarning'],
  });
  child.send({ ...order, desktops: desktops.map(({ port, password }) => ({ port, password })) } satisfies DoorOrder);
  await once(child, 'message');
  // One question at a time: the answers carry no name.
  let turn: Promise<unknown> = Promise.resolve();
  const ask = async <Answer>(question: number | 'memory'): Promise<Answer> => {
    const told = turn.then(async () => {
      child.send(question);
      const [answer] = (await once(child, 'message')) as [Answer];
      return answer;
    });
    turn = told.catch(() => undefined);
    return await told;
  };
  const opening: Peer['opening'] = async (desktop) => {
    const { url, ticket } = await ask<Opening>(desktop);
    return { url, protocols: ['binary', `streamspace.ticket.${ticket}`] };
  };
  return {
    pid: child.pid ?? 0,
    held: async () => await ask<HeldMemory>('memory'),
    way: (desktop = 0) => wayOf('gateway', async () => await opening(desktop)),
    opening,
    cost: async () => await costOf([child]),
    [Symbol.asyncDispose]: async () => await ended(child),
  };
}

function wayOf(name: string, opening: () => ReturnType<Peer['opening']>): Way {
  return {
    name,
    open: async () => {
      const { url, protocols } = await opening();
      return await overWebSocket(url, protocols, ORIGIN);
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 2_000);
  await once(child, 'exit');
  clearTimeout(timer);
}

function portOf(desktops: readonly Xvnc[], index: number): number {
  const desktop = desktops[index];
  if (desktop === undefined) throw new RangeError(`there is no desktop ${index}`);
  return desktop.port;
}

async function costOf(children: readonly ChildProcess[]): Promise<Cost> {
  let total: Cost = { rss: 0, pss: 0, cpuSeconds: 0 };
  for (const pid of await withChildren(children.flatMap(({ pid }) => pid ?? []))) {
    const smaps = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const kib = (field: string): number => Number(new RegExp(`^${field}: +(\\d+) kB$`, 'm').exec(smaps)?.[1] ?? 0);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    total = {
      rss: total.rss + kib('Rss') / 1024,
      pss: total.pss + kib('Pss') / 1024,
      cpuSeconds: total.cpuSeconds + (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100,
    };
  }
  return total;
}

async function withChildren(parents: readonly number[]): Promise<readonly number[]> {
  const all = new Set(parents);
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const name of processes) {
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    if (all.has(parent)) all.add(Number(name));
  }
  return [...all];
}

async function answers(port: number): Promise<boolean> {
  try {
    (await overTcp('127.0.0.1', port)).end();
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
