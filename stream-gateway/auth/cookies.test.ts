import { expect, test } from 'vitest';
import { clearCookie, cookieSecret, setCookie } from './cookies.ts';

const VALUE = 'a'.repeat(43);
const OTHER = 'b'.repeat(43);
const ROOT = { secure: true, path: '/' };

test('with TLS a cookie has a prefix that no other host can set, and no script reads it', () => {
  expect(setCookie('x', VALUE, { ...ROOT, maxAgeMs: 60_000 })).toBe(
    `__Host-x=${VALUE}; HttpOnly; SameSite=Lax; Path=/; Max-Age=60; Secure`,
  );
  // Browsers refuse `__Host-` with a path.
  expect(setCookie('x', VALUE, { secure: true, path: '/auth', maxAgeMs: 1_000 })).toMatch(/^__Secure-x=.*Path=\/auth.*; Secure$/);
  expect(clearCookie('x', ROOT)).toMatch(/^__Host-x=; .*Max-Age=0/);
  expect(setCookie('x', VALUE, { secure: false, path: '/', maxAgeMs: 1_000 })).not.toMatch(/__|Secure/);
});

test('with TLS a cookie without the prefix, which a neighbouring host can set, is none of ours', () => {
  expect(cookieSecret(`x=${OTHER}; __Host-x=${VALUE}`, 'x', ROOT)).toBe(VALUE);
  expect(cookieSecret(`x=${OTHER}`, 'x', ROOT)).toBeUndefined();
  expect(cookieSecret(`__Secure-x=${OTHER}`, 'x', ROOT)).toBeUndefined();
  expect(cookieSecret(`x=${VALUE}`, 'x', { secure: false, path: '/' })).toBe(VALUE);
});

test.each(['', 'x=', `x=${VALUE}!`, `x=${'a'.repeat(42)}`, `xx=${VALUE}`])('%j holds no secret', (header) => {
  expect(cookieSecret(header, 'x')).toBeUndefined();
});
