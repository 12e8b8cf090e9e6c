import { expect, test } from 'vitest';
import type { LinkNotice } from '../../schemas/api/link-notices.ts';
import { LinkMeasure } from './link-measure.ts';

function measured() {
  let now = 1000;
  const told: LinkNotice[] = [];
  const link = new LinkMeasure(
    () => now,
    (notice) => told.push(notice),
  );
  return { link, told, after: (ms: number) => (now += ms) };
}

/** What a desktop answers with: the same, without the bit of a request. */
function answerTo(fence: Buffer | undefined): Buffer {
  const answer = Buffer.from(fence ?? []);
  answer.writeUInt32BE(0, 4);
  return answer;
}

test('both halves of a stream are timed, and told with the answer of the browser', () => {
  const { link, told, after } = measured();
  const { ping, fence } = link.due({ desktop: true });
  after(3.14);
  expect(link.fence(answerTo(fence))).toBe(true);
  after(40);
  link.pong(ping ?? Buffer.alloc(0));
  expect(told).toEqual([{ type: 'link', roundTripMs: 43.1, desktopMs: 3.1 }]);
});

test('one question is out at a time, and one that is never answered is given up', () => {
  const { link, told, after } = measured();
  const { ping: first } = link.due({ desktop: true });
  after(10_000);
  expect(link.due({ desktop: true })).toEqual({ ping: undefined, fence: undefined });
  after(25_000);
  const { ping: second } = link.due({ desktop: true });
  expect(second).toBeDefined();
  link.pong(first ?? Buffer.alloc(0));
  expect(told).toEqual([]);
  after(7);
  link.pong(second ?? Buffer.alloc(0));
  expect(told).toEqual([{ type: 'link', roundTripMs: 7, desktopMs: null }]);
});

test('an empty pong, one that nobody asked for and one given twice say nothing', () => {
  const { link, told } = measured();
  link.pong(Buffer.alloc(0));
  const { ping = Buffer.alloc(0) } = link.due({ desktop: true });
  link.pong(Buffer.from('link99'));
  link.pong(ping);
  link.pong(ping);
  expect(told).toHaveLength(1);
});

test('a fence of the desktop itself is left to the browser', () => {
  const { link } = measured();
  const { fence = Buffer.alloc(9) } = link.due({ desktop: true });
  expect(link.fence(fence)).toBe(false); // a request, whatever it carries
  expect(link.fence(Buffer.from([248, 0, 0, 0, 0, 0, 0, 1, 2, 7, 7]))).toBe(false);
  expect(link.fence(Buffer.from([248, 0, 0, 0, 0, 0, 0, 0, 0]))).toBe(false);
});

test('a desktop that does not know fences yet is asked as soon as it does', () => {
  const { link, after } = measured();
  expect(link.due({ desktop: false })).toMatchObject({ ping: expect.any(Buffer), fence: undefined });
  after(2_000);
  expect(link.due({ desktop: true }).fence).toBeDefined();
});
