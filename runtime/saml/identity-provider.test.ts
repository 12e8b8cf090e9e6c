import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { samlProvider } from '../../schemas/kinds/sign-in/saml-provider.ts';
import { certificatesEnd, readRequestSigner, samlIdentityProviderOf, validCertificates } from './identity-provider.ts';

const fixture = (name: string): string => readFileSync(new URL(`./fixtures/${name}.pem`, import.meta.url), 'utf8').trim();
const [NOW_2026, NEXT] = [fixture('signing-2026'), fixture('signing-2028')];
const bare = (pem: string): string => pem.replaceAll(/-----[^-]+-----|\s/g, '');

const fields = { entityId: 'https://idp.example/saml', ssoUrl: 'https://idp.example/sso', sloUrl: 'https://idp.example/slo' };
const read = (spec: object) => samlIdentityProviderOf(samlProvider.parse(spec));
const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error instanceof StreamSpaceError ? error.code : error;
  }
};

interface Metadata {
  readonly keys?: readonly string[];
  readonly binding?: string;
  readonly location?: string;
  readonly root?: string;
}

const key = (pem: string, use = ' use="signing"'): string =>
  `<KeyDescriptor${use}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${bare(pem)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>`;

/** As Keycloak writes it, with what is read of it. */
function metadata({
  keys = [key(NOW_2026)],
  binding = 'HTTP-Redirect',
  location = fields.ssoUrl,
  root = 'EntityDescriptor',
}: Metadata = {}) {
  const bindings = 'urn:oasis:names:tc:SAML:2.0:bindings';
  return `<?xml version="1.0" encoding="UTF-8"?><!-- made by hand -->
<${root} xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="${fields.entityId}">
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${keys.join('')}
    <SingleLogoutService Binding="${bindings}:HTTP-POST" Location="https://idp.example/elsewhere"/>
    <SingleLogoutService Binding="${bindings}:HTTP-Redirect" Location="${fields.sloUrl}"/>
    <SingleSignOnService Binding="${bindings}:${binding}" Location="${location}"/>
  </IDPSSODescriptor>
</${root}>`;
}

test('pasted metadata says what the fields say: addresses of redirects, and certificates for signing', () => {
  const encryption = key(NEXT, ' use="encryption"');
  const pasted = read({ metadata: metadata({ keys: [key(NOW_2026), encryption, key(NEXT, '')] }) });
  expect(pasted).toEqual(read({ ...fields, certificates: [NOW_2026, NEXT] }));
  expect(pasted.certificates.map(({ pem }) => pem)).toEqual([NOW_2026, NEXT]);
});

test.each([
  ['no redirect', metadata({ binding: 'HTTP-POST' })],
  ['an address in the clear', metadata({ location: 'http://idp.example/sso' })],
  ['an address that is a script', metadata({ location: 'javascript:alert(1)' })],
  ['no certificate', metadata({ keys: [] })],
  ['nine certificates', metadata({ keys: Array.from({ length: 9 }, () => key(NOW_2026)) })],
  ['several providers', metadata({ root: 'EntitiesDescriptor' })],
  ['a document type', metadata().replace('?>', '?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>')],
  ['no XML', 'https://idp.example/metadata'],
])('metadata with %s is refused', (_what, xml) => {
  expect(codeOf(() => read({ metadata: xml }))).toBe('ProviderMetadataInvalid');
});

test.each([
  ['is none', 'certificate'],
  ['has a key of 1024 bits', fixture('short-key')],
  ['has a key that is not RSA', fixture('curve')],
])('a certificate that %s is refused', (_what, pem) => {
  expect(codeOf(() => read({ ...fields, certificates: [NOW_2026, pem] }))).toBe('ProviderCertificateInvalid');
});

test('certificates count while they are valid; the last of them says when nobody can sign in any more', () => {
  const both = read({ ...fields, certificates: [NOW_2026, NEXT] });
  const counting = (at: string): number => validCertificates(both, new Date(at)).length;
  expect(['2025-12-31', '2026-06-01', '2026-12-15', '2027-06-01', '2029-01-01'].map(counting)).toEqual([0, 1, 2, 1, 0]);
  expect(certificatesEnd(both)).toEqual(new Date('2028-12-01'));
});

test('what requests are signed with is a key and its own certificate', () => {
  const signer = fixture('request-signer');
  expect(readRequestSigner(signer)).toMatchObject({ key: expect.stringMatching(/^-----BEGIN PRIVATE KEY-----/) });
  const [keyAlone = ''] = signer.split('-----BEGIN CERTIFICATE-----');
  for (const wrong of [keyAlone, NEXT, `${keyAlone}${NEXT}`, '', signer.replaceAll('A', 'B')])
    expect(codeOf(() => readRequestSigner(wrong))).toBe('ProviderCertificateInvalid');
});

test.each([
  [{ ...fields, certificates: [NOW_2026] }, true],
  [{ metadata: '<a/>' }, true],
  [{ metadata: '<a/>', ssoUrl: fields.ssoUrl }, false],
  [fields, false],
  [{ ...fields, ssoUrl: 'http://idp.example/sso', certificates: [NOW_2026] }, false],
  [{ ...fields, certificates: [] }, false],
])('%j is whole: %s', (spec, isWhole) => {
  expect(samlProvider.safeParse(spec).success).toBe(isWhole);
});
