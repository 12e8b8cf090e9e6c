// Answers of a real SAML provider, as they come and as an attacker would have them: only what is whole, signed and meant for us counts.
import { createVerify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { samlProvider } from '../../schemas/kinds/sign-in/saml-provider.ts';
import { SamlProvider } from '../../stream-gateway/auth/saml/saml-provider.ts';
import { formIn, type SamlIdp, type SamlSays, startSamlIdp } from '../support/saml-idp.ts';

const PUBLIC_URL = 'https://desktops.example.com';
const STATE = 'partners.of-this-browser';
const MIA = {
  nameId: 'mia',
  attributes: { displayName: ['Mia M'], mail: ['mia@partner.example'], groups: ['web', 'desktop-users'] },
};

let idp: SamlIdp;

function provider(more: object = {}, name = 'partners', signer?: () => Promise<string>): SamlProvider {
  const { entityId, ssoUrl, sloUrl, certificate } = idp;
  const spec = samlProvider.parse({ entityId, ssoUrl, sloUrl, certificates: [certificate], ...more });
  const [displayName, email] = ['urn:mace:dir:attribute-def:displayName', 'urn:mace:dir:attribute-def:mail'];
  return new SamlProvider({
    ...{ spec, signer, publicUrl: PUBLIC_URL },
    attributes: { username: undefined, subject: undefined, displayName, email, groups: 'groups' },
    rules: { name, groupMappings: [{ from: 'desktop-users', to: 'guests' }], allowedDomains: ['partner.example'] },
  });
}

beforeAll(async () => {
  idp = await startSamlIdp();
  await idp.trust(await provider().metadata());
});
afterAll(async () => await idp?.[Symbol.asyncDispose]());
beforeEach(async () => {
  await idp.is(MIA);
  await idp.says({});
});

/** XML of the answer to a request of ours. */
async function answer(says: SamlSays = {}): Promise<string> {
  await idp.says(says);
  const url = await provider().signInUrl({ state: STATE }, { fresh: false });
  const page = await (await fetch(url)).text();
  return Buffer.from(formIn(page).fields['SAMLResponse'] ?? '', 'base64').toString('utf8');
}

const base64 = (xml: string): string => Buffer.from(xml).toString('base64');

async function reasonOf(given: string, by = provider(), state = STATE): Promise<unknown> {
  return await by.readAnswer(given, state).then(
    ({ signedIn }) => signedIn.person.name,
    (error: unknown) => (error instanceof StreamSpaceError ? (error.facts['why'] ?? error.code) : error),
  );
}

test('an answer to our request says who somebody is, by which name, and in which groups', async () => {
  const { signedIn } = await provider().readAnswer(base64(await answer()), STATE);
  expect(signedIn).toMatchObject({
    person: { name: 'partners:mia', displayName: 'Mia M', groups: ['guests', 'partners:web'] },
    account: { issuer: `saml:${idp.entityId}`, subject: 'mia' },
    atProvider: { authenticatedAt: expect.any(Date), saml: { nameId: 'mia', sessionIndex: expect.any(String) } },
  });
});

test('the metadata of the provider, pasted, says the same as the fields', async () => {
  const metadata = await idp.metadata();
  const none = { entityId: undefined, ssoUrl: undefined, sloUrl: undefined, certificates: undefined };
  const pasted = provider({ ...none, metadata });
  expect(pasted.identityProvider).toEqual(provider().identityProvider);
  expect(await reasonOf(base64(await answer()), pasted)).toBe('partners:mia');
});

test('requests are signed where there is a key for it, and the provider is told the certificate', async () => {
  const { key, pem } = await idp.otherKey();
  const spec = { signingKeyRef: { name: 'partners', key: 'signing' } };
  const signed = provider(spec, 'partners', async () => `${await readFile(key, 'utf8')}${pem}`);
  expect(await signed.metadata()).toContain('AuthnRequestsSigned="true"');
  const url = await signed.signInUrl({ state: STATE }, { fresh: false });
  const { search } = url;
  const [text = '', signature = ''] = search.slice(1).split('&Signature=');
  const bytes = Buffer.from(decodeURIComponent(signature), 'base64');
  expect(text).toContain('SigAlg=http%3A%2F%2Fwww.w3.org%2F2001%2F04%2Fxmldsig-more%23rsa-sha256');
  expect(createVerify('sha256').update(text).verify(pem, bytes)).toBe(true);
  const page = await (await fetch(url)).text();
  expect(await reasonOf(formIn(page).fields['SAMLResponse'] ?? '')).toBe('partners:mia');
  await expect(provider(spec, 'partners', async () => 'no key').metadata()).rejects.toThrow('both in PEM');
  const others = await idp.otherKey();
  const mixed = provider(spec, 'partners', async () => `${await readFile(key, 'utf8')}${others.pem}`);
  await expect(mixed.metadata()).rejects.toThrow('not that of the certificate');
});

test.each([
  ['Assertion', { signResponse: true }, 'partners:mia'],
  ['Response', { signAssertion: false, signResponse: true }, 'partners:mia'],
  ['Both', { signResponse: true }, 'partners:mia'],
  ['Assertion', { signAssertion: false, signResponse: true }, 'unsigned'],
  ['Assertion', { signAssertion: false }, 'unsigned'],
  ['Response', {}, 'unsigned'],
  ['Both', {}, 'unsigned'],
] as const)('P-01-10 where %s has to be signed and the provider says %j, the outcome is %s', async (signed, says, outcome) => {
  expect(await reasonOf(base64(await answer(says)), provider({ signed }))).toBe(outcome);
});

test.each<[string, SamlSays, string]>([
  ['for another service', { audience: 'https://elsewhere.example' }, 'audience'],
  ['for another address', { destination: 'https://elsewhere.example/acs' }, 'destination'],
  ['that is not good any more', { minutes: -5 }, 'time'],
  ['to another request', { inResponseTo: '_of-somebody-else' }, 'other-request'],
  ['of a session that has ended', { sessionEnds: -10 }, 'time'],
  ['signed with SHA-1', { signAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' }, 'algorithm'],
  ['with a digest of SHA-1', { digestAlgorithm: 'http://www.w3.org/2000/09/xmldsig#sha1' }, 'algorithm'],
])('P-01-10 an answer %s is refused', async (_what, says, why) => {
  expect(await reasonOf(base64(await answer(says)))).toBe(why);
});

test('P-01-10 an answer signed with another key is refused, also where it brings the certificate along', async () => {
  const other = await idp.otherKey();
  expect(await reasonOf(base64(await answer({ key: other.key, certificate: other.certificate })))).toBe('signature');
  expect(await reasonOf(base64(await answer()), provider({ certificates: [other.pem] }))).toBe('signature');
});

test('while certificates are changed, the old one and the next count', async () => {
  const next = await idp.otherKey();
  const both = provider({ certificates: [idp.certificate, next.pem] });
  expect(await reasonOf(base64(await answer()), both)).toBe('partners:mia');
  const { key, certificate } = next;
  expect(await reasonOf(base64(await answer({ key, certificate })), both)).toBe('partners:mia');
});

test('P-01-10 an answer is not good for the state of another browser, nor for another object of the same provider', async () => {
  const given = base64(await answer());
  expect(await reasonOf(given, provider(), 'partners.of-another-browser')).toBe('other-request');
  expect(await reasonOf(given, provider({}, 'others'))).toBe('destination');
  expect(await reasonOf(given, provider({ entityId: 'https://elsewhere.example' }))).toBe('issuer');
});

test('P-01-10 what is not signed around an assertion has to be right all the same', async () => {
  const xml = await answer();
  expect(await reasonOf(base64(xml.replace(/ InResponseTo="[^"]*"/, '')))).toBe('unsolicited');
  expect(await reasonOf(base64(xml.replace('status:Success', 'status:Requester')))).toBe('status');
  expect(await reasonOf(base64(xml.replace(/ Destination="[^"]*"/, '')))).toBe('destination');
  const elsewhere = await answer({ destination: 'https://elsewhere.example/acs' });
  const here = elsewhere.replace(/ Destination="[^"]*"/, ` Destination="${PUBLIC_URL}/auth/saml/partners/acs"`);
  expect(await reasonOf(base64(here))).toBe('destination');
  const others = await answer({ inResponseTo: '_of-somebody-else' });
  const id = /InResponseTo="([^"]*)"/.exec(xml)?.[1] ?? '';
  expect(await reasonOf(base64(others.replace('InResponseTo="_of-somebody-else"', `InResponseTo="${id}"`)))).toBe(
    'other-request',
  );
});

test('P-01-10 a name identifier that is another one each time names nobody', async () => {
  await idp.is({ ...MIA, format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient' });
  expect(await reasonOf(base64(await answer()))).toBe('subject');
});

test.each<[string, (xml: string) => string, string]>([
  ['another name', (xml) => xml.replace('>mia<', '>max<'), 'signature'],
  ['another group', (xml) => xml.replace('>web<', '>ops<'), 'signature'],
  // CVE-2017-11427: the signature does not see a comment, and a reader may stop at it.
  ['a comment in a name', (xml) => xml.replace('>mia<', '>mi<!-- -->a<'), 'malformed'],
  ['a CDATA section in a name', (xml) => xml.replace('>mia<', '><![CDATA[mia]]><'), 'malformed'],
  ['a processing instruction in a name', (xml) => xml.replace('>mia<', '>m<?x?>ia<'), 'malformed'],
  ['an entity bomb', (xml) => bomb(xml), 'malformed'],
  ['an entity that is a file', (xml) => withDoctype(xml, '<!ENTITY e SYSTEM "file:///etc/passwd">'), 'malformed'],
  ['an undeclared entity', (xml) => xml.replace('>mia<', '>&e;<'), 'malformed'],
  ['another encoding', (xml) => xml.replace('<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-7"?>'), 'malformed'],
  [
    'nesting without end',
    (xml) => xml.replace('<ns0:Status>', `${'<a>'.repeat(40)}${'</a>'.repeat(40)}<ns0:Status>`),
    'malformed',
  ],
  ['more than is read', (xml) => xml.replace('<ns0:Status>', `<a>${'x'.repeat(300_000)}</a><ns0:Status>`), 'malformed'],
  ['two attributes of one name', (xml) => xml.replace('<ns1:NameID ', '<ns1:NameID Format="a" '), 'malformed'],
  ['a second element of the same id', (xml) => xml.replace('<ns0:Status>', `<a ID="${idOf(xml)}"/><ns0:Status>`), 'structure'],
  [
    'the same id with a prefix',
    (xml) => xml.replace('<ns0:Status>', `<a xmlns:x="x" x:ID="${idOf(xml)}"/><ns0:Status>`),
    'structure',
  ],
  ['a signature by HMAC', (xml) => xml.replace(/xmldsig-more#rsa-sha256/, 'xmldsig-more#hmac-sha256'), 'algorithm'],
  ['a third transformation', (xml) => xml.replace('</ns2:Transforms>', `${XPATH}</ns2:Transforms>`), 'algorithm'],
  ['a reference to the whole document', (xml) => xml.replace(`URI="#${idOf(xml)}"`, 'URI=""'), 'structure'],
  ['an encrypted assertion', (xml) => xml.replaceAll('ns1:Assertion', 'ns1:EncryptedAssertion'), 'encrypted'],
  ['nothing in it', () => '<a/>', 'malformed'],
])('P-01-10 an answer with %s is refused', async (_what, change, why) => {
  expect(await reasonOf(base64(change(await answer())))).toBe(why);
});

test.each(['', '%%%', 'bm90IHhtbA==', base64('\xff\xfe'), Buffer.from([0x3c, 0xff, 0x3e]).toString('base64')])(
  'P-01-10 %j is no answer',
  async (given) => {
    expect(await reasonOf(given)).toBe('malformed');
  },
);

const XPATH = '<ns2:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"/>';

const assertionIn = (xml: string): string => /<ns1:Assertion [\s\S]*<\/ns1:Assertion>/.exec(xml)?.[0] ?? '';
const signatureIn = (xml: string): string => /<ns2:Signature [\s\S]*?<\/ns2:Signature>/.exec(xml)?.[0] ?? '';
const idOf = (xml: string): string => / ID="([^"]*)"/.exec(assertionIn(xml))?.[1] ?? '';

function withDoctype(xml: string, subset: string): string {
  return xml.replace('<ns0:Response', `<!DOCTYPE r [${subset}]><ns0:Response`).replace('>mia<', '>&e;<');
}

function bomb(xml: string): string {
  const levels = Array.from({ length: 9 }, (_, level) => `<!ENTITY e${level + 1} "${`&e${level};`.repeat(10)}">`);
  return withDoctype(xml, `<!ENTITY e0 "x">${levels.join('')}<!ENTITY e "&e9;">`);
}

describe('signature wrapping (Somorovsky and others, On Breaking SAML)', () => {
  function parts(xml: string) {
    const assertion = assertionIn(xml);
    const signature = signatureIn(assertion);
    const bare = assertion.replace(signature, '');
    const evil = bare.replace('>mia<', '>admin<').replace(` ID="${idOf(xml)}"`, ' ID="evil"');
    const withSignature = (more = ''): string =>
      evil.replace('</ns1:Issuer>', `</ns1:Issuer>${signature.replace('</ns2:Signature>', `${more}</ns2:Signature>`)}`);
    const put = (content: string): string => xml.replace(assertion, () => content);
    return { assertion, bare, evil, withSignature, put };
  }

  test.each<[string, (given: ReturnType<typeof parts>) => string]>([
    ['XSW3: a forged assertion before', ({ put, evil, assertion }) => put(evil + assertion)],
    ['XSW3: a forged assertion behind', ({ put, evil, assertion }) => put(assertion + evil)],
    [
      'XSW4: the signed one within the forged one',
      ({ put, evil, assertion }) => put(evil.replace('</ns1:Assertion>', `${assertion}</ns1:Assertion>`)),
    ],
    [
      'XSW5: the signature in the forged one, the signed one behind',
      ({ put, withSignature, bare }) => put(withSignature() + bare),
    ],
    ['XSW6: the signed one within the signature of the forged one', ({ put, withSignature, bare }) => put(withSignature(bare))],
    [
      'XSW7: the forged one in an extension',
      ({ put, evil, assertion }) => put(`<ns0:Extensions>${evil}</ns0:Extensions>${assertion}`),
    ],
    [
      'XSW8: the signed one in an object of the signature',
      ({ put, withSignature, bare }) => put(withSignature(`<ns2:Object>${bare}</ns2:Object>`)),
    ],
    [
      'a forged one of another namespace',
      ({ put, evil, assertion }) => put(evil.replaceAll('ns1:Assertion', 'ns0:Assertion') + assertion),
    ],
  ])('P-01-10 %s', async (_name, wrap) => {
    expect(await reasonOf(base64(wrap(parts(await answer()))))).toBe('structure');
  });

  test.each<[string, (response: string, forged: string, signature: string) => string]>([
    [
      'XSW1: the signed response within the signature',
      (response, forged, signature) =>
        forged.replace(
          '</ns1:Issuer>',
          `</ns1:Issuer>${signature.replace('</ns2:Signature>', `<ns2:Object>${response}</ns2:Object></ns2:Signature>`)}`,
        ),
    ],
    [
      'XSW2: the signed response beside the signature',
      (response, forged, signature) => forged.replace('</ns1:Issuer>', `</ns1:Issuer>${response}${signature}`),
    ],
  ])('P-01-10 %s', async (_name, wrap) => {
    const xml = (await answer({ signResponse: true, signAssertion: false })).replace(/^<\?xml[^>]*>\s*/, '').trim();
    const signature = signatureIn(xml);
    const response = xml.replace(signature, '');
    const forged = response.replace('>mia<', '>admin<').replace(/ ID="[^"]*"/, ' ID="evil"');
    expect(await reasonOf(base64(wrap(response, forged, signature)), provider({ signed: 'Response' }))).toBe('structure');
  });
});
