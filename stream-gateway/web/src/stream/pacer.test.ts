import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Pacer } from './pacer.ts';

const REQUEST = Uint8Array.of(3, 1, 0, 0, 0, 0, 0, 9, 0, 9);
const WHOLE = Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 9, 0, 9);
const CONTINUOUS = Uint8Array.of(150, 1, 0, 0, 0, 0, 0, 9, 0, 9);
const KEY = Uint8Array.of(4, 1, 0, 0, 0, 0, 0, 0x61);

function paced() {
  let now = 0;
  const sent: (readonly [at: number, bytes: Uint8Array])[] = [];
  const timers: { at: number; act: () => void }[] = [];
  const pacer = new Pacer({
    send: (bytes) => sent.push([now, bytes.slice()]),
    now: () => now,
    after: (ms, act) => timers.push({ at: now + ms, act }),
  });
  const until = (at: number) => {
    for (const timer of timers.splice(0).toSorted((a, b) => a.at - b.at)) {
      if (timer.at > at) timers.push(timer);
      else {
        now = timer.at;
        timer.act();
      }
    }
    now = at;
  };
  const types = () => sent.map(([, [type, flag]]) => `${type}/${flag}`);
  return { pacer, sent, types, until };
}

test('without a limit everything passes at once and as it is', () => {
  const { pacer, sent } = paced();
  for (const bytes of [WHOLE, CONTINUOUS, REQUEST, REQUEST, KEY]) pacer.send(bytes);
  expect(sent.map(([, bytes]) => bytes)).toEqual([WHOLE, CONTINUOUS, REQUEST, REQUEST, KEY]);
});

test('with a limit a question waits for its time, in a copy, and a key does not', () => {
  const { pacer, sent, until } = paced();
  pacer.limit(10);
  pacer.send(REQUEST);
  const reused = REQUEST.slice();
  pacer.send(reused);
  reused.fill(0); // noVNC writes its next message over it
  pacer.send(KEY);
  until(150);
  expect(sent).toEqual([
    [0, REQUEST],
    [0, KEY],
    [100, REQUEST],
  ]);
});

test('updates that come unasked stop for a limit, with one question to go on, and are back without it', () => {
  const { pacer, types } = paced();
  pacer.send(CONTINUOUS);
  pacer.limit(10);
  expect(types()).toEqual(['150/1', '150/0', '3/1']);
  pacer.send(REQUEST); // waits
  pacer.limit(null);
  expect(types()).toEqual(['150/1', '150/0', '3/1', '150/1', '3/1']);
});

test('a desktop that offers unasked updates only after the limit is limited as well', () => {
  const { pacer, types } = paced();
  pacer.limit(10);
  pacer.send(CONTINUOUS);
  expect(types()).toEqual(['150/1', '150/0', '3/1']);
});

test('a whole picture never waits', () => {
  const { pacer, types } = paced();
  pacer.limit(1);
  for (const bytes of [REQUEST, WHOLE, WHOLE]) pacer.send(bytes);
  expect(types()).toEqual(['3/1', '3/0', '3/0']);
});

test('whenever it is asked, no two questions are closer than the limit, and the last one is never lost', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 50 }), (pauses) => {
      const { pacer, sent, until } = paced();
      pacer.limit(8);
      let at = 0;
      for (const pause of pauses) {
        at += pause;
        until(at);
        pacer.send(REQUEST);
      }
      until(at + 125);
      const times = sent.map(([time]) => time);
      for (const [index, time] of times.entries())
        if (index > 0) expect(time - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(124.9);
      expect(times.at(-1)).toBeGreaterThanOrEqual(at);
    }),
  );
});
