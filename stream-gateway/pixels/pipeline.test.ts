import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { ENCODING, setEncodings } from '../rfb/encodings.ts';
import { singles } from '../rfb/fixtures/cuts.ts';
import type { BurnOptions } from './burn/burner.ts';
import { rectangleHeader } from './encode/rectangle-encoder.ts';
import { difference, type Stroke, samePixels, strokesOn } from './fixtures/pictures.ts';
import { burnt, ScriptedSession, TIGHT_LOSSLESS } from './fixtures/scripted-session.ts';
import { PINNED_FORMAT_BYTES, pinnedServerInit } from './pinned-format.ts';
import { PixelPipeline } from './pipeline.ts';

const WIDTH = 200;
const HEIGHT = 150;
const SIZE = { width: WIDTH, height: HEIGHT };
const MARK: BurnOptions = { watermark: { lines: ['ann@example.org', '12:00'], opacity: 0.3, position: 'tiled' } };
const LATER: BurnOptions = { watermark: { lines: ['ann@example.org', '12:01'], opacity: 0.3, position: 'tiled' } };
const whole = (texture: Stroke['texture'], seed = 1): Stroke => ({ x: 0, y: 0, width: WIDTH, height: HEIGHT, texture, seed });

async function running(burn: BurnOptions = MARK, encodings?: readonly number[]): Promise<ScriptedSession> {
  const session = await ScriptedSession.open(SIZE, burn, encodings);
  session.desktop.stroke(whole('few'));
  session.request({ incremental: false });
  session.settle();
  return session;
}

type Step =
  | { readonly kind: 'stroke'; readonly stroke: Stroke }
  | { readonly kind: 'copy'; readonly fromX: number; readonly fromY: number; readonly toX: number; readonly toY: number }
  | { readonly kind: 'mark'; readonly minute: number }
  | { readonly kind: 'request'; readonly incremental: boolean };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: strokesOn(WIDTH, HEIGHT).map((stroke): Step => ({ kind: 'stroke', stroke })) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.nat(100), fc.nat(70), fc.nat(100), fc.nat(70))
        .map(([fromX, fromY, toX, toY]): Step => ({ kind: 'copy', fromX, fromY, toX, toY })),
    },
    { weight: 1, arbitrary: fc.nat(59).map((minute): Step => ({ kind: 'mark', minute })) },
    { weight: 2, arbitrary: fc.boolean().map((incremental): Step => ({ kind: 'request', incremental })) },
  ),
  { maxLength: 12 },
);

