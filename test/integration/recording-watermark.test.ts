// The watermark in what is recorded, with a real Xvnc.
import { expect, test } from 'vitest';
import type { BurnOptions } from '../../stream-gateway/pixels/burn/burner.ts';
import type { Framebuffer } from '../../stream-gateway/pixels/framebuffer.ts';
import { replay } from '../../stream-gateway/recording/playback/replay.ts';
import { burnt, bytesOf, colours } from '../support/burnt-picture.ts';
import { sourceOf, startRecording, temporaryFolder } from '../support/recording.ts';
import { startStreamServer } from '../support/stream-server.ts';
import { startXvnc } from '../support/xvnc.ts';

const BURN: BurnOptions = {
  watermark: { lines: ['member team-web/one', 'recording'], opacity: 0.3, position: 'tiled' },
  region: { x: 40, y: 30, width: 500, height: 300, unit: 'pixels', outside: 'black' },
};

/** In colours, for some seconds. */
const PRINTING = [
  'xterm',
  '-geometry',
  '80x30+0+0',
  '-e',
  '/bin/sh',
  '-c',
  'i=0; while [ $i -lt 100 ]; do i=$((i+1)); printf "\\033[3$((i%8))mline $i\\n"; sleep 0.05; done; sleep 600',
] as const;

function coloursOf({ pixels }: Framebuffer): Uint32Array {
  return pixels.map((pixel) => pixel & 0xffffff);
}

test('G-36 the very pixels of a recording are those of the desktop with the mark burnt in, and no segment has one without', async () => {
  await using xvnc = await startXvnc({ program: PRINTING });
  await using server = await startStreamServer({ desktop: () => xvnc });
  await using plain = await server.connect('control', { redFirst: true });
  await plain.until(() => plain.pixels.some((byte) => byte !== 0), { what: 'the terminal' });
  await using folder = await temporaryFolder();
  await using world = await startRecording({ root: folder.path, endpoint: xvnc, burn: BURN });
  await expect.poll(() => world.news.some(({ type }) => type === 'recording'), { timeout: 20_000 }).toBe(true);
  await expect.poll(() => world.spool.segments.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(2);
  // It has stopped printing, and the recorder has what it printed last.
  let before = '';
  const isStill = (): boolean => {
    const last = before;
    before = plain.frame;
    return last === before;
  };
  await expect.poll(isStill, { timeout: 30_000, interval: 2_000 }).toBe(true);
  await world.recorder.stop('Complete');

  const clean = bytesOf(colours(plain));
  let last: Buffer | undefined;
  for await (const step of replay(sourceOf(world.spool))) {
    if (step.type !== 'picture') continue;
    last = bytesOf(coloursOf(step.framebuffer));
    expect(last.equals(clean)).toBe(false);
  }
  expect(last?.equals(bytesOf(burnt(plain, BURN)))).toBe(true);
});
