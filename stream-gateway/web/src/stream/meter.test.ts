import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Meter } from './meter.ts';

test('a steady stream is told at its rate, whatever its pieces are', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 1, max: 200 }), (perSecond, everyMs) => {
      const meter = new Meter();
      for (let at = 0; at < 10_000; at += everyMs) meter.add((perSecond * everyMs) / 1_000, at);
      const told = meter.perSecond(10_000);
      expect(told).toBeGreaterThan(perSecond * 0.85);
      expect(told).toBeLessThan(perSecond * 1.15);
    }),
  );
});

test('a stream that stops is at nothing three seconds later', () => {
  const meter = new Meter();
  meter.add(1_000_000, 0);
  expect(meter.perSecond(100)).toBe(1_000_000);
  expect(meter.perSecond(3_300)).toBe(0);
});
