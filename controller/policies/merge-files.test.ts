// The rules of files: nothing passes the merged ones that a single policy would have stopped.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dlpRules } from '../../schemas/kinds/policies/dlp-rules.ts';
import { MAX_MERGED_TYPES } from '../../schemas/kinds/policies/file-rules.ts';
import { commonTypes, coversType, MEDIA_TYPE_PATTERN } from '../../schemas/media-types.ts';
import { anyPolicies, policy } from './fixtures.ts';
import { mergeDlp } from './merge-dlp.ts';

const someType = fc.constantFrom('image/png', 'image/gif', 'image/svg+xml', 'text/plain', 'application/pdf', 'imagex/png');
const somePattern = fc.oneof(someType, fc.constantFrom('image/*', 'text/*', 'application/*'));
const covered = (patterns: readonly string[], type: string): boolean => patterns.some((pattern) => coversType(pattern, type));

describe('media types', () => {
  test('what two lists have in common covers exactly what both cover', () => {
    fc.assert(
      fc.property(fc.array(somePattern), fc.array(somePattern), someType, (a, b, type) => {
        const both = commonTypes(a, b);
        expect(covered(both, type)).toBe(covered(a, type) && covered(b, type));
        expect(commonTypes(b, a)).toEqual(both);
        expect(commonTypes(both, both)).toEqual(both);
      }),
    );
  });

  test.each(['image/*', 'application/vnd.ms-excel', 'image/svg+xml', 'application/x-7z-compressed'])(
    '%s is a pattern',
    (type) => {
      expect(type).toMatch(MEDIA_TYPE_PATTERN);
    },
  );

  test.each(['*/*', '*', 'image/', 'Image/png', 'image/png; charset=x', '/png', 'image/p*', 'image'])('%s is none', (type) => {
    expect(type).not.toMatch(MEDIA_TYPE_PATTERN);
  });
});

test('no file passes that one of the policies stops, by direction, size, rate, type or scan', () => {
  fc.assert(
    fc.property(anyPolicies(), someType, (policies, type) => {
      const merged = mergeDlp(policies).dlp.files;
      const passes = (allow: readonly string[] | undefined, deny: readonly string[]): boolean =>
        (allow === undefined || covered(allow, type)) && !covered(deny, type);
      expect(merged).toBeDefined();
      for (const { spec } of policies) {
        const asked = spec.files ?? {};
        if (asked.up === false) expect(merged?.up).toBe(false);
        if (asked.down === false) expect(merged?.down).toBe(false);
        if (asked.scan === 'Required') expect(merged?.scan).toBe('Required');
        if (asked.maxBytes !== undefined) expect(merged?.maxBytes).toBeLessThanOrEqual(asked.maxBytes);
        if (asked.perMinute !== undefined) expect(merged?.perMinute).toBeLessThanOrEqual(asked.perMinute);
        if (!passes(asked.allowTypes, asked.denyTypes ?? []))
          expect(passes(merged?.allowTypes, merged?.denyTypes.map((denied) => denied.type) ?? [])).toBe(false);
      }
    }),
  );
});

test('a denied type names its policy, an allowed list the one that leaves the least', () => {
  const { dlp, origins } = mergeDlp([
    policy('team-web/own', { files: { allowTypes: ['image/png', 'text/plain'], denyTypes: ['image/svg+xml'] } }),
    policy('streamspace/base', { files: { allowTypes: ['image/*'], denyTypes: ['image/gif', 'image/*'], scan: 'Required' } }),
  ]);
  expect(dlp.files).toEqual({
    ...{ up: true, down: true, scan: 'Required', allowTypes: ['image/png'] },
    denyTypes: [
      { policy: 'streamspace/base', type: 'image/*' },
      { policy: 'team-web/own', type: 'image/svg+xml' },
    ],
  });
  expect(origins).toEqual([
    { field: 'files.allowTypes', from: 'DlpPolicy/team-web/own' },
    { field: 'files.scan', from: 'DlpPolicy/streamspace/base' },
  ]);
});

test('more denied types than a status can hold close the transfer of files, and nothing else', () => {
  const denyTypes = Array.from({ length: 64 }, (_, index) => `application/x-${index}`);
  const policies = Array.from({ length: 9 }, (_, index) =>
    policy(`streamspace/p${index}`, dlpRules.parse({ files: { denyTypes } })),
  );
  expect(mergeDlp(policies.slice(0, 8)).dlp.files).toMatchObject({ up: true, down: true });
  const { dlp, origins } = mergeDlp(policies);
  expect(dlp.files).toMatchObject({ up: false, down: false });
  expect(dlp.files?.denyTypes).toHaveLength(MAX_MERGED_TYPES);
  expect(dlp.clipboard).toMatchObject({ up: true, down: true });
  expect(origins).toEqual([
    { field: 'files.up', from: 'DlpPolicy/streamspace/p8' },
    { field: 'files.down', from: 'DlpPolicy/streamspace/p8' },
  ]);
});
