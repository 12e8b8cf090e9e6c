// What a recording costs, and how long it takes to show a moment of one of an hour, cold: `node --conditions=source test/bench/recording.ts [text|video]`.
// A minute is recorded from a real Xvnc of 1920 by 1080 with the default rules; its segments are repeated until it is an hour. Each
// seek is one of 200 random moments, with no state of another seek; the operating system has the files in its cache.
import { link, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { segmentFile } from '../../stream-gateway/recording/format/manifest.ts';
import { frameAt } from '../../stream-gateway/recording/playback/frame-at.ts';
import { FolderStorage } from '../../stream-gateway/recording/storage/folder-storage.ts';
import { startRecording, temporaryFolder } from '../support/recording.ts';
import { startXvnc } from '../support/xvnc.ts';
import { measurement, quantile, table } from './result.ts';
import { VIDEO } from './stream/content.ts';

const PROGRAMS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  text: [
    'xterm',
    '-geometry',
    '300x80+0+0',
    '-e',
    '/bin/sh',
    '-c',
    'i=0; while :; do i=$((i+1)); ls -la /usr/bin | head -40; echo $i; sleep 0.5; done',
  ],
  video: VIDEO,
};
const RECORDED_MS = 60_000;
const HOUR_MS = 3_600_000;
const SEEKS = 200;

const workload = process.argv[2] ?? 'text';
await using xvnc = await startXvnc({ geometry: '1920x1080', program: PROGRAMS[workload] ?? ['xterm'] });
await using folder = await temporaryFolder();
const rules = { fps: 5, maxBytesPerSecond: 2 * 1024 * 1024, segmentSeconds: 60 };
await using world = await startRecording({ root: join(folder.path, 'spool'), endpoint: xvnc, rules });
const idle = process.cpuUsage();
await wait(RECORDED_MS);
await world.recorder.stop('Complete');
const recording = process.cpuUsage(idle);
const recorded = world.spool.segments;
const lengthMs = (recorded.at(-1)?.endMs ?? 0) - (recorded[0]?.startMs ?? 0);

await mkdir(join(folder.path, 'hour'));
const segments: { file: string; startMs: number; endMs: number; bytes: number }[] = [];
for (let offset = 0, number = 1; offset < HOUR_MS; offset += lengthMs)
  for (const { file, startMs, endMs, bytes } of recorded) {
    const name = segmentFile(number);
    await link(join(world.spool.folder, file), join(folder.path, 'hour', name));
    segments.push({ file: name, startMs: startMs + offset, endMs: endMs + offset, bytes });
    number += 1;
  }
const storage = new FolderStorage(folder.path);
const { signal } = new AbortController();
const tookMs: number[] = [];
const cpuMs: number[] = [];
let reads = 0;
let files = 0;
for (let seek = 0; seek < SEEKS; seek += 1) {
  const seen = new Set<string>();
  const ms = Math.floor(Math.random() * HOUR_MS);
  const cpu = process.cpuUsage();
  const before = performance.now();
  await frameAt(
    {
      segments,
      read: (file, range) => {
        seen.add(file);
        reads += 1;
        return storage.get(`hour/${file}`, { signal, range });
      },
    },
    ms,
  );
  tookMs.push(performance.now() - before);
  const { user, system } = process.cpuUsage(cpu);
  cpuMs.push((user + system) / 1_000);
  files = Math.max(files, seen.size);
}
const megabytes = recorded.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
process.stdout.write(
  `${table([
    measurement(workload, 'MB an hour', (megabytes * HOUR_MS) / lengthMs, 'MB'),
    measurement(workload, 'CPU of recording an hour', (((recording.user + recording.system) / 1e6) * HOUR_MS) / lengthMs, 's'),
    measurement(workload, 'segments in the hour', segments.length, ''),
    measurement(workload, 'cold seek p50', quantile(tookMs, 0.5), 'ms'),
    measurement(workload, 'cold seek p95', quantile(tookMs, 0.95), 'ms'),
    measurement(workload, 'cold seek max', quantile(tookMs, 1), 'ms'),
    measurement(workload, 'CPU of a seek p50', quantile(cpuMs, 0.5), 'ms'),
    measurement(workload, 'CPU of a seek p95', quantile(cpuMs, 0.95), 'ms'),
    measurement(workload, 'segments read at most', files, ''),
    measurement(workload, 'range reads a seek', reads / SEEKS, ''),
  ])}\n`,
);
