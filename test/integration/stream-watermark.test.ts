// A watermark and a visible region in the pixels that leave the gateway, with a real Xvnc. The desktop itself is looked at
// by a second client of the same Xvnc, which no policy limits.
import { expect, test } from 'vitest';
import type { MergedDlpRules, MergedRegion, MergedWatermark } from '../../schemas/kinds/policies/dlp-rules.ts';
import type { BurnOptions } from '../../stream-gateway/pixels/burn/burner.ts';
import { regionOf } from '../../stream-gateway/stream/pixels/burn-of-policy.ts';
import { burnt, bytesOf, colours } from '../support/burnt-picture.ts';
import { ALL_EXTENSIONS, type RfbClient } from '../support/rfb-client.ts';
import { OPEN_RULES, type StreamServer, startStreamServer } from '../support/stream-server.ts';
import { startXvnc, type Xvnc } from '../support/xvnc.ts';

const MARK: MergedWatermark = {
  text: '{user} {session}\n{address}',
  opacityPercent: 30,
  position: 'Tiled',
  refreshSeconds: 60,
};
const LINES = ['member team-web/one', '127.0.0.1'];
const RED_FIRST = { redFirst: true } as const;
const rulesWith = (more: Pick<MergedDlpRules, 'watermark' | 'region'>): MergedDlpRules => ({ ...OPEN_RULES, ...more });

interface Desk extends AsyncDisposable {
  readonly xvnc: Xvnc;
  readonly marked: StreamServer;
  readonly open: StreamServer;
  /** Of the desktop as it is. */
  readonly plain: RfbClient;
}
async function desk(rules: MergedDlpRules, program?: readonly [string, ...string[]]): Promise<Desk> {
  const xvnc = await startXvnc(program === undefined ? {} : { program });
  const marked = await startStreamServer({ desktop: () => xvnc, rules });
  const open = await startStreamServer({ desktop: () => xvnc });
  const plain = await open.connect('control', RED_FIRST);
  // Nobody moves the pointer: Xvnc would draw it into the picture of everybody else.
  await plain.until(() => plain.pixels.some((byte) => byte !== 0), { what: 'the terminal' });
  return {
    ...{ xvnc, marked, open, plain },
    async [Symbol.asyncDispose]() {
      await plain[Symbol.asyncDispose]();
      await marked[Symbol.asyncDispose]();
      await open[Symbol.asyncDispose]();
      await xvnc[Symbol.asyncDispose]();
    },
  };
}

const BURN: BurnOptions = { watermark: { lines: LINES, opacity: 0.3, position: 'tiled' } };

/** The very pixels: no piece of the mark was dragged along, and none is missing. */
async function untilBurnt(client: RfbClient, plain: RfbClient, burn: BurnOptions = BURN): Promise<void> {
  await expect.poll(() => Buffer.compare(bytesOf(colours(client)), bytesOf(burnt(plain, burn))), { timeout: 15_000 }).toBe(0);
}

/** Parts of the screen, 4 by 4, in which both clients show the same. */
function sameParts(a: RfbClient, b: RfbClient): readonly string[] {
  const differing = new Set<string>();
  const [left, right] = [colours(a), colours(b)];
  for (const [at, colour] of left.entries())
    if (colour !== right[at])
      differing.add(`${Math.floor((4 * (at % a.width)) / a.width)} ${Math.floor((4 * Math.floor(at / a.width)) / a.height)}`);
  return Array.from({ length: 16 }, (_, index) => `${index % 4} ${Math.floor(index / 4)}`).filter((part) => !differing.has(part));
}

test('G-36 the mark is in the pixels of every part of the screen while the desktop is plain, and stays sharp on what moves', async () => {
  await using here = await desk(rulesWith({ watermark: MARK }));
  await using client = await here.marked.connect('control', RED_FIRST);
  await untilBurnt(client, here.plain);
  expect(sameParts(client, here.plain)).toEqual([]);
  expect(here.plain.frame).not.toBe(client.frame);
  // Input goes on as before; what it prints scrolls, which the desktop sends as CopyRect.
  const before = here.plain.frame;
  client.type('seq 1 200\n');
  await here.plain.waitForChange(before);
  await untilBurnt(client, here.plain);
  client.type('seq 300 320\n');
  await untilBurnt(client, here.plain);
});