test.each([
  ['Tight without loss', TIGHT_LOSSLESS],
  ['ZRLE', [ENCODING.zrle]],
  ['Raw', [ENCODING.raw]],
])('G-36 whatever the desktop draws and moves, noVNC shows it with the mark and nothing else: %s', async (_name, encodings) => {
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      let burn = MARK;
      const session = await ScriptedSession.open(SIZE, burn, encodings);
      session.request({ incremental: false });
      session.settle();
      for (const step of [...list, { kind: 'request', incremental: true } as const]) {
        if (step.kind === 'stroke') session.desktop.stroke(step.stroke);
        if (step.kind === 'copy')
          session.desktop.copy(step.fromX, step.fromY, { x: step.toX, y: step.toY, width: 90, height: 80 });
        if (step.kind === 'mark') {
          burn = { watermark: { lines: ['ann@example.org', `12:${step.minute}`], opacity: 0.3, position: 'tiled' } };
          session.apply(session.pipeline.setBurn(burn));
        }
        if (step.kind === 'request') session.request({ incremental: step.incremental });
        session.settle();
      }
      // A request may have been answered with the new mark alone; this one brings the rest.
      session.request();
      session.settle();
      session.pipeline.close();
      expect(difference(session.browser.display.framebuffer, session.expected(burn))).toBe('');
      expect(samePixels(session.browser.display.framebuffer, session.desktop.screen)).toBe(false);
      expect(session.browser.rectangles.filter(({ encoding }) => encoding === ENCODING.copyRect)).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

test('a browser may change what it asks for, and back', async () => {
  const session = await running(MARK, [...TIGHT_LOSSLESS, ENCODING.zrle, -32]);
  const all = [[7, -254], [16], [7, -249], [0], [16, -250], [7, -32 + 9], [7, -254]];
  for (const [seed, encodings] of all.entries()) {
    session.fromBrowser('setEncodings', setEncodings(encodings));
    for (const texture of ['two', 'few', 'noise'] as const) {
      session.desktop.stroke(whole(texture, seed));
      session.request();
      session.settle();
      if (encodings.every((encoding) => encoding < -32 || encoding >= 0))
        expect(difference(session.browser.display.framebuffer, session.expected(MARK))).toBe('');
    }
  }
});

test('a desktop that answers with its size alone is not asked for the whole picture again and again', () => {
  const pipeline = new PixelPipeline({ ...SIZE, burn: MARK });
  pipeline.start();
  pipeline.fromBrowser({ name: 'setEncodings', bytes: setEncodings([7, ENCODING.extendedDesktopSize]) });
  const request = Buffer.from([3, 0, 0, 0, 0, 0, 0, WIDTH, 0, HEIGHT]);
  const whole = pipeline.fromBrowser({ name: 'framebufferUpdateRequest', bytes: request }).toDesktop;
  expect(whole.map((bytes) => bytes.subarray(0, 2).toString('hex'))).toEqual(['0300']);
  expect(whole[0]?.buffer.byteLength).toBe(10); // may be transferred to another thread
  const size = rectangleHeader({ x: 0, y: 0, width: WIDTH, height: HEIGHT }, ENCODING.extendedDesktopSize);
  const answer = pipeline.fromDesktop(Buffer.concat([Buffer.from([0, 0, 0, 1]), size, Buffer.alloc(4)]));
  expect(answer.toBrowser[0]?.bytes.buffer.byteLength).toBe(20);
  expect(answer.toBrowser.map(({ bytes }) => bytes.subarray(4, 16))).toEqual([size]);
  const next = pipeline.fromBrowser({ name: 'framebufferUpdateRequest', bytes: request }).toDesktop;
  expect(next.map((bytes) => bytes.subarray(0, 2).toString('hex'))).toEqual(['0301']);
  pipeline.close();
});

test('G-36 the time of a mark goes on while the desktop shows nothing new', async () => {
  const session = await running();
  session.request();
  const updates = session.updates.length;
  session.apply(session.pipeline.setBurn(LATER));
  expect(session.updates.length).toBe(updates + 1);
  expect(difference(session.browser.display.framebuffer, session.expected(LATER))).toBe('');
  // Only what the mark touches was sent again.
  expect(session.updates.at(-1)?.length).toBeLessThan(session.updates[0]?.length ?? 0);
});

test('a mark that goes elsewhere, or goes, leaves nothing behind', async () => {
  const session = await running();
  const corner: BurnOptions = { watermark: { lines: ['bob'], opacity: 0.5, position: 'bottomRight' } };
  const region: BurnOptions = { region: { unit: 'percent', x: 0, y: 0, width: 50, height: 50, outside: 'black' } };
  for (const burn of [corner, MARK, {}, region, corner, {}]) {
    session.request();
    session.apply(session.pipeline.setBurn(burn));
    expect(difference(session.browser.display.framebuffer, session.expected(burn))).toBe('');
  }
});

test('G-36 with JPEG the mark is still read in what noVNC shows', async () => {
  const session = await running(MARK, [ENCODING.tight, -32 + 6]);
  session.desktop.stroke(whole('many', 2));
  session.request();
  session.settle();
  const shown = session.browser.display.framebuffer;
  const expected = session.expected(MARK);
  const far = (one: typeof shown, other: typeof shown): number =>
    one.bytes.reduce((sum, byte, index) => sum + Math.abs(byte - (other.bytes[index] ?? 0)), 0) / one.bytes.length;
  expect(session.updates.some((update) => update.includes(Buffer.from([0xff, 0xd8, 0xff])))).toBe(true);
  expect(far(shown, expected)).toBeLessThan(far(shown, session.desktop.screen));
});

test('outside the visible region nothing of the desktop reaches the browser', async () => {
  for (const outside of ['black', 'mosaic'] as const) {
    const burn: BurnOptions = { region: { unit: 'pixels', x: 50, y: 40, width: 60, height: 30, outside } };
    const session = await running(burn);
    const before = session.updates.length;
    session.request();
    session.desktop.stroke({ x: 120, y: 100, width: 1, height: 1, texture: 'plain', seed: 9 });
    if (outside === 'black') {
      session.settle();
      // Not even that something has changed there is told.
      expect(session.updates.length).toBe(before);
    }
    session.desktop.stroke(whole('noise', 3));
    session.settle();
    const shown = session.browser.display.framebuffer;
    expect(difference(shown, burnt(session.desktop.screen, burn))).toBe('');
    let same = 0;
    for (let index = 0; index < shown.pixels.length; index += 1)
      if (shown.pixels[index] === session.desktop.screen.pixels[index]) same += 1;
    expect(same).toBeGreaterThanOrEqual(60 * 30);
    expect(same).toBeLessThan(60 * 30 + 30); // noise meets black or a mean by chance only
  }
});

test('a browser without room is not encoded for, and the desktop is not asked', async () => {
  const session = await running();
  const updates = session.updates.length;
  session.apply(session.pipeline.setRoom(false));
  session.request();
  const asked = session.desktop.received.length;
  session.desktop.stroke(whole('noise'));
  session.settle();
  expect([session.updates.length, session.desktop.received.length]).toEqual([updates, asked]);
  for (let seed = 0; seed < 5; seed += 1) session.desktop.stroke(whole('few', seed));
  session.apply(session.pipeline.setRoom(true));
  session.settle();
  expect(session.updates.length).toBe(updates + 1); // five frames were skipped
  expect(difference(session.browser.display.framebuffer, session.expected(MARK))).toBe('');
});

test('the desktop is asked once for each request of the browser, and not before it', async () => {
  const session = await running();
  const requests = (): number => session.desktop.received.filter((name) => name === 'framebufferUpdateRequest').length;
  const before = requests();
  session.request();
  session.request();
  session.request();
  expect(requests()).toBe(before + 1);
  session.desktop.stroke(whole('few', 7));
  session.settle();
  expect(requests()).toBe(before + 1);
});

test('unchanged pixels are not sent twice, unless the browser asks for all', async () => {
  const session = await running();
  session.request();
  session.desktop.stroke(whole('few')); // the same picture again
  const updates = session.updates.length;
  session.settle();
  expect(session.updates.length).toBe(updates);
  session.request({ incremental: false });
  expect(session.updates.length).toBe(updates + 1);
  const pixels = session.browser.rectangles.slice(-100).reduce((sum, { width, height }) => sum + width * height, 0);
  expect(pixels).toBeGreaterThanOrEqual(WIDTH * HEIGHT);
});

test('after another size the browser gets the size first, then all of the new picture with its mark', async () => {
  const session = await running();
  session.request();
  session.desktop.send({ x: 0, y: 0, width: 8, height: 1 }, ENCODING.cursor, Buffer.alloc(8 * 4 + 1));
  session.desktop.resize(320, 100);
  session.desktop.stroke({ x: 0, y: 0, width: 320, height: 100, texture: 'few', seed: 4 });
  session.settle();
  expect(session.browser.rectangles.slice(-2)).toMatchObject([
    { encoding: ENCODING.desktopSize, width: 320, height: 100 },
    { encoding: ENCODING.cursor },
  ]);
  session.request();
  session.settle();
  expect(difference(session.browser.display.framebuffer, session.expected(MARK))).toBe('');
});

test('a cursor passes as it is; one that could hold a screen does not', async () => {
  const session = await running();
  const cursor = Buffer.alloc(16 * 16 * 4 + 2 * 16, 7);
  session.request();
  session.desktop.send({ x: 1, y: 2, width: 16, height: 16 }, ENCODING.cursor, cursor);
  session.settle();
  expect(session.updates.at(-1)?.includes(cursor)).toBe(true);
  const updates = session.updates.length;
  session.request();
  session.desktop.send({ x: 0, y: 0, width: 97, height: 8 }, ENCODING.cursor, Buffer.alloc(97 * 8 * 4 + 13 * 8));
  session.settle();
  expect(session.updates.length).toBe(updates);
});

test('G-09 G-10 an update without rectangles and one that ends with LastRect are followed by what comes next', async () => {
  const session = await running();
  session.request();
  session.apply(session.pipeline.fromDesktop(Buffer.from([0, 0, 0, 0, 2])));
  expect(session.others).toEqual(['bell']);
  const pixel = Buffer.from([0, 5, 0, 6, 0, 1, 0, 1, 0, 0, 0, 0, 1, 2, 3, 0]);
  const last = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x20]);
  session.apply(session.pipeline.fromDesktop(Buffer.concat([Buffer.from([0, 0, 0xff, 0xff]), pixel, last])));
  session.desktop.screen.fillRect({ x: 5, y: 6, width: 1, height: 1 }, 0xff030201);
  expect(difference(session.browser.display.framebuffer, session.expected(MARK))).toBe('');
});

