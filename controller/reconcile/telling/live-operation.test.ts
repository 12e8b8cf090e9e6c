import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { GitSyncOperation } from '../../../schemas/sync-operation.ts';
import { EVERY_MS, FIRST_MS, LiveOperation } from './live-operation.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function recorded(): { readonly live: LiveOperation; readonly saved: GitSyncOperation[] } {
  const saved: GitSyncOperation[] = [];
  const save = async (operation: GitSyncOperation): Promise<void> => void saved.push(operation);
  return { live: new LiveOperation({ now: () => new Date(), save }), saved };
}

test('S-086 without news nothing is told, however long it takes', async () => {
  const { live, saved } = recorded();
  live.enter('Rendering');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(saved).toEqual([]);
});

test('what is over in a moment is never told; what lasts is told at most once a second, with the newest state', async () => {
  const { live, saved } = recorded();
  live.hasNews();
  await vi.advanceTimersByTimeAsync(FIRST_MS - 1);
  expect(saved).toEqual([]);
  live.enter('Applying', { total: 100 });
  for (let done = 1; done <= 40; done += 1) {
    await vi.advanceTimersByTimeAsync(100);
    live.done(done);
  }
  expect(saved.length).toBeGreaterThanOrEqual(3);
  expect(saved.length).toBeLessThanOrEqual(1 + 4_000 / EVERY_MS);
  expect(saved[0]).toMatchObject({ phase: 'Applying', total: 100 });
  await vi.advanceTimersByTimeAsync(EVERY_MS);
  expect(saved.at(-1)).toMatchObject({ done: 40 });
  const told = saved.length;
  await vi.advanceTimersByTimeAsync(10 * EVERY_MS);
  expect(saved).toHaveLength(told);
});

test('after the end nothing more is told, and a write under way is waited for', async () => {
  const writing = Promise.withResolvers<void>();
  const live = new LiveOperation({ now: () => new Date(), save: () => writing.promise });
  live.hasNews();
  await vi.advanceTimersByTimeAsync(FIRST_MS);
  let ended = false;
  const end = live.end().then(() => {
    ended = true;
  });
  await vi.advanceTimersByTimeAsync(10);
  expect(ended).toBe(false);
  writing.resolve();
  await end;
  live.enter('Pruning');
  await vi.advanceTimersByTimeAsync(10_000);
});

test('at most five of what it waits for are named', async () => {
  const { live, saved } = recorded();
  live.hasNews();
  live.enter('WaitingForHealth', { total: 9 });
  live.waitingFor(['a', 'b', 'c', 'd', 'e', 'f'], 9);
  await vi.advanceTimersByTimeAsync(FIRST_MS);
  expect(saved).toEqual([expect.objectContaining({ done: 3, total: 9, waitingFor: ['a', 'b', 'c', 'd', 'e'] })]);
});
