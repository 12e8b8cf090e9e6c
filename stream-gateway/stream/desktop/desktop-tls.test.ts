import { expect, test } from 'vitest';
import { desktopTlsOf } from './desktop-tls.ts';

const PEM = '-----BEGIN CERTIFICATE-----';

test.each([
  ['Required', PEM, { mode: 'Required', certificate: PEM }],
  // Made before there were certificates, and started again since.
  ['Required', undefined, { mode: 'Opportunistic' }],
  ['Opportunistic', PEM, { mode: 'Opportunistic' }],
  ['Off', PEM, undefined],
  // Started before there was TLS.
  [undefined, PEM, undefined],
] as const)('with %s and the certificate %s it is %j', (mode, certificate, expected) => {
  expect(desktopTlsOf(mode, certificate)).toEqual(expected);
});
