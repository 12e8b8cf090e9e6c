// A real clamd with signatures of our own: nothing is fetched, and the only thing it knows is the EICAR test file.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createScan } from '../../stream-gateway/files/clamd.ts';
import { eventually } from './wait.ts';

/** https://www.eicar.org: harmless, and known to every scanner. In two parts, so that a scanner leaves this file alone. */
export const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD', '-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

export interface Clamd extends AsyncDisposable {
  readonly path: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Not started yet. */
export async function prepareClamd(): Promise<Clamd> {
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-clamd-'));
  const path = join(folder, 'clamd.ctl');
  await mkdir(join(folder, 'signatures'));
  const signature = `Eicar.Test:0:*:${Buffer.from(EICAR, 'latin1').toString('hex')}\n`;
  await writeFile(join(folder, 'signatures', 'own.ndb'), signature);
  const settings = [
    ...['Foreground yes', `DatabaseDirectory ${join(folder, 'signatures')}`, `TemporaryDirectory ${folder}`],
    ...[`LocalSocket ${path}`, 'LocalSocketMode 600', 'FixStaleSocket yes', 'StreamMaxLength 2M', 'MaxThreads 2'],
  ];
  await writeFile(join(folder, 'clamd.conf'), `${settings.join('\n')}\n`);
  let running: { readonly child: ChildProcess; readonly ended: Promise<unknown> } | undefined;
  const stop = async (): Promise<void> => {
    running?.child.kill('SIGKILL');
    await running?.ended;
    running = undefined;
    await rm(path, { force: true });
  };
  const scan = createScan({ path });
  return {
    path,
    stop,
    start: async () => {
      const child = spawn('clamd', ['-c', join(folder, 'clamd.conf')], { stdio: 'ignore' });
      running = { child, ended: once(child, 'exit') };
      const nothing = async function* () {};
      await eventually('clamd answers', () =>
        scan(nothing, new AbortController().signal).then(
          ({ clean }) => clean,
          () => false,
        ),
      );
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
