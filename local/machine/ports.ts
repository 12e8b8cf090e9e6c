// Free ports, and who listens on one that is not.
import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename } from 'node:path';

/** Outside the range from which the kernel gives ports to outgoing connections (32768 on), so that they stay ours. */
const FIRST = 20_000;
const SPAN = 10_000;

export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * As many free ports as there are names, from a place that depends on `seed`: installations that start at the same moment look
 * in different places. Never one of `taken`.
 */
export async function chooseFreePorts<Name extends string>(
  names: readonly Name[],
  seed: number,
  taken: ReadonlySet<number>,
): Promise<Record<Name, number>> {
  const chosen: [Name, number][] = [];
  let offset = seed % SPAN;
  for (const name of names) {
    for (;;) {
      const port = FIRST + (offset % SPAN);
      offset += 1;
      if (!taken.has(port) && (await isFree(port))) {
        chosen.push([name, port]);
        break;
      }
      if (offset > 2 * SPAN) throw new RangeError(`no free port between ${FIRST} and ${FIRST + SPAN}`);
    }
  }
  return Object.fromEntries(chosen) as Record<Name, number>;
}

export interface Listener {
  readonly pid: number;
  readonly program: string;
}

/** Inodes of the sockets that listen on the port, from the text of /proc/net/tcp or tcp6. Pure. */
export function listeningInodes(table: string, port: number): readonly string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      const [, local = '', , state] = fields;
      const inode = fields[9];
      return state === '0A' && local.endsWith(`:${wanted}`) && inode !== undefined ? [inode] : [];
    });
}

/** `undefined` where /proc does not tell: nobody listens, or it is somebody else's process and we are not root. */
export async function whoListens(port: number): Promise<Listener | undefined> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')));
  const sockets = new Set(tables.flatMap((table) => listeningInodes(table, port)).map((inode) => `socket:[${inode}]`));
  if (sockets.size === 0) return undefined;
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    for (const descriptor of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      if (!sockets.has(target)) continue;
      // Not /proc/PID/comm: there every Node.js is called "MainThread".
      const [program = ''] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
      return { pid: Number(pid), program: basename(program) || 'an unknown program' };
    }
  }
  return undefined;
}
