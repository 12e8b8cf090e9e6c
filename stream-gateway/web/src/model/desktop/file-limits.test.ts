import { expect, test } from 'vitest';
import type { EffectivePolicyView } from '../sessions/session-rules.ts';
import { bytesText, fileLimits, filesOff, wouldRefuse } from './file-limits.ts';

type Files = NonNullable<EffectivePolicyView['dlp']['files']>;

function policy(files: Partial<Files> | null, origins: Readonly<Record<string, string>> = {}): EffectivePolicyView {
  const clipboard = { up: true, down: true, maxBytes: 1, formats: [], windowSeconds: 0, rules: [] };
  return {
    hash: 'a'.repeat(64),
    policies: [],
    dlp: { clipboard, ...(files === null ? {} : { files: { up: true, down: true, denyTypes: [], scan: 'None', ...files } }) },
    origins: Object.entries(origins).map(([field, from]) => ({ field, from })),
  };
}

test('what is off names its policy, and without rules nothing is on', () => {
  const off = policy({ up: false }, { 'files.up': 'DlpPolicy/streamspace/base' });
  expect(filesOff(off, 'up')).toBe('Uploading to this session is off: policy streamspace/base.');
  expect(filesOff(off, 'down')).toBeNull();
  for (const unknown of [policy(null), undefined]) expect(filesOff(unknown, 'down')).toMatch(/not known yet/);
});

test('every limit is a sentence', () => {
  expect(fileLimits(policy({}))).toEqual([]);
  const denyTypes = ['a/b', 'a/b', 'c/*'].map((type, index) => ({ policy: `p/${index}`, type }));
  expect(fileLimits(policy({ maxBytes: 1_572_864, perMinute: 5, allowTypes: ['image/*'], denyTypes, scan: 'Required' }))).toEqual(
    [
      'Files up to 1.5 MiB.',
      '5 files a minute in each direction.',
      'Only image/*, by content.',
      'Not a/b, c/*, by content.',
      'Every file is scanned for viruses.',
    ],
  );
});

test('a file is refused before it is sent where that is certain, and else tried', () => {
  const rules = policy(
    { maxBytes: 1024, allowTypes: ['text/*'], denyTypes: [{ policy: 'team-web/own', type: 'image/*' }] },
    { 'files.maxBytes': 'DlpPolicy/streamspace/base' },
  );
  expect(wouldRefuse(rules, { size: 1025, type: '' })).toBe('1 KiB is more than the 1 KiB that policy streamspace/base allows.');
  expect(wouldRefuse(rules, { size: 1, type: 'image/png' })).toBe('image/png is denied: policy team-web/own.');
  expect(wouldRefuse(rules, { size: 1, type: 'application/json' })).toBeNull(); // its content may be text
  expect(wouldRefuse(policy({ up: false }), { size: 1, type: '' })).toMatch(/is off/);
});

test.each([
  [0, '0 bytes'],
  [1023, '1,023 bytes'],
  [1024, '1 KiB'],
  [1_600_000, '1.5 MiB'],
  [4 * 1024 ** 3, '4 GiB'],
  [50 * 1024 ** 4, '50 TiB'],
])('%i is %s', (bytes, words) => {
  expect(bytesText(bytes)).toBe(words);
});
