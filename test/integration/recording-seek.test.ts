// Any moment of a recording, out of the middle, with a real Xvnc.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frameAt } from '../../stream-gateway/recording/playback/frame-at.ts';
import { replay } from '../../stream-gateway/recording/playback/replay.ts';
import { quantile } from '../bench/result.ts';
import { fingerprint, sourceOf, startRecording, temporaryFolder } from '../support/recording.ts';
import { startXvnc } from '../support/xvnc.ts';

/** Two terminals in colours: one that scrolls, one that is small and fast. */
const BUSY = [
  '/bin/sh',
  '-c',
  'xterm -geometry 100x40+0+0 -e sh -c "i=0; while :; do i=\\$((i+1)); printf \\"\\\\033[3\\$((i%8))mline %s of it\\\\n\\" \\$i; sleep 0.03; done" & xterm -geometry 20x3+700+600 -e sh -c "while :; do date +%N; sleep 0.01; done"',
] as const;

test('G-57 any moment is pixel-identical to linear replay, read from one segment, and found in less than 300 ms', async () => {
  await using xvnc = await startXvnc({ program: BUSY, geometry: '1280x720' });
  await using folder = await temporaryFolder();
  await using world = await startRecording({ root: folder.path, endpoint: xvnc });
  await expect.poll(() => world.spool.segments.length, { timeout: 40_000 }).toBeGreaterThanOrEqual(8);
  await world.recorder.stop('Complete');
  const source = sourceOf(world.spool);
  const states: { readonly atMs: number; readonly picture: string }[] = [];
  for await (const step of replay(source))
    if (step.type === 'picture') states.push({ atMs: step.atMs, picture: fingerprint(step.framebuffer) });
  const startMs = source.segments[0]?.startMs ?? 0;
  const endMs = source.segments.at(-1)?.endMs ?? 0;
  expect(new Set(states.map(({ picture }) => picture)).size).toBeGreaterThan(20);

  const tookMs: number[] = [];
  const edges = source.segments
    .flatMap((segment) => [segment.startMs, segment.startMs - 1, segment.endMs])
    .filter((ms) => ms >= startMs);
  const moments = fc.sample(fc.integer({ min: startMs, max: endMs + 1_000 }), 20);
  for (const ms of [...moments, ...edges]) {
    source.reads.length = 0;
    const before = performance.now();
    const frame = await frameAt(source, ms);
    tookMs.push(performance.now() - before);
    const expected = states.findLast(({ atMs }) => atMs <= ms);
    expect(frame && fingerprint(frame) === expected?.picture, `at ${ms} ms`).toBe(true);
    expect(new Set(source.reads).size).toBe(1);
  }
  expect(quantile(tookMs, 0.95)).toBeLessThan(300);
  expect(await frameAt(source, startMs - 1)).toBeUndefined();
});
