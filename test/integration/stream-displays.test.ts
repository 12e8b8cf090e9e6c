// Several screens of a real Xvnc through the gateway: who may arrange them, and how many there may be.
import { expect, test } from 'vitest';
import { parseStreamNotice } from '../../schemas/api/stream-notices.ts';
import { ALL_EXTENSIONS, type RfbClient, type Screen } from '../support/rfb-client.ts';
import { OPEN_RULES, startStreamServer } from '../support/stream-server.ts';
import { startXvnc } from '../support/xvnc.ts';

/** Beside each other, 400 by 300 each. */
const row = (...ids: readonly number[]): readonly Screen[] =>
  ids.map((id, index) => ({ id, x: 400 * index, y: 0, width: 400, height: 300 }));

async function arranged(client: RfbClient, screens: readonly Screen[]): Promise<number | undefined> {
  const answers = client.resizeStatus.length;
  client.arrange(screens);
  await client.until(() => client.resizeStatus.length > answers, { what: 'an answer to the new arrangement' });
  return client.resizeStatus.at(-1);
}
const idsOf = ({ screens }: RfbClient): readonly number[] => screens.map(({ id }) => id).toSorted((a, b) => a - b);

test('G-70 two to four screens come and go with their ids, also one in the middle', async () => {
  await using xvnc = await startXvnc();
  await using server = await startStreamServer({ desktop: () => xvnc });
  await using owner = await server.connect('control');
  await owner.until(() => owner.screens.length === 1);
  for (const ids of [
    [11, 12],
    [11, 12, 13],
    [11, 12, 13, 14],
  ]) {
    expect(await arranged(owner, row(...ids))).toBe(0);
    expect(owner.screens).toEqual(row(...ids));
    expect([owner.width, owner.height]).toEqual([400 * ids.length, 300]);
  }
  const rest = row(11, 12, 13, 14).filter(({ id }) => id !== 12);
  expect(await arranged(owner, rest)).toBe(0);
  expect(idsOf(owner)).toEqual([11, 13, 14]);
  expect(owner.screens).toEqual(rest);
});

test('G-70 P-09-1 one screen too many, or too many pixels, is refused with a status, and the rest stays as it is', async () => {
  await using xvnc = await startXvnc();
  await using server = await startStreamServer({ desktop: () => xvnc, displays: { max: 2, maxPixels: 800 * 300 } });
  await using owner = await server.connect('control');
  await owner.until(() => owner.screens.length === 1);
  expect(await arranged(owner, row(11, 12))).toBe(0);
  expect(await arranged(owner, row(11, 12, 13))).toBe(1);
  expect(await arranged(owner, [{ id: 11, x: 0, y: 0, width: 801, height: 300 }])).toBe(1);
  // Beyond what any policy lets pass: not prohibited, but more than there is room for.
  expect(await arranged(owner, [{ id: 11, x: 0, y: 0, width: 65_535, height: 65_535 }])).toBe(2);
  expect(owner.screens).toEqual(row(11, 12));
  expect([owner.width, owner.height]).toEqual([800, 300]);
  expect(server.denied).toEqual(
    new Map([
      ['setDesktopSize/displays', 2],
      ['setDesktopSize/desktopSize', 1],
    ]),
  );
  const before = owner.frame;
  owner.type('echo on\n');
  await owner.waitForChange(before);
});

test('G-70 G-36 under a watermark it is refused with the same status, and the picture goes on', async () => {
  await using xvnc = await startXvnc();
  const watermark = { text: '{user}', opacityPercent: 30, position: 'Tiled', refreshSeconds: 60 } as const;
  const marked = { rules: { ...OPEN_RULES, watermark }, displays: { max: 2, maxPixels: 800 * 300 } };
  await using server = await startStreamServer({ desktop: () => xvnc, ...marked });
  await using owner = await server.connect('control', { redFirst: true, encodings: ALL_EXTENSIONS });
  await owner.until(() => owner.screens.length === 1);
  expect(await arranged(owner, row(11, 12))).toBe(0);
  expect(await arranged(owner, row(11, 12, 13))).toBe(1);
  expect(await arranged(owner, [{ id: 11, x: 0, y: 0, width: 65_535, height: 65_535 }])).toBe(2);
  expect([owner.width, owner.height, owner.screens]).toEqual([800, 300, row(11, 12)]);
  const before = owner.frame;
  owner.type('echo on\n');
  await owner.waitForChange(before);
});

test('G-70 a viewer arranges nothing, and sees what the owner arranges', async () => {
  await using xvnc = await startXvnc();
  await using server = await startStreamServer({ desktop: () => xvnc });
  await using owner = await server.connect('control');
  await using viewer = await server.connect('view');
  await viewer.until(() => viewer.screens.length === 1);
  await owner.until(() => owner.screens.length === 1);
  viewer.arrange(row(21, 22));
  expect(await arranged(owner, row(31, 32))).toBe(0);
  await viewer.until(() => viewer.screens.length === 2);
  expect(idsOf(viewer)).toEqual([31, 32]);
  expect(server.denied.get('setDesktopSize/viewOnly')).toBe(1);
});

const WATERMARK = { text: '{user}', opacityPercent: 20, position: 'Tiled', refreshSeconds: 60 } as const;

test.each([
  ['as it is', OPEN_RULES, {}],
  ['with a watermark', { ...OPEN_RULES, watermark: WATERMARK }, { redFirst: true }],
])('G-70 whoever takes notices is told of each arrangement and each refusal, the picture %s', async (_name, rules, format) => {
  await using xvnc = await startXvnc();
  await using server = await startStreamServer({ desktop: () => xvnc, rules, displays: { max: 2 } });
  await using owner = await server.connect('control', { ...format, notices: true });
  const told = () =>
    owner.notices.flatMap((notice) => {
      const parsed = parseStreamNotice(notice);
      return parsed?.type === 'displays' ? [parsed] : [];
    });
  await owner.until(() => told().length > 0, { what: 'the screens at the start' });
  expect(told()[0]).toMatchObject({ by: 'desktop', status: 'done', width: 640, height: 480 });
  expect(await arranged(owner, row(11, 12))).toBe(0);
  await owner.until(() => told().at(-1)?.screens.length === 2, { what: 'two screens' });
  expect(told().at(-1)).toEqual({
    ...{ type: 'displays', width: 800, height: 300, screens: row(11, 12), by: 'you', status: 'done' },
  });
  expect(await arranged(owner, row(11, 12, 13))).toBe(1);
  await owner.until(() => told().at(-1)?.status === 'prohibited', { what: 'the refusal' });
  expect(told().at(-1)).toMatchObject({ width: 800, height: 300, screens: row(11, 12), by: 'you' });
});
