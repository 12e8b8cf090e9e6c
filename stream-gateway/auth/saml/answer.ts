// The answer to a request to sign in: refused unless all of it is as it should be. First its shape, then the signatures and times by
// `@node-saml/node-saml`, then what the library does not look at, on the bytes that were signed.
import { SAML, SamlStatusError, ValidateInResponseTo } from '@node-saml/node-saml';
import { type SamlIdentityProvider, validCertificates } from '../../../runtime/saml/identity-provider.ts';
import { ASSERTION, PROTOCOL, SUCCESS } from '../../../runtime/saml/names.ts';
import { childrenOf, everyElement, onlyChild, textOf, type XmlElement } from '../../../runtime/saml/strict-xml.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { SamlProviderSpec } from '../../../schemas/kinds/sign-in/saml-provider.ts';
import { type AssertionRules, readAssertion, type SaidByAssertion } from './assertion.ts';
import { parsed, postedMessage } from './message.ts';
import { type SamlReason, samlRefusal } from './refusal.ts';
import { signedElements } from './signature-shape.ts';

export interface AnswerRules {
  readonly identityProvider: SamlIdentityProvider;
  readonly signed: SamlProviderSpec['signed'];
  /** Our entity id for this provider. */
  readonly entityId: string;
  /** Where it had to be sent. */
  readonly acsUrl: string;
  readonly requestId: string;
  readonly clockSkewMs: number;
  readonly now: Date;
}

/** @param field `SAMLResponse` of the form @throws StreamSpaceError `SamlResponseInvalid`, `ProviderCertificateExpired` */
export async function readAnswer(field: unknown, rules: AnswerRules): Promise<SaidByAssertion> {
  const { encoded, root } = postedMessage(field);
  requireEnvelope(root, rules);
  const assertion = theAssertion(root);
  const signed = signedElements(root, [root, assertion]);
  const wants = { root: rules.signed !== 'Assertion', assertion: rules.signed !== 'Response' };
  if ((wants.root && !signed.has(root)) || (wants.assertion && !signed.has(assertion)))
    throw samlRefusal('unsigned', `what has to be signed is not: ${rules.signed}`);
  // One that is there without need has to be right as well.
  const xml = await verified(encoded, rules, { response: signed.has(root), assertion: signed.has(assertion) });
  const { identityProvider, entityId: audience, acsUrl: recipient, requestId, clockSkewMs, now } = rules;
  const said: AssertionRules = { issuer: identityProvider.entityId, audience, recipient, requestId, clockSkewMs, now };
  return readAssertion(parsed(xml), said);
}

/** What stands around the assertion, signed or not. */
function requireEnvelope(root: XmlElement, { identityProvider, acsUrl, requestId }: AnswerRules): void {
  const { attributes } = root;
  if (root.namespace !== PROTOCOL || root.name !== 'Response' || attributes.get('Version') !== '2.0')
    throw samlRefusal('malformed', 'the message is no response of SAML 2.0');
  const inResponseTo = attributes.get('InResponseTo');
  if (inResponseTo === undefined) throw samlRefusal('unsolicited', 'the response is the answer to no request');
  if (inResponseTo !== requestId) throw samlRefusal('other-request', 'the response is the answer to another request');
  // Required of what is signed (SAML bindings, 3.5.5.2), and asked of all here.
  if (attributes.get('Destination') !== acsUrl) throw samlRefusal('destination', 'the response is for another address');
  const issuers = childrenOf(root, ASSERTION, 'Issuer');
  if (issuers.length > 1 || issuers.some((issuer) => textOf(issuer) !== identityProvider.entityId))
    throw samlRefusal('issuer', 'the response is of another identity provider');
  const status = onlyChild(root, PROTOCOL, 'Status');
  const code = status === undefined ? undefined : onlyChild(status, PROTOCOL, 'StatusCode');
  if (code?.attributes.get('Value') !== SUCCESS)
    throw samlRefusal('status', 'the identity provider says that nobody was signed in');
}

/** One in the whole message, whatever namespace others pretend to be of. */
function theAssertion(root: XmlElement): XmlElement {
  const all = [...everyElement(root)];
  if (all.some(({ name }) => name === 'EncryptedAssertion')) throw samlRefusal('encrypted', 'the assertion is encrypted');
  const found = all.filter(({ name }) => name === 'Assertion');
  const [assertion] = found;
  if (assertion === undefined) throw samlRefusal('malformed', 'the response has no assertion');
  const isWhereItBelongs = assertion.parent === root && assertion.namespace === ASSERTION;
  if (found.length > 1 || !isWhereItBelongs || all.filter(({ name }) => name === 'Response').length > 1)
    throw samlRefusal('structure', 'the response has more than one assertion, or one at another place');
  return assertion;
}

/** @returns the assertion as it was signed */
async function verified(
  encoded: string,
  rules: AnswerRules,
  signed: { readonly response: boolean; readonly assertion: boolean },
): Promise<string> {
  const certificates = validCertificates(rules.identityProvider, rules.now);
  if (certificates.length === 0)
    throw new StreamSpaceError('ProviderCertificateExpired', 'no certificate of the identity provider is valid now');
  const saml = new SAML({
    ...{ issuer: rules.entityId, audience: rules.entityId, callbackUrl: rules.acsUrl },
    ...{ idpIssuer: rules.identityProvider.entityId, idpCert: certificates.map(({ pem }) => pem) },
    ...{ wantAuthnResponseSigned: signed.response, wantAssertionsSigned: signed.assertion },
    acceptedClockSkewMs: rules.clockSkewMs,
    validateInResponseTo: ValidateInResponseTo.always,
    cacheProvider: onlyRequest(rules.requestId, rules.now),
  });
  try {
    const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: encoded });
    const xml = profile?.getAssertionXml?.();
    if (xml !== undefined) return xml;
  } catch (error) {
    throw refusalOf(error);
  }
  throw samlRefusal('malformed', 'the response has no assertion');
}

/** Which requests there are is kept in the database by the name of the browser; the library is told of the one that was found. */
function onlyRequest(requestId: string, now: Date) {
  return {
    saveAsync: async () => await Promise.resolve(null),
    getAsync: async (key: string) => await Promise.resolve(key === requestId ? now.toISOString() : null),
    removeAsync: async () => await Promise.resolve(null),
  };
}

/** By what the library says; tests notice when it says it in other words. */
const REASONS: readonly (readonly [RegExp, SamlReason, string])[] = [
  [/signature/i, 'signature', 'the signature is not that of the identity provider'],
  [/audience/i, 'audience', 'the assertion is for another service'],
  [/expired|not yet valid|too old|subject confirmation/i, 'time', 'the assertion is not good any more, or not yet'],
  [/InResponseTo/i, 'other-request', 'the assertion is the answer to another request'],
];

function refusalOf(error: unknown): StreamSpaceError {
  if (error instanceof SamlStatusError)
    return samlRefusal('status', 'the identity provider says that nobody was signed in', { cause: error });
  const words = error instanceof Error ? error.message : '';
  const [, why, message] = REASONS.find(([pattern]) => pattern.test(words)) ?? [];
  return samlRefusal(why ?? 'malformed', message ?? 'the response cannot be read', { cause: error });
}
