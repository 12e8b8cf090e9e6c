import { afterEach, expect, test } from 'vitest';
import type { StreamSpaceError } from '../../../schemas/errors.ts';
import type { PixelLink } from './pixel-link.ts';
import { PixelWorkers } from './pixel-workers.ts';

const workers = new PixelWorkers();
afterEach(async () => {
  await workers[Symbol.asyncDispose]();
});

const MARK = { watermark: { lines: ['ann'], opacity: 0.2, position: 'tiled' } } as const;
const BELL = Buffer.of(2);

function opened() {
  const failure = Promise.withResolvers<{ readonly side: string; readonly error: StreamSpaceError }>();
  const link = workers.link({ width: 64, height: 64, burn: MARK }, (side, error) => failure.resolve({ side, error }));
  return { link, failed: failure.promise };
}

async function untilBell(link: PixelLink): Promise<void> {
  for await (const { toBrowser } of link.answers()) if (toBrowser.some(({ message }) => message === 'bell')) return;
  throw new Error('the link was closed');
}

test('what one desktop does wrong ends its own stream, with its code, and no other in the thread', async () => {
  const all = [opened(), opened(), opened(), opened()];
  await all[0]?.link.fromDesktop(Buffer.of(99));
  expect(await all[0]?.failed).toMatchObject({ side: 'desktop', error: { code: 'RfbUnknownMessage' } });
  for (const { link } of all.slice(1)) {
    await link.fromDesktop(BELL);
    await untilBell(link);
  }
  expect(workers.streams).toBe(3);
});

test('a thread that ends takes its streams along with a code, and the next stream has a new one', async () => {
  const { link, failed } = opened();
  await link.fromDesktop(BELL);
  await untilBell(link);
  await workers[Symbol.asyncDispose]();
  expect(await failed).toMatchObject({ error: { code: 'PictureLost' } });
  expect(await link.answers().next()).toEqual({ done: true, value: undefined });
  const next = opened();
  await next.link.fromDesktop(BELL);
  await untilBell(next.link);
});

test('who sends more than the thread has answered is asked to wait, and is let go when the stream ends', async () => {
  const { link } = opened();
  for (let count = 0; count < 64; count += 1) link.fromBrowser({ name: 'enableContinuousUpdates', bytes: Buffer.alloc(10) });
  expect(link.isFull).toBe(true);
  await link.fromDesktop(BELL);
  const waiting = [link.untilRoom(), link.fromDesktop(BELL)];
  link[Symbol.dispose]();
  await Promise.all(waiting);
});
