// What the gateway adds to a stream, against Debian's websockify and a direct connection: the same Xvnc, the same content, in
// turns, so that what else happens on the machine meets all of them.
import { setTimeout as wait } from 'node:timers/promises';
import { startXvnc, type Xvnc } from '../support/xvnc.ts';
import { type Measurement, measurement, quantile, table } from './result.ts';
import { ECHO } from './stream/content.ts';
import { markedSuite } from './stream/marked.ts';
import { fullRate, keyLatencies, warm } from './stream/measures.ts';
import { noisySuite } from './stream/noisy.ts';
import { direct, type Peer, startBareRelay, startDoor, startWebsockify } from './stream/peers.ts';
import { Probe, type Way } from './stream/probe.ts';
import { processesSuite } from './stream/processes.ts';
import { WITH_DLP } from './stream/rules.ts';
import { slowReaderSuite } from './stream/slow-reader.ts';
import { throttledSuite } from './stream/throttled.ts';

const ROUNDS = 12;
const KEYS_A_ROUND = 25;
/** What a minute of work brings: a path is measured as it is then, compiled, and not in its first second. */
const WARM_KEYS = 3_000;
const IDLE = 40;
/** Above what a loopback carries, so that the cap of a stream is not what is measured. */
const UNCAPPED = 8 * 1024 ** 3;

export async function streamSuite(): Promise<readonly Measurement[]> {
  const parts = [
    latencySuite,
    throughputSuite,
    idleSuite,
    noisySuite,
    processesSuite,
    slowReaderSuite,
    throttledSuite,
    markedSuite,
  ];
  const all: Measurement[] = [];
  for (const part of parts) {
    const found = await part();
    process.stderr.write(`${table(found)}\n`); // a long run says what it has
    all.push(...found);
  }
  return all;
}

async function latencySuite(): Promise<readonly Measurement[]> {
  await using desktop = await startXvnc({ program: ECHO });
  await using websockify = await startWebsockify([desktop]);
  await using bare = await startBareRelay([desktop]);
  await using plain = await startDoor([desktop]);
  await using strict = await startDoor([desktop], { rules: WITH_DLP });
  const ways: readonly (readonly [string, Way])[] = [
    ['direct', direct([desktop]).way()],
    ['websockify', websockify.way()],
    ['bare relay', bare.way()],
    ['gateway', plain.way()],
    ['gateway with DLP', strict.way()],
  ];
  const probes = await Promise.all(
    ways.map(async ([name, way]) => ({ name, probe: await Probe.connect(way, desktop.password), samples: [] as number[] })),
  );
  for (const { probe } of probes) await warm(probe, WARM_KEYS);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const { probe, samples } of probes) samples.push(...(await keyLatencies(probe, KEYS_A_ROUND)));
  for (const { probe } of probes) probe.end();
  const of = (name: string, q: number): number => quantile(probes.find((each) => each.name === name)?.samples ?? [], q);
  const added = (name: string, q: number): number => of(name, q) - of('direct', q);
  // What is left of the limit once bytes go through any process of Node at all.
  const least = measurement(
    'stream',
    'key to update over direct, a bare TCP relay in Node, p50',
    added('bare relay', 0.5),
    'ms',
    {
      name: 'websockify',
      value: added('websockify', 0.5),
    },
  );
  const ours = [0.5, 0.95, 0.99].flatMap((q) =>
    ['gateway', 'gateway with DLP'].map((name) =>
      measurement('stream', `key to update over direct, ${name}, p${100 * q}`, added(name, q), 'ms', {
        name: 'websockify',
        value: added('websockify', q),
      }),
    ),
  );
  return [least, ...ours];
}

async function throughputSuite(): Promise<readonly Measurement[]> {
  await using desktop = await startXvnc({ geometry: '1920x1080', program: ['xterm', '-fullscreen', '-e', 'cat'] });
  await using websockify = await startWebsockify([desktop]);
  await using door = await startDoor([desktop], { toBrowserBytesPerSecond: UNCAPPED });
  const peers = [
    { peer: direct([desktop]), cpu: async () => 0, rates: [] as number[], costs: [] as number[] },
    { peer: websockify, cpu: async () => (await websockify.cost()).cpuSeconds, rates: [] as number[], costs: [] as number[] },
    { peer: door, cpu: async () => (await door.cost()).cpuSeconds, rates: [] as number[], costs: [] as number[] },
  ];
  for (let round = 0; round < 4; round += 1)
    for (const { peer, cpu, rates, costs } of peers) {
      const probe = await Probe.connect(peer.way(), desktop.password);
      await fullRate(probe, 300);
      const [before, from] = [await cpu(), probe.bytes];
      const { bytesPerSecond } = await fullRate(probe, 3_000);
      // Before its connection ends: websockify serves each in a process that ends with it.
      costs.push(((await cpu()) - before) / ((probe.bytes - from) / 1e9));
      probe.end();
      rates.push(bytesPerSecond / 1e6);
    }
  const [bare, other, ours] = peers.map(({ rates, costs }) => ({ rate: quantile(rates, 0.5), cost: quantile(costs, 0.5) }));
  if (bare === undefined || other === undefined || ours === undefined) throw new Error('a peer is missing');
  return [
    measurement('stream', 'full frames of 1920x1080, Raw (more is better)', ours.rate, 'MB/s', {
      name: 'websockify',
      value: other.rate,
    }),
    measurement('stream', 'the same (more is better)', ours.rate, 'MB/s', { name: 'direct', value: bare.rate }),
    measurement('stream', 'processor time for a gigabyte', ours.cost, 's', { name: 'websockify', value: other.cost }),
  ];
}

async function idleSuite(): Promise<readonly Measurement[]> {
  await using desktop = await startXvnc({ program: ECHO });
  await using websockify = await startWebsockify([desktop]);
  await using door = await startDoor([desktop]);
  const [other, ours] = [await idleCost(websockify, desktop), await idleCost(door, desktop)];
  return [
    measurement('stream', `RSS of an idle session, of ${IDLE}`, ours.rss, 'MiB', { name: 'websockify', value: other.rss }),
    measurement('stream', 'the same, shared pages divided (PSS)', ours.pss, 'MiB', { name: 'websockify', value: other.pss }),
  ];
}

async function idleCost(peer: Peer, desktop: Xvnc): Promise<{ readonly rss: number; readonly pss: number }> {
  const connected = async (count: number): Promise<readonly Probe[]> => {
    const probes: Probe[] = [];
    // One after another: Xvnc takes many that have not yet proved their password for an attack.
    while (probes.length < count) {
      const probe = await Probe.connect(peer.way(), desktop.password);
      await new Promise<void>((resolve) => {
        probe.onUpdate = resolve;
        probe.request(false);
      });
      probes.push(probe);
    }
    return probes;
  };
  // One before, so that what a process loads for its first session is not counted for each.
  const first = await connected(1);
  await wait(1_000);
  const before = await peer.cost();
  const probes = await connected(IDLE);
  await wait(5_000);
  const after = await peer.cost();
  for (const probe of [...first, ...probes]) probe.end();
  return { rss: (after.rss - before.rss) / IDLE, pss: (after.pss - before.pss) / IDLE };
}
