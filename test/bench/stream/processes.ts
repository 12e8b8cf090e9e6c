// One quiet session beside desktops that are read as fast as they go: all of them in one stream process, and the quiet one in
// another than they. The desktops and those who read them cost the same processors both times.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { chooseProcess } from '../../../stream-gateway/process/rendezvous.ts';
import { ROOT } from '../../support/command.ts';
import type { FrontStarted } from '../../support/front-process-main.ts';
import { anyTicket, type StreamProcessesOrder, streamUrl } from '../../support/stream-processes.ts';
import { ORIGIN } from '../../support/stream-server.ts';
import { startXvnc, type Xvnc } from '../../support/xvnc.ts';
import { type Measurement, measurement, quantile } from '../result.ts';
import { ECHO } from './content.ts';
import type { ReaderOrder } from './full-reader.ts';
import { keyLatencies } from './measures.ts';
import { overWebSocket, Probe } from './probe.ts';

const LOUD = 4;
const KEYS = 80;
const ROUNDS = 2;
const EXEC = { execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'] };

/** Sessions that two processes would serve apart: the first of them by one, the others by the other. */
function sessionNames(): readonly string[] {
  const names = Array.from({ length: 100 }, (_, index) => `team-web/s${index}`);
  const of = (process: number): readonly string[] => names.filter((name) => chooseProcess(name, [0, 1]) === process);
  return [...of(0).slice(0, 1), ...of(1).slice(0, LOUD)];
}

interface Samples {
  readonly keys: number[];
  /** Whole frames of all the loud ones together, bytes a second. */
  readonly rates: number[];
}

export async function processesSuite(): Promise<readonly Measurement[]> {
  await using ended = new AsyncDisposableStack();
  const quiet = ended.use(await startXvnc({ geometry: '640x480', program: ECHO }));
  const loud = await Promise.all(
    Array.from({ length: LOUD }, async () => ended.use(await startXvnc({ geometry: '1920x1080', program: ECHO }))),
  );
  const all = [quiet, ...loud];
  const desktops = Object.fromEntries(sessionNames().map((name, index) => [name, desktopOf(all[index])]));
  const found: Readonly<Record<1 | 2, Samples>> = { 1: { keys: [], rates: [] }, 2: { keys: [], rates: [] } };
  // In turns, so that what else happens on the machine meets both.
  for (let round = 0; round < ROUNDS; round += 1)
    for (const count of [1, 2] as const) await measure({ count, desktops }, quiet, loud, found[count]);
  return [
    ...[0.5, 0.95, 0.99].map((q) =>
      measurement(
        'stream',
        `a quiet session beside ${LOUD} at full rate, 2 processes, key to update, p${100 * q}`,
        quantile(found[2].keys, q),
        'ms',
        { name: '1 process', value: quantile(found[1].keys, q) },
      ),
    ),
    measurement('stream', 'what those at full rate get (more is better)', quantile(found[2].rates, 0.5) / 1e6, 'MB/s', {
      name: '1 process',
      value: quantile(found[1].rates, 0.5) / 1e6,
    }),
  ];
}

async function measure(order: StreamProcessesOrder, quiet: Xvnc, loud: readonly Xvnc[], into: Samples): Promise<void> {
  const front = fork(join(ROOT, 'test/support/front-process-main.ts'), EXEC);
  front.send(order);
  const [{ port }] = (await once(front, 'message')) as [FrontStarted];
  const [first = '', ...others] = sessionNames();
  const readers = await Promise.all(
    others.map(async (session, index) => await startReader(streamUrl(port, session), loud[index]?.password ?? '')),
  );
  const open = async () => await overWebSocket(streamUrl(port, first), protocols(), ORIGIN);
  const probe = await Probe.connect({ name: 'gateway', open }, quiet.password);
  const [from, before] = [performance.now(), await bytesOf(readers)];
  into.keys.push(...(await keyLatencies(probe, KEYS)).slice(5));
  into.rates.push(((await bytesOf(readers)) - before) / ((performance.now() - from) / 1000));
  probe.end();
  for (const reader of readers) {
    reader.disconnect();
    await once(reader, 'exit');
  }
  front.kill('SIGTERM');
  await once(front, 'exit');
}

async function startReader(url: string, password: string): Promise<ChildProcess> {
  const child = fork(join(ROOT, 'test/bench/stream/full-reader.ts'), EXEC);
  child.send({ url, protocols: protocols(), password } satisfies ReaderOrder);
  await once(child, 'message');
  return child;
}

async function bytesOf(readers: readonly ChildProcess[]): Promise<number> {
  const each = await Promise.all(
    readers.map(async (reader) => {
      reader.send('bytes');
      return ((await once(reader, 'message')) as [number])[0];
    }),
  );
  return each.reduce((sum, bytes) => sum + bytes, 0);
}

const protocols = (): readonly string[] => ['binary', `streamspace.ticket.${anyTicket()}`];

function desktopOf(xvnc: Xvnc | undefined): StreamProcessesOrder['desktops'][string] {
  if (xvnc === undefined) throw new RangeError('there are more sessions than desktops');
  const { host, port, password } = xvnc;
  return { host, port, password };
}
