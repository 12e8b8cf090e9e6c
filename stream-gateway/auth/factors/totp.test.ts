import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newTotpSecret, totpStep, totpUri } from './totp.ts';

/** RFC 6238, appendix B: the secret of SHA-1 in base32, and codes cut to six digits. */
const RFC_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
])('at %i seconds the code of the RFC counts for its step, one step off too, and no further', (seconds, code) => {
  const step = Math.floor(seconds / 30);
  for (const off of [-30, 0, 30]) expect(totpStep(RFC_SECRET, code, (seconds + off) * 1000)).toBe(step);
  for (const off of [-60, 60]) expect(totpStep(RFC_SECRET, code, (seconds + off) * 1000)).toBeUndefined();
});

test('whatever is typed, what is no code of six digits is none', () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !/^\d{6}$/.test(text)),
      (text) => {
        expect(totpStep(RFC_SECRET, text, 0)).toBeUndefined();
      },
    ),
  );
});

test('a secret has 160 bits and is told to an app with its person', () => {
  const secret = newTotpSecret();
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  const uri = new URL(totpUri(secret, { issuer: 'StreamSpace', label: 'max & mia' }));
  expect(uri.protocol).toBe('otpauth:');
  expect(uri.searchParams.get('secret')).toBe(secret);
  expect(decodeURIComponent(uri.pathname)).toContain('max & mia');
});
