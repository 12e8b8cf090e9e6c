import { expect, test } from 'vitest';
import { MAX_FILE_BYTES, type MergedFileRules } from '../../../schemas/kinds/policies/file-rules.ts';
import { refusesClaim, refusesDirection, refusesSize, refusesType } from './file-verdict.ts';

const OPEN: MergedFileRules = { up: true, down: true, denyTypes: [], scan: 'None' };

test('without limits every file passes up to what the gateway itself takes', () => {
  for (const direction of ['up', 'down'] as const) expect(refusesDirection(OPEN, direction)).toBeUndefined();
  expect(refusesSize(OPEN, MAX_FILE_BYTES)).toBeUndefined();
  expect(refusesSize(OPEN, MAX_FILE_BYTES + 1)).toMatchObject({ code: 'FileSizeDenied' });
  expect(refusesType(OPEN, 'application/x-elf')).toBeUndefined();
});

test('each direction is closed by itself, with a code of its own', () => {
  expect(refusesDirection({ ...OPEN, up: false }, 'up')).toMatchObject({ rule: 'up', code: 'FileUploadOff' });
  expect(refusesDirection({ ...OPEN, up: false }, 'down')).toBeUndefined();
  expect(refusesDirection({ ...OPEN, down: false }, 'down')).toMatchObject({ rule: 'down', code: 'FileDownloadOff' });
});

test('a size is judged to the byte, and 0 lets only the empty file pass', () => {
  expect(refusesSize({ ...OPEN, maxBytes: 1_000 }, 1_000)).toBeUndefined();
  expect(refusesSize({ ...OPEN, maxBytes: 1_000 }, 1_001)?.message).toBe('1,001 bytes are more than the 1,000 that are allowed');
  expect(refusesSize({ ...OPEN, maxBytes: 0 }, 1)).toBeDefined();
});

test('a denied type names its policy, also where it is among the allowed; an empty list of allowed types lets nothing pass', () => {
  const rules: MergedFileRules = {
    ...OPEN,
    allowTypes: ['image/*', 'text/plain'],
    denyTypes: [{ policy: 'streamspace/base', type: 'image/svg+xml' }],
  };
  expect(refusesType(rules, 'image/png')).toBeUndefined();
  expect(refusesType(rules, 'image/svg+xml')).toMatchObject({ rule: 'denyTypes', policy: 'streamspace/base' });
  expect(refusesType(rules, 'text/html')).toMatchObject({ rule: 'allowTypes', code: 'FileTypeDenied' });
  expect(refusesType({ ...OPEN, allowTypes: [] }, 'text/plain')).toBeDefined();
});

test('a false type has a code of its own', () => {
  expect(refusesClaim('image/png', 'text/plain', () => true)).toMatchObject({ rule: 'type', code: 'FileTypeFalse' });
  expect(refusesClaim('', 'text/plain', () => true)).toBeUndefined();
});