test('G-01 byte by byte it does the same', async () => {
  const cut = await ScriptedSession.open(SIZE, MARK, TIGHT_LOSSLESS, singles);
  cut.desktop.stroke(whole('few'));
  cut.request({ incremental: false });
  cut.settle();
  const session = await running();
  expect(cut.updates).toEqual(session.updates);
});

test('what is not about pixels goes on to the desktop, and extensions that would push pixels do not', async () => {
  const all = [7, 16, -32, -223, -224, -239, -258, -260, -308, -312, -313, -316, 0xc0a1e5ce | 0];
  const session = await running(MARK, all);
  const count = session.desktop.received.length;
  session.fromBrowser('keyEvent', Buffer.from([4, 1, 0, 0, 0, 0, 0, 65]));
  session.fromBrowser('enableContinuousUpdates', Buffer.from([150, 1, 0, 0, 0, 0, 0, 9, 0, 9]));
  session.fromBrowser('clientFence', Buffer.from([248, 0, 0, 0, 0, 0, 0, 0, 0]));
  session.fromBrowser('setPixelFormat', Buffer.concat([Buffer.alloc(4), PINNED_FORMAT_BYTES]));
  expect(session.desktop.received.slice(count)).toEqual(['keyEvent']);
  for (const never of [ENCODING.fence, ENCODING.continuousUpdates, ENCODING.tightPng])
    expect(session.desktop.encodings).not.toContain(never);
  for (const passed of [ENCODING.tight, ENCODING.cursor, ENCODING.qemuKeyEvent, ENCODING.extendedClipboard])
    expect(session.desktop.encodings).toContain(passed);
  session.request();
  session.desktop.send({ x: 0, y: 0, width: 0, height: 0 }, ENCODING.qemuKeyEvent, Buffer.alloc(0));
  session.settle();
  expect(session.confirmed).toEqual(['qemuKeyEvent']);
});

test('another pixel format than the pinned one ends the stream', () => {
  const pipeline = new PixelPipeline({ ...SIZE, burn: MARK });
  const other = Buffer.from([0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]);
  expect(() => pipeline.fromBrowser({ name: 'setPixelFormat', bytes: other })).toThrow(/RfbMalformed|pixel format/);
  const init = Buffer.concat([Buffer.from([0, 200, 0, 150]), other.subarray(4), Buffer.from([0, 0, 0, 1, 65])]);
  expect(pinnedServerInit(init).subarray(4, 20).equals(PINNED_FORMAT_BYTES)).toBe(true);
});

test('whatever a desktop sends ends in our error or in pixels', async () => {
  const session = await running();
  const first = session.updates[0] ?? Buffer.alloc(0);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(first.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }),
      fc.uint8Array({ maxLength: 300 }),
      (changes, tail) => {
        const bytes = Buffer.concat([first, tail]);
        for (const [at, to] of changes) bytes[at] = to;
        const pipeline = new PixelPipeline({ ...SIZE, burn: MARK });
        pipeline.start();
        try {
          pipeline.fromDesktop(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(StreamSpaceError);
        }
        pipeline.close();
      },
    ),
    { numRuns: 300 },
  );
});
