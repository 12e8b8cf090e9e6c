import { expect, test } from 'vitest';
import { ERRORS, type ErrorCode, StreamSpaceError } from '../../../schemas/errors.ts';
import { closeCodeFor, closeReason } from './close-frame.ts';

test('every code has a close code that a peer may send (RFC 6455, 7.4)', () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[])
    expect([1002, 1008, 1009, 1012, 1013]).toContain(closeCodeFor(new StreamSpaceError(code, '')));
  expect(closeCodeFor(null)).toBe(1000);
  expect(closeCodeFor(new StreamSpaceError('ShuttingDown', ''))).toBe(1012);
});

test('a reason is its code and text, cut between characters at 123 bytes', () => {
  expect(closeReason(null)).toBe('');
  expect(closeReason(new StreamSpaceError('RfbMalformed', 'short'))).toBe('RfbMalformed: short');
  const long = closeReason(new StreamSpaceError('RfbMalformed', 'ü'.repeat(200)));
  expect(long).toBe(`RfbMalformed: ${'ü'.repeat(54)}`);
  expect(Buffer.byteLength(long)).toBe(122);
});
