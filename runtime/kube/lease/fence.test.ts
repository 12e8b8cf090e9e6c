import { expect, test } from 'vitest';
import { Fence, LeaseLost } from './fence.ts';

function fenceAt(start: number) {
  const clock = { now: start };
  const lost: LeaseLost[] = [];
  const fence = new Fence(
    10,
    (why) => lost.push(why),
    () => clock.now,
  );
  return { fence, lost, clock };
}

test('writes pass while the last granted renewal was asked for recently enough, whenever its answer came', () => {
  const { fence, clock } = fenceAt(0);
  clock.now = 9;
  fence.check();
  fence.renewed(6); // asked at 6, answered at 9
  clock.now = 15;
  fence.check();
  clock.now = 16;
  expect(() => fence.check()).toThrow(LeaseLost);
});

test('a process that was paused finds out at its first write, tells once, and stays out even if a late renewal is granted', () => {
  const { fence, lost, clock } = fenceAt(0);
  clock.now = 60;
  expect(() => fence.check()).toThrow(LeaseLost);
  fence.renewed(60);
  expect(() => fence.check()).toThrow(LeaseLost);
  fence.lose('again');
  expect(lost).toHaveLength(1);
});
