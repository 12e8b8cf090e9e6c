// What records, with a real Xvnc and real files.
import { generateKeyPairSync } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createDataKey } from '../../stream-gateway/recording/format/data-key.ts';
import { MANIFEST_FILE, signManifest } from '../../stream-gateway/recording/format/manifest.ts';
import { verifyRecording } from '../../stream-gateway/recording/format/verify.ts';
import { frameAt } from '../../stream-gateway/recording/playback/frame-at.ts';
import { replay } from '../../stream-gateway/recording/playback/replay.ts';
import type { RecorderOptions } from '../../stream-gateway/recording/recorder/session-recorder.ts';
import { fingerprint, RULES, sourceOf, spoolFacts, startRecording, temporaryFolder } from '../support/recording.ts';
import { startStreamServer } from '../support/stream-server.ts';
import { startXvnc } from '../support/xvnc.ts';

/** Prints as fast as it can be drawn, in colours. */
const BUSY = [
  'xterm',
  '-geometry',
  '80x30+0+0',
  '-e',
  '/bin/sh',
  '-c',
  'i=0; while :; do i=$((i+1)); printf "\\033[3$((i%8))mline %s of the program\\n" $i; sleep 0.05; done',
] as const;
const ORIGIN_TIMEOUT = { timeout: 20_000 };

test('what is recorded is what a viewer sees, over the edges of segments, encrypted or not', async () => {
  await using xvnc = await startXvnc({ program: BUSY });
  for (const encrypted of [false, true]) {
    await using folder = await temporaryFolder();
    const facts = spoolFacts();
    const { key, wrapped } = createDataKey(Buffer.alloc(32, 1), facts.id);
    const secret = encrypted ? { key } : {};
    await using world = await startRecording({
      ...{ root: folder.path, endpoint: xvnc, facts: { ...facts, encryption: encrypted ? wrapped : null } },
      ...secret,
    });
    await expect.poll(() => world.spool.segments.length, ORIGIN_TIMEOUT).toBeGreaterThanOrEqual(3);
    await world.recorder.stop('Complete');
    expect(world.spool.state).toBe('Complete');
    const source = sourceOf(world.spool, encrypted ? key : undefined);
    // One follows the other without a hole.
    for (const [index, segment] of source.segments.entries())
      expect(segment.startMs).toBe(source.segments[index - 1]?.endMs ?? segment.startMs);
    const pictures = new Set<string>();
    for await (const step of replay(source)) if (step.type === 'picture') pictures.add(fingerprint(step.framebuffer));
    expect(pictures.size).toBeGreaterThan(15);
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const files = {
      names: async () => (await readdir(world.spool.folder)).filter((name) => name.endsWith('.rec')),
      read: async (name: string) =>
        name === MANIFEST_FILE
          ? signManifest(world.spool.manifest(), privateKey)
          : await readFile(join(world.spool.folder, name)),
    };
    expect((await verifyRecording(files, [publicKey])).findings).toEqual([]);
  }
});

test('the last picture is the very one of the desktop', async () => {
  await using xvnc = await startXvnc();
  await using folder = await temporaryFolder();
  await using world = await startRecording({ root: folder.path, endpoint: xvnc });
  await using server = await startStreamServer({ desktop: () => xvnc });
  await using viewer = await server.connect('view', { redFirst: true });
  await viewer.until(() => viewer.pixels.some((byte) => byte !== 0), { what: 'the terminal' });
  await expect
    .poll(async () => {
      await world.recorder.stop('Complete');
      const frame = await frameAt(sourceOf(world.spool), Number.MAX_SAFE_INTEGER);
      return frame === undefined ? undefined : Buffer.compare(rgb(Buffer.from(frame.bytes)), rgb(viewer.pixels));
    }, ORIGIN_TIMEOUT)
    .toBe(0);
});

test('a desktop where nothing moves costs a few bytes', async () => {
  await using xvnc = await startXvnc({ program: ['xterm', '-geometry', '20x5+0+0', '-e', '/bin/sleep', '1000'] });
  await using folder = await temporaryFolder();
  await using world = await startRecording({ root: folder.path, endpoint: xvnc });
  await expect.poll(() => world.news.some(({ type }) => type === 'recording'), ORIGIN_TIMEOUT).toBe(true);
  await wait(6_000); // longer than several segments and one sign of life
  await world.recorder.stop('Complete');
  expect(world.spool.segments.length).toBeLessThanOrEqual(2);
  const last = world.spool.segments.at(-1);
  expect(last?.bytes).toBeLessThan(60_000);
  expect((last?.endMs ?? 0) - (last?.startMs ?? 0)).toBeGreaterThan(4_000);
});

