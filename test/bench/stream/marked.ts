// What a watermark costs: the same frames through the pixel path.
import { startXvnc } from '../../support/xvnc.ts';
import { type Measurement, measurement, quantile } from '../result.ts';
import { ECHO } from './content.ts';
import { fullRate, keyLatencies } from './measures.ts';
import { direct, startDoor } from './peers.ts';
import { Probe } from './probe.ts';
import { WITH_MARK } from './rules.ts';

export async function markedSuite(): Promise<readonly Measurement[]> {
  await using desktop = await startXvnc({ geometry: '1920x1080', program: ECHO });
  await using door = await startDoor([desktop], { rules: WITH_MARK });
  const probe = await Probe.connect(door.way(), desktop.password);
  await fullRate(probe, 1_000);
  const [before, updates] = [await door.cost(), probe.updates];
  const { framesPerSecond } = await fullRate(probe, 5_000);
  const cpu = ((await door.cost()).cpuSeconds - before.cpuSeconds) / (probe.updates - updates);
  probe.end();
  const marked = await Probe.connect(door.way(), desktop.password);
  const bare = await Probe.connect(direct([desktop]).way(), desktop.password);
  const [ours, other] = [(await keyLatencies(marked, 120)).slice(20), (await keyLatencies(bare, 120)).slice(20)];
  for (const each of [marked, bare]) each.end();
  return [
    measurement('stream', 'watermark: whole frames of 1920x1080 a second (more is better)', framesPerSecond, 'frames'),
    measurement('stream', 'watermark: processor time of a whole frame', 1000 * cpu, 'ms'),
    measurement('stream', 'watermark: key to update, p50', quantile(ours, 0.5), 'ms', {
      name: 'direct',
      value: quantile(other, 0.5),
    }),
  ];
}
