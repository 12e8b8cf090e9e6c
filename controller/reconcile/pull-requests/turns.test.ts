import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

const at = (seconds: number): Date => new Date(1_000_000 + 1000 * seconds);
const pull = (number: number, fork: boolean) => ({ number, head: 'a', fork });
const numbers = (pulls: readonly { readonly number: number }[]): readonly number[] => pulls.map(({ number }) => number);

test('ours come first, then the fork whose turn was longest ago, whatever others send meanwhile', () => {
  const turns = new Turns();
  const open = [pull(9, true), pull(7, true), pull(8, false), pull(3, false)];
  expect(numbers(turns.inOrder(open))).toEqual([3, 8, 7, 9]);
  turns.planned(pull(7, true), { own: 'a', base: 'b' }, at(0), undefined);
  expect(numbers(turns.inOrder(open))).toEqual([3, 8, 9, 7]);
  turns.planned(pull(9, true), { own: 'a', base: 'b' }, at(1), undefined);
  expect(numbers(turns.inOrder([...open, pull(10, true)]))).toEqual([3, 8, 10, 7, 9]);
  turns.failed(10, 'a', at(2));
  expect(numbers(turns.inOrder([...open, pull(10, true)]))).toEqual([3, 8, 7, 9, 10]);
});

test('a fork that was stopped is due again when it moves itself, others when the branch moves', () => {
  const turns = new Turns();
  const stamp = { own: 'a', base: 'b' };
  for (const [each, code] of [
    [pull(1, true), 'RenderTimeout'],
    [pull(2, true), 'YamlInvalid'],
    [pull(3, false), 'RenderTimeout'],
  ] as const)
    turns.planned(each, stamp, at(0), code);
  const due = (other: typeof stamp): readonly number[] => [1, 2, 3].filter((number) => turns.isDue(number, other));
  expect(due(stamp)).toEqual([]);
  expect(due({ ...stamp, base: 'c' })).toEqual([2, 3]);
  expect(due({ ...stamp, own: 'c' })).toEqual([1, 2, 3]);
  expect([1, 2, 3].filter((number) => turns.isStopped(number, stamp))).toEqual([1]);
  expect(turns.isStopped(1, { ...stamp, own: 'c' })).toBe(false);
});

test('what fails waits alone, longer each time up to a quarter of an hour, and not once it has moved', () => {
  const turns = new Turns();
  const waits = Array.from({ length: 12 }, () => {
    turns.failed(1, 'a', at(0));
    return turns.waitMs(1, 'a', at(0));
  });
  expect(waits.toSorted((a, b) => a - b)).toEqual(waits);
  expect(waits[0]).toBeLessThanOrEqual(5_000);
  expect(waits.at(-1)).toBeLessThanOrEqual(900_000);
  expect([turns.waitMs(2, 'a', at(0)), turns.waitMs(1, 'b', at(0)), turns.waitMs(1, 'a', at(900))]).toEqual([0, 0, 0]);
  // What is told beside the plan, and what is of no pull request, wait for themselves, and are kept while the pull request is open.
  for (const number of [-1, 0, 5, -5]) turns.failed(number, 'r', at(0));
  turns.keepOnly([{ number: 1 }], []);
  expect([-1, 0, 5, -5].map((number) => turns.waitMs(number, 'r', at(0)) > 0)).toEqual([true, true, false, false]);
  expect(turns.waitMs(1, 'a', at(0))).toBeGreaterThan(0);
  turns.succeeded(1);
  expect(turns.waitMs(1, 'a', at(0))).toBe(0);
});