test('a desktop that changes too much is recorded at fewer pictures a second, and the recording says so', async () => {
  await using xvnc = await startXvnc({ program: BUSY });
  await using folder = await temporaryFolder();
  const rules = { ...RULES, fps: 15, maxBytesPerSecond: 2_000, segmentSeconds: 30 };
  await using world = await startRecording({ root: folder.path, endpoint: xvnc, rules });
  await expect.poll(() => world.news.some(({ type }) => type === 'recording'), ORIGIN_TIMEOUT).toBe(true);
  await wait(5_000);
  await world.recorder.stop('Complete');
  const steps: string[] = [];
  let pictures = 0;
  for await (const step of replay(sourceOf(world.spool))) {
    if (step.type === 'picture') pictures += 1;
    else steps.push(step.event.type);
  }
  expect(steps).toContain('slowed');
  // Of the 75 that fifteen a second would be.
  expect(pictures).toBeLessThan(55);
});

test('keys and clipboards of a person are not in the recording, its marks are', async () => {
  await using xvnc = await startXvnc({ program: ['xterm', '-geometry', '20x5+0+0', '-e', '/bin/sleep', '1000'] });
  await using folder = await temporaryFolder();
  await using world = await startRecording({ root: folder.path, endpoint: xvnc });
  await expect.poll(() => world.news.some(({ type }) => type === 'recording'), ORIGIN_TIMEOUT).toBe(true);
  await expect
    .poll(() => {
      world.recorder.mark({ type: 'clipboard', direction: 'Up', bytes: 18 });
      return true;
    })
    .toBe(true);
  await using server = await startStreamServer({ desktop: () => xvnc });
  await using person = await server.connect('control');
  person.send(Buffer.concat([Buffer.from([6, 0, 0, 0, 0, 0, 0, 18]), Buffer.from('the secret is 4711')]));
  await wait(500);
  await world.recorder.stop('Complete');
  const events: unknown[] = [];
  for await (const step of replay(sourceOf(world.spool))) if (step.type === 'event') events.push(step.event);
  expect(events).toContainEqual({ type: 'clipboard', direction: 'Up', bytes: 18 });
  for (const { file } of world.spool.segments)
    expect((await readFile(join(world.spool.folder, file))).includes('4711')).toBe(false);
});

test('no mark is lost before the first picture or between two segments, and each has its time', async () => {
  await using xvnc = await startXvnc({
    program: ['xterm', '-e', '/bin/sh', '-c', 'i=0; while :; do i=$((i+1)); echo line $i; sleep 0.05; done'],
  });
  await using folder = await temporaryFolder();
  let ended = 0;
  // Told while the old segment is closed and the next has not begun.
  const told: RecorderOptions['told'] = ({ type }) => {
    if (type !== 'segment') return;
    ended += 1;
    world.recorder.mark({ type: 'joined', person: `after segment ${ended}` });
  };
  await using world = await startRecording({ root: folder.path, endpoint: xvnc, told });
  world.recorder.mark({ type: 'joined', person: 'at once' });
  await expect.poll(() => ended, { timeout: 30_000 }).toBeGreaterThanOrEqual(3);
  await world.recorder.stop('Complete');
  const people: { readonly person: string; readonly atMs: number }[] = [];
  for await (const step of replay(sourceOf(world.spool)))
    if (step.type === 'event' && step.event.type === 'joined') people.push({ person: step.event.person, atMs: step.atMs });
  expect(people.map(({ person }) => person).slice(0, 3)).toEqual(['at once', 'after segment 1', 'after segment 2']);
  for (const [index, { atMs }] of people.slice(1, 3).entries())
    expect(atMs).toBeGreaterThanOrEqual(world.spool.segments[index]?.endMs ?? 0);
});

function rgb(pixels: Buffer): Buffer {
  return Buffer.from(pixels.map((byte, index) => (index % 4 === 3 ? 255 : byte)));
}
