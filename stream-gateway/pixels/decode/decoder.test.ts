import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutsOf } from '../../rfb/fixtures/cuts.ts';
import { type Capture, readCaptures } from '../../rfb/fixtures/read-capture.ts';
import { NoVncScreen } from '../fixtures/novnc-screen.ts';
import { OurScreen } from '../fixtures/our-screen.ts';

const THEN_RAW = readCaptures(join(import.meta.dirname, '../fixtures'));
const CAPTURES = [...readCaptures(), ...THEN_RAW];
/** noVNC reads 32 bits only. */
const WIDE = CAPTURES.filter(
  (capture) => capture.negotiation().pixelFormat.bitsPerPixel === 32 && !capture.name.includes('endian'),
);

function drawn(capture: Capture, chunks: readonly Buffer[] = [capture.bytes]): Uint32Array {
  const screen = new OurScreen(capture.negotiation());
  for (const chunk of chunks) screen.receive(chunk);
  screen.close();
  return screen.framebuffer.pixels;
}

const same = (one: Uint32Array, other: Uint32Array): boolean => Buffer.from(one.buffer).equals(Buffer.from(other.buffer));

/** The captures were made in the server's own format, blue first, which noVNC does not know; only Tight has its own order. */
const swapped = (pixel: number): number => ((pixel & 0xff00ff00) | ((pixel & 0xff) << 16) | ((pixel >>> 16) & 0xff)) >>> 0;

test.each(WIDE)('what a real Xvnc sent is drawn as noVNC draws it ($name)', async (capture) => {
  const theirs = await NoVncScreen.open(capture.negotiation());
  const ours = new OurScreen(capture.negotiation());
  const colours = new Set<number>();
  let tight = false;
  for (let at = 0; at < capture.bytes.length; at += 2_000) {
    const chunk = capture.bytes.subarray(at, at + 2_000);
    theirs.receive(chunk);
    ours.receive(chunk);
    for (const pixel of ours.framebuffer.pixels) colours.add(pixel);
    tight ||= ours.rectangles.some(({ encoding }) => encoding === 7);
    // With Tight noVNC would mix the server's own order (blue first) with that of Tight; then-raw looks after that.
    if (tight && ours.rectangles.some(({ encoding }) => encoding === 0)) break;
    expect(same(theirs.pixels, tight ? ours.framebuffer.pixels : ours.framebuffer.pixels.map(swapped)), `at ${at}`).toBe(true);
  }
  ours.close();
  expect(colours.size).toBeGreaterThan(100);
});

test.each(THEN_RAW)('what was drawn is what the desktop then sends as Raw ($name)', (capture) => {
  const screen = new OurScreen(capture.negotiation());
  let before: Uint32Array | undefined;
  let rawPixels = 0;
  screen.onRectangle = ({ encoding, width, height }) => {
    if (encoding !== 0) return;
    before ??= screen.framebuffer.pixels.slice();
    rawPixels += width * height;
  };
  screen.receive(capture.bytes);
  screen.close();
  expect(rawPixels).toBe(240 * 160);
  expect(new Set(before).size).toBeGreaterThan(60);
  expect(before !== undefined && same(screen.framebuffer.pixels, before)).toBe(true);
});

test.each(CAPTURES)('G-07 a stream cut at any place draws the same picture ($name)', (capture) => {
  const whole = drawn(capture);
  fc.assert(
    fc.property(cutsOf(capture.bytes), (chunks) => {
      expect(same(drawn(capture, chunks), whole)).toBe(true);
    }),
    { numRuns: 5 },
  );
});
