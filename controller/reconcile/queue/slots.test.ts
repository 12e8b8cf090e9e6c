import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

test('no more than the count at once, first come first served, and a slot is given back once', async () => {
  const slots = new Slots(1);
  const { signal } = new AbortController();
  const first = await slots.take(signal);
  const order: string[] = [];
  const second = slots.take(signal).then((slot) => {
    order.push('second');
    return slot;
  });
  const third = slots.take(signal).then((slot) => {
    order.push('third');
    return slot;
  });
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  const held = await second;
  expect(order).toEqual(['second']);
  held[Symbol.dispose]();
  (await third)[Symbol.dispose]();
  expect(order).toEqual(['second', 'third']);
});

test('who stops waiting leaves the queue, and takes nobody his turn', async () => {
  const slots = new Slots(1);
  const first = await slots.take(new AbortController().signal);
  const leaving = new AbortController();
  const left = slots.take(leaving.signal);
  const stays = slots.take(new AbortController().signal);
  leaving.abort(new Error('stop'));
  await expect(left).rejects.toThrow('stop');
  first[Symbol.dispose]();
  (await stays)[Symbol.dispose]();
  await expect(slots.take(leaving.signal)).rejects.toThrow('stop');
});
