import { describe, expect, test } from 'vitest';
import { addressAllowed, scopesAllow } from './key-limits.ts';

describe('scopes', () => {
  test.each([
    [['*'], 'sessions:write', true],
    [['sessions:write'], 'sessions:write', true],
    [['sessions:write'], 'sessions:read', true],
    [['sessions:read'], 'sessions:write', false],
    [['sessions:write'], 'streams:write', false],
    [['files:read', 'audit:read'], 'audit:read', true],
    [['files:read'], 'meta:read', true],
  ] as const)('%j and %s: %j', (scopes, wanted, allowed) => {
    expect(scopesAllow(scopes, wanted)).toBe(allowed);
  });
});

describe('addresses', () => {
  test.each([
    [[], '203.0.113.9', true],
    [['203.0.113.0/24'], '203.0.113.9', true],
    [['203.0.113.0/24'], '203.0.114.9', false],
    [['203.0.113.9'], '203.0.113.9', true],
    [['203.0.113.9'], '203.0.113.90', false],
    [['2001:db8::/32'], '2001:db8:1::5', true],
    [['2001:db8::/32'], '2001:db9::5', false],
    [['10.0.0.0/8', '2001:db8::1'], '2001:db8::1', true],
    [['0.0.0.0/0'], '2001:db8::1', false],
    [['10.0.0.0/8'], '', false],
    [['10.0.0.0/8'], 'unknown', false],
  ])('%j and %j: %j', (ranges, address, allowed) => {
    expect(addressAllowed(ranges, address)).toBe(allowed);
  });
});
