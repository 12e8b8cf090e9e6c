import { expect, test } from 'vitest';
import { ERRORS, type ErrorCode } from './errors.ts';
import { closeCodeOf, httpStatusOf } from './http-status.ts';

test('a code answers with the status of its category, or with its own where that says more', () => {
  expect(httpStatusOf('RequestInvalid')).toBe(400);
  expect(httpStatusOf('RateLimited')).toBe(429);
  expect(httpStatusOf('RequestTooLarge')).toBe(413);
  expect(httpStatusOf('Internal')).toBe(500);
});

test('every close code is one that a server may send', () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) expect([1002, 1008, 1009, 1013]).toContain(closeCodeOf(code));
});