test('G-36 whatever a viewer announces, fences and continuous updates too, it gets the marked pixels; keys of who looks on stay out', async () => {
  await using here = await desk(rulesWith({ watermark: MARK }));
  await using client = await here.marked.connect('view', { ...RED_FIRST, encodings: ALL_EXTENSIONS });
  await untilBurnt(client, here.plain);
  expect(client.confirmed.has(-312) || client.confirmed.has(-313)).toBe(false);
  const before = here.plain.frame;
  client.type('exit\n');
  client.requestUpdate({ incremental: false });
  await expect.poll(() => here.marked.denied.get('keyEvent/viewOnly')).toBe(10);
  await untilBurnt(client, here.plain);
  expect(here.plain.frame).toBe(before);
});

test('G-36 at another size of the screen the mark is drawn anew', async () => {
  await using here = await desk(rulesWith({ watermark: MARK }));
  await using client = await here.marked.connect('control', { ...RED_FIRST, encodings: ALL_EXTENSIONS });
  await untilBurnt(client, here.plain);
  await client.until(() => client.confirmed.has(-308), { what: 'sizes' });
  const size = Buffer.alloc(24);
  size.writeUInt8(251, 0);
  for (const [offset, value] of [
    [2, 800],
    [4, 600],
    [16, 800],
    [18, 600],
  ] as const)
    size.writeUInt16BE(value, offset);
  size.writeUInt8(1, 6);
  client.send(size);
  await client.until(() => client.width === 800 && here.plain.width === 800, { what: 'the other size' });
  await untilBurnt(client, here.plain);
});

test('P-08-1 outside the visible region everything is black', async () => {
  const region: MergedRegion = { left: 100, top: 50, width: 300, height: 200 };
  await using here = await desk(rulesWith({ region }));
  await using client = await here.marked.connect('control', RED_FIRST);
  await untilBurnt(client, here.plain, { region: regionOf(region) });
  const lit = [...colours(client).entries()].filter(([, colour]) => colour !== 0).map(([at]) => [at % 640, Math.floor(at / 640)]);
  expect(lit.length).toBeGreaterThan(1_000);
  expect(lit.every(([x = 0, y = 0]) => x >= 100 && x < 400 && y >= 50 && y < 250)).toBe(true);
});

test('G-32 another text is in the open stream at once; a mark that comes or goes makes the page connect again', async () => {
  await using here = await desk(rulesWith({ watermark: MARK }));
  await using client = await here.marked.connect('control', RED_FIRST);
  await untilBurnt(client, here.plain);
  const inForce = (hash: string, rules: MergedDlpRules) => here.marked.policy.replace({ hash, rules, origins: new Map() });
  inForce('second', rulesWith({ watermark: { ...MARK, text: 'changed', position: 'Center' } }));
  await untilBurnt(client, here.plain, { watermark: { lines: ['changed'], opacity: 0.3, position: 'center' } });
  inForce('third', OPEN_RULES);
  expect(await client.closed).toMatchObject({ code: 1013, reason: expect.stringMatching(/^PolicyChanged: /) });
  await using next = await here.marked.connect('control', RED_FIRST);
  await next.until(() => next.frame === here.plain.frame, { what: 'the plain picture' });
  inForce('fourth', rulesWith({ watermark: MARK }));
  expect(await next.closed).toMatchObject({ reason: expect.stringMatching(/^PolicyChanged: /) });
});

test('another pixel format than the one that can be marked ends the stream with a code', async () => {
  await using here = await desk(rulesWith({ watermark: MARK }));
  await using client = await here.marked.connect('control');
  expect(await client.closed).toMatchObject({ code: 1002, reason: expect.stringMatching(/^RfbMalformed: another pixel format/) });
});
