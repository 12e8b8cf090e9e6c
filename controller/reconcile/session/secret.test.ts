import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { newDesktopSecret } from './secret.ts';

const NOW = new Date('2026-05-01T12:00:00Z');
const text = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');

test('a certificate of its own key, which nothing else is signed by and which does not end before the session', async () => {
  const secret = await newDesktopSecret('one', NOW);
  const certificate = new X509Certificate(text(secret['tls.crt']));
  expect(certificate.checkPrivateKey(createPrivateKey(text(secret['tls.key'])))).toBe(true);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.ca).toBe(false);
  expect(certificate.subject).toBe('CN=one');
  expect(certificate.validFromDate).toEqual(new Date('2026-04-30T12:00:00Z'));
  expect(certificate.validToDate.getUTCFullYear()).toBe(9999);
});

test('each session has another key and another password', async () => {
  const [one, other] = await Promise.all([newDesktopSecret('one', NOW), newDesktopSecret('one', NOW)]);
  expect(new Set([one['tls.key'], other['tls.key'], one['tls.crt'], other['tls.crt']]).size).toBe(4);
  expect(one.password).not.toBe(other.password);
  expect(text(one.password)).toMatch(/^[A-Za-z0-9]{8}$/);
});
