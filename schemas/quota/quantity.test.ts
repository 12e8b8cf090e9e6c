import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseQuantity, quantityText } from './quantity.ts';

test.each([
  ['0', 0n],
  ['1', 1_000n],
  ['500m', 500n],
  ['0.1', 100n],
  ['1.5Gi', 1_610_612_736_000n],
  ['1k', 1_000_000n],
  ['0.0001', 1n],
  ['99999999999999999999Ti', 99999999999999999999n * 2n ** 40n * 1_000n],
])('%s is %d thousandths, exactly or rounded up', (text, milli) => {
  expect(parseQuantity(text)).toBe(milli);
});

test.each(['', '-1', '1e3', '1 Gi', 'Gi', '1.', '.5', '1P', '0x10', '1'.repeat(65)])('"%s" is no quantity', (text) => {
  expect(() => parseQuantity(text)).toThrow(RangeError);
});

test.each([
  [7_500n, 'plain', '7.5'],
  [0n, 'bytes', '0'],
  [8n * 2n ** 30n * 1_000n, 'bytes', '8Gi'],
  [1_610_612_736_000n, 'bytes', '1.5Gi'],
  [1_000_000n, 'bytes', '1000'],
  [(2n ** 30n + 1n) * 1_000n, 'bytes', '1073741825'],
] as const)('%d thousandths (%s) are written %s', (milli, unit, text) => {
  expect(quantityText(milli, unit)).toBe(text);
});

test('what was written is read as the same value', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 24n }), fc.constantFrom('plain' as const, 'bytes' as const), (value, unit) => {
      expect(parseQuantity(quantityText(value, unit))).toBe(value);
    }),
  );
});
