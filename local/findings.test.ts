import { expect, test } from 'vitest';
import { findingsOf } from './findings.ts';

const codesOf = (of: Parameters<typeof findingsOf>[0]): readonly string[] => findingsOf(of).map(({ code }) => code);

test('a machine that cannot filter the packets of pods is told with its reason, and nothing is said where it can', () => {
  expect(codesOf({ cluster: 'local', unfiltered: undefined })).not.toContain('NetworkPolicyNotEnforced');
  const told = findingsOf({ cluster: 'local', unfiltered: 'nft is not installed' });
  expect(told.find(({ code }) => code === 'NetworkPolicyNotEnforced')?.message).toMatch(
    /desktops can reach each other: nft is not installed$/,
  );
});

test('of a cluster of somebody else nothing is said about its network', () => {
  expect(codesOf({ cluster: 'external' })).toEqual(['ImagesNotImported']);
});
