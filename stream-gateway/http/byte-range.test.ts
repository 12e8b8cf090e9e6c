import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rangeOf } from './byte-range.ts';

test.each([
  [undefined, 'whole'],
  ['bytes=0-0', { from: 0, to: 1 }],
  ['bytes=5-', { from: 5, to: 10 }],
  ['bytes=5-500', { from: 5, to: 10 }],
  ['bytes=-3', { from: 7, to: 10 }],
  ['bytes=-300', { from: 0, to: 10 }],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=10-', 'unsatisfiable'],
  ['bytes=5-4', 'whole'],
  ['bytes=-', 'whole'],
  ['bytes=0-1,3-4', 'whole'],
  ['lines=0-1', 'whole'],
  ['bytes=0x1-2', 'whole'],
])('%s of ten bytes', (header, range) => {
  expect(rangeOf(header, 10)).toEqual(range);
});

test('whatever a header says, no byte is asked for that is not there', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(1e15), fc.nat(1e15), fc.integer({ min: 1, max: 1_000 }), (text, a, b, size) => {
      for (const header of [text, `bytes=${a}-${b}`, `bytes=-${b}`, `bytes=${a % 1_000}-${b}`]) {
        const range = rangeOf(header, size);
        if (typeof range === 'string') continue;
        expect(range.from).toBeGreaterThanOrEqual(0);
        expect(range.to).toBeLessThanOrEqual(size);
        expect(range.from).toBeLessThan(range.to);
      }
    }),
  );
});
