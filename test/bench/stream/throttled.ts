// What the page's automatic picture gains on a slow link: a film seen through the gateway and a link that does not carry it, with
// the picture sharp, automatic and low at the same time, each on a link of its own.
import { setTimeout as wait } from 'node:timers/promises';
import type { PictureChoice } from '../../../stream-gateway/web/src/stream/picture.ts';
import { startXvnc } from '../../support/xvnc.ts';
import { type Measurement, measurement, quantile } from '../result.ts';
import { VIDEO } from './content.ts';
import { PageViewer, type Seen } from './page-viewer.ts';
import { type Peer, startDoor } from './peers.ts';
import { type SlowLink, startThrottle } from './throttle.ts';

const LINKS: readonly (readonly [string, SlowLink])[] = [
  ['300 kB/s', { bytesPerSecond: 300_000, queueBytes: 96 * 1024, delayMs: 20 }],
  ['100 kB/s', { bytesPerSecond: 100_000, queueBytes: 64 * 1024, delayMs: 20 }],
];
const CHOICES = ['sharp', 'automatic', 'low'] as const satisfies readonly PictureChoice[];
/** Until the automatic picture has found its step. */
const SETTLING_MS = 25_000;
const MEASURED_MS = 30_000;

export async function throttledSuite(): Promise<readonly Measurement[]> {
  await using desktop = await startXvnc({ geometry: '1280x720', program: VIDEO });
  await using door = await startDoor([desktop]);
  const all = await Promise.all(LINKS.map(async ([name, link]) => compared(name, await seenThrough(door, link))));
  return all.flat();
}

async function seenThrough(door: Peer, link: SlowLink): Promise<ReadonlyMap<PictureChoice, Seen>> {
  await using throttle = await startThrottle(Number(new URL((await door.opening(0)).url).port), link);
  const viewers = new Map<PictureChoice, PageViewer>();
  for (const choice of CHOICES) {
    const { url, protocols } = await door.opening(0);
    const slow = new URL(url);
    slow.port = String(throttle.port);
    viewers.set(choice, await PageViewer.open(slow.href, protocols, choice));
  }
  await wait(SETTLING_MS);
  const asking = new AbortController();
  for (const viewer of viewers.values()) {
    viewer.begin();
    void viewer.keepAsking(asking.signal);
  }
  await wait(MEASURED_MS);
  const seen = new Map([...viewers].map(([choice, viewer]) => [choice, viewer.seen()]));
  asking.abort();
  for (const viewer of viewers.values()) viewer.end();
  return seen;
}

function compared(link: string, seen: ReadonlyMap<PictureChoice, Seen>): readonly Measurement[] {
  const figures: readonly (readonly [string, string, (seen: Seen) => number])[] = [
    ['round trip behind the picture, p50', 'ms', ({ roundTripsMs }) => quantile(roundTripsMs, 0.5)],
    ['round trip behind the picture, p95', 'ms', ({ roundTripsMs }) => quantile(roundTripsMs, 0.95)],
    ['question to the desktop, p50', 'ms', ({ answersMs }) => quantile(answersMs, 0.5)],
    ['question to the desktop, p95', 'ms', ({ answersMs }) => quantile(answersMs, 0.95)],
    ['updates a second (more is better)', '1/s', ({ updates, forMs }) => (1_000 * updates) / forMs],
    ['sent', 'kB/s', ({ bytes, forMs }) => bytes / forMs],
  ];
  const sharp = seen.get('sharp');
  if (sharp === undefined) throw new RangeError('there is no sharp picture');
  return [...seen]
    .filter(([choice]) => choice !== 'sharp')
    .flatMap(([choice, own]) =>
      figures.map(([name, unit, of]) =>
        measurement('stream', `film over ${link}, ${choice}: ${name}`, of(own), unit, { name: 'sharp', value: of(sharp) }),
      ),
    );
}
