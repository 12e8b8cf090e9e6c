import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { giveBackAtRest, LOOK_MS } from './give-back.ts';

const MIB = 1024 * 1024;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A process that has rested once with 150 MiB; collecting brings it to 200. */
async function rested() {
  const stop = new AbortController();
  const use = { cpuMs: 0, residentBytes: 150 * MIB };
  let collected = 0;
  const collect = async (): Promise<void> => {
    collected += 1;
    use.residentBytes = 200 * MIB;
  };
  void giveBackAtRest({ collect, usage: () => ({ ...use }), signal: stop.signal });
  await vi.advanceTimersByTimeAsync(2 * LOOK_MS);
  return { use, collected: () => collected, stop: () => stop.abort() };
}

test('memory is given back when work has ended, not while it goes on, and not at the start', async () => {
  const { use, collected, stop } = await rested();
  use.residentBytes = 300 * MIB;
  for (let look = 0; look < 3; look += 1) {
    use.cpuMs += LOOK_MS / 2;
    await vi.advanceTimersByTimeAsync(LOOK_MS);
  }
  expect(collected()).toBe(0);
  await vi.advanceTimersByTimeAsync(LOOK_MS);
  expect(collected()).toBe(1);
  stop();
});

test('it is not done again until much has come', async () => {
  const { use, collected, stop } = await rested();
  use.residentBytes = 300 * MIB;
  await vi.advanceTimersByTimeAsync(10 * LOOK_MS);
  expect(collected()).toBe(1);
  use.residentBytes += 63 * MIB;
  await vi.advanceTimersByTimeAsync(10 * LOOK_MS);
  expect(collected()).toBe(1);
  use.residentBytes += 2 * MIB;
  await vi.advanceTimersByTimeAsync(LOOK_MS);
  expect(collected()).toBe(2);
  stop();
  use.residentBytes += 100 * MIB;
  await vi.advanceTimersByTimeAsync(10 * LOOK_MS);
  expect(collected()).toBe(2);
});
