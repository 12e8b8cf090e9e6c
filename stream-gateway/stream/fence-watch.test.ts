import { expect, test } from 'vitest';
import { FenceWatch, isFenceRequest } from './fence-watch.ts';

const fence = (flags: number, ...payload: readonly number[]): Buffer => {
  const bytes = Buffer.from([248, 0, 0, 0, 0, 0, 0, 0, payload.length, ...payload]);
  bytes.writeUInt32BE(flags >>> 0, 4);
  return bytes;
};
const REQUEST = 0x80000000;

test('an answer in time is forwarded once, and none is given for the browser', () => {
  const watch = new FenceWatch(1_000);
  watch.note(fence(REQUEST | 1, 7), 0);
  expect(watch.answer(fence(1, 7))).toBe('forward');
  expect(watch.answer(fence(1, 7))).toBe('unasked');
  expect(watch.overdue(5_000)).toEqual([]);
});

test('G-13 what is overdue is answered once, with the flags and payload of the request; the late answer is known', () => {
  const watch = new FenceWatch(1_000);
  watch.note(fence(REQUEST | 0x40 | 3, 7, 8), 0);
  expect(watch.overdue(999)).toEqual([]);
  expect(watch.overdue(1_000)).toEqual([fence(3, 7, 8)]);
  expect(watch.overdue(2_000)).toEqual([]);
  expect(watch.answer(fence(3, 7, 8))).toBe('late');
});

test('a fence that asks for nothing is not waited for', () => {
  const watch = new FenceWatch(1_000);
  watch.note(fence(1, 7), 0);
  expect(isFenceRequest(fence(1, 7))).toBe(false);
  expect(watch.answer(fence(1, 7))).toBe('unasked');
});

test('of very many open fences the oldest is answered at once', () => {
  const watch = new FenceWatch(1_000);
  for (let count = 0; count < 1_024; count += 1) expect(watch.note(fence(REQUEST, count >> 8, count & 0xff), 0)).toEqual([]);
  expect(watch.note(fence(REQUEST, 9, 9, 9), 0)).toEqual([fence(0, 0, 0)]);
  expect(watch.overdue(1_000)).toHaveLength(1_024);
});
