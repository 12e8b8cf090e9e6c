// Ten quiet sessions beside one whose desktop is read as fast as it goes, all in one process of the gateway.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from '../../support/command.ts';
import { startXvnc } from '../../support/xvnc.ts';
import { type Measurement, measurement, quantile } from '../result.ts';
import { ECHO } from './content.ts';
import type { ReaderOrder } from './full-reader.ts';
import { keyLatencies } from './measures.ts';
import { direct, type Peer, startDoor, startWebsockify } from './peers.ts';
import { Probe } from './probe.ts';

const QUIET = 10;
const KEYS = 60;

export async function noisySuite(): Promise<readonly Measurement[]> {
  await using ended = new AsyncDisposableStack();
  const quiet = await Promise.all(
    Array.from({ length: QUIET }, async () => ended.use(await startXvnc({ geometry: '640x480', program: ECHO }))),
  );
  const loud = ended.use(await startXvnc({ geometry: '1920x1080', program: ECHO }));
  const desktops = [...quiet, loud];
  const [door, websockify] = [ended.use(await startDoor(desktops)), ended.use(await startWebsockify(desktops))];
  const latencies = async (peer: Pick<Peer, 'way'>, beside: Peer | undefined): Promise<readonly number[]> => {
    const probes = await Promise.all(quiet.map(async ({ password }, index) => await Probe.connect(peer.way(index), password)));
    await using _noise = beside === undefined ? { [Symbol.asyncDispose]: async () => undefined } : await startNoise(beside);
    const samples = (await Promise.all(probes.map(async (probe) => (await keyLatencies(probe, KEYS)).slice(5)))).flat();
    for (const probe of probes) probe.end();
    return samples;
  };
  /** Something else has to serve the loud one where the quiet ones go straight to their desktops: it costs the same processors. */
  const startNoise = async (peer: Peer): Promise<AsyncDisposable> => {
    const opened = await peer.opening(QUIET);
    const child = fork(join(ROOT, 'test/bench/stream/full-reader.ts'), {
      execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
    });
    child.send({ ...opened, password: loud.password } satisfies ReaderOrder);
    await once(child, 'message');
    return {
      [Symbol.asyncDispose]: async () => {
        child.disconnect();
        await once(child, 'exit');
      },
    };
  };
  const straight = direct(quiet);
  const alone = await latencies(door, undefined);
  const loudly = await latencies(door, door);
  const bare = await latencies(straight, door);
  const others = await latencies(websockify, websockify);
  const of = (samples: readonly number[], q: number): number => quantile(samples, q);
  return [0.5, 0.99].flatMap((q) => [
    measurement('stream', `ten quiet sessions, key to update, p${100 * q}`, of(alone, q), 'ms'),
    measurement('stream', `the same beside one at full rate, p${100 * q}`, of(loudly, q), 'ms', {
      name: 'websockify',
      value: of(others, q),
    }),
    measurement('stream', `the same, quiet ones straight to Xvnc, p${100 * q}`, of(bare, q), 'ms'),
  ]);
}
