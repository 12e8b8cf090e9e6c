import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { parseSealKey, Seal } from './seal.ts';

const key = randomBytes(32);
const seal = new Seal(key);

test('what is sealed opens for its owner alone, with its key alone', () => {
  const sealed = seal.close('token', 'mia');
  expect(seal.open(sealed, 'mia')).toBe('token');
  expect(seal.open(sealed, 'max')).toBeUndefined();
  expect(new Seal(randomBytes(32)).open(sealed, 'mia')).toBeUndefined();
});

test('no byte of it can be changed or left out', () => {
  const sealed = seal.close('token', 'mia');
  for (let index = 0; index < sealed.length; index += 1) {
    const changed = Buffer.from(sealed);
    changed.writeUInt8((sealed[index] ?? 0) ^ 1, index);
    expect(seal.open(changed, 'mia')).toBeUndefined();
    expect(seal.open(sealed.subarray(0, index), 'mia')).toBeUndefined();
  }
});

test('the same secret is sealed to other bytes each time', () => {
  expect(seal.close('token', 'mia')).not.toEqual(seal.close('token', 'mia'));
});

test.each(['', 'short', key.toString('hex'), `${key.toString('base64')}A`, key.subarray(1).toString('base64')])(
  '%j is no key',
  (text) => {
    expect(parseSealKey(text)).toBeUndefined();
  },
);

test('32 bytes in base64 are a key, also with the line end of a file', () => {
  expect(parseSealKey(`${key.toString('base64')}\n`)).toEqual(key);
});
