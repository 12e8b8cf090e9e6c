// A browser that reads 1 kB a second while its desktop changes all the time: what the gateway keeps for it, and whether its
// input still works.
import { setTimeout as wait } from 'node:timers/promises';
import { startXvnc } from '../../support/xvnc.ts';
import { type Measurement, measurement } from '../result.ts';
import { ECHO } from './content.ts';
import { startDoor } from './peers.ts';
import { Probe } from './probe.ts';

const SECONDS = 60;
const CHUNK = 1024;

export async function slowReaderSuite(): Promise<readonly Measurement[]> {
  await using desktop = await startXvnc({ geometry: '1920x1080', program: ECHO });
  await using door = await startDoor([desktop]);
  const eye = await Probe.connect(door.way(), desktop.password);
  await new Promise<void>((resolve) => {
    eye.onUpdate = resolve;
    eye.request(false);
  });
  const slow = await Probe.connect(door.way(), desktop.password);
  await wait(1_000);
  const before = (await door.cost()).rss;
  // Paused and let go again: what the socket of the slow one has taken is bounded by the kernel, what the gateway keeps by us.
  slow.transport.pause();
  let most = 0;
  let latency = 0;
  let read = slow.bytes;
  const from = performance.now();
  while (performance.now() - from < SECONDS * 1000) {
    slow.request(false);
    if (slow.bytes - read < ((performance.now() - from) / 1000) * CHUNK) {
      slow.transport.resume();
      await wait(1);
      slow.transport.pause();
    }
    latency = Math.max(latency, await keyOf(slow, eye));
    most = Math.max(most, (await door.cost()).rss);
    await wait(200);
  }
  read = slow.bytes - read;
  for (const probe of [slow, eye]) probe.end();
  return [
    measurement(
      'stream',
      `RSS that the gateway gains by a reader of ${Math.round(read / SECONDS / 102.4) / 10} kB/s`,
      most - before,
      'MiB',
    ),
    measurement('stream', 'the longest time from its key to the picture of another', latency, 'ms'),
  ];
}

/** A key of the one, seen in the picture of the other. */
async function keyOf(pressing: Probe, seeing: Probe): Promise<number> {
  const from = performance.now();
  const seen = new Promise<void>((resolve) => {
    seeing.onUpdate = resolve;
  });
  seeing.request(true);
  pressing.press(0x61);
  await seen;
  return performance.now() - from;
}
