// A LogoutRequest of the provider (SAML profiles 2.0, 4.4), through a browser by redirect or by a form: signed, or it ends nothing.
import { SAML } from '@node-saml/node-saml';
import { type SamlIdentityProvider, validCertificates } from '../../../runtime/saml/identity-provider.ts';
import { ASSERTION, PROTOCOL } from '../../../runtime/saml/names.ts';
import { childrenOf, onlyChild, textOf, type XmlElement } from '../../../runtime/saml/strict-xml.ts';
import { nameIdOf, timeOf } from './assertion.ts';
import { postedMessage, redirectedMessage, type SamlMessage } from './message.ts';
import { samlRefusal } from './refusal.ts';
import { QUERY_SIGNATURE_METHODS, signedElements } from './signature-shape.ts';

export interface LogoutRules {
  readonly identityProvider: SamlIdentityProvider;
  /** Where it had to be sent. */
  readonly logoutUrl: string;
  readonly clockSkewMs: number;
  readonly now: Date;
}

export interface SamlLogout {
  readonly id: string;
  /** From then on it is worth nothing anyway. */
  readonly goodUntil: Date;
  readonly nameId: string;
  /** None: all of this name. */
  readonly sessions: readonly string[];
}

/** A provider that could not send it for longer than this has nothing to say about it any more. */
const MAX_AGE_MS = 600_000;
const MAX_SESSIONS = 100;

/** @param field `SAMLRequest` of a form @throws StreamSpaceError `SamlResponseInvalid` */
export async function readPostedLogout(field: unknown, rules: LogoutRules): Promise<SamlLogout> {
  const message = postedMessage(field);
  const logout = readLogout(message.root, rules);
  if (!signedElements(message.root, [message.root]).has(message.root))
    throw samlRefusal('unsigned', 'the logout request is not signed');
  await verified(rules, (saml) => saml.validatePostRequestAsync({ SAMLRequest: message.encoded }));
  return logout;
}

/**
 * @param query as it came, without the question mark: what was signed is its text (SAML bindings, 3.4.4.1)
 * @throws StreamSpaceError `SamlResponseInvalid`
 */
export async function readRedirectedLogout(query: string, rules: LogoutRules): Promise<SamlLogout> {
  const { parts, values } = signedQuery(query);
  const message: SamlMessage = redirectedMessage(values['SAMLRequest']);
  const logout = readLogout(message.root, rules);
  if (signedElements(message.root, [message.root]).size > 0)
    throw samlRefusal('structure', 'a message that is redirected is signed in the address alone');
  await verified(rules, (saml) => saml.validateRedirectAsync(values, parts.join('&')));
  return logout;
}

const SIGNED_PARTS = ['SAMLRequest', 'RelayState', 'SigAlg', 'Signature'] as const;

/** Each part once, in the order in which they were signed. */
function signedQuery(query: string): {
  readonly parts: readonly string[];
  readonly values: Record<string, string>;
} {
  const given = query.split('&').map((part) => ({ part, name: part.split('=', 1)[0] ?? '' }));
  const parts: string[] = [];
  const values: Record<string, string> = {};
  for (const name of SIGNED_PARTS) {
    const [found, ...others] = given.filter((each) => each.name === name);
    if (others.length > 0) throw samlRefusal('malformed', `the address has ${name} more than once`);
    if (found === undefined) continue;
    parts.push(found.part);
    values[name] = decoded(found.part.slice(name.length + 1));
  }
  if (values['Signature'] === undefined) throw samlRefusal('unsigned', 'the logout request is not signed');
  if (!QUERY_SIGNATURE_METHODS.has(values['SigAlg'] ?? ''))
    throw samlRefusal('algorithm', 'the logout request is not signed with RSA and SHA-2');
  return { parts, values };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    throw samlRefusal('malformed', 'the address is not encoded as it should be', { cause: error });
  }
}

function readLogout(root: XmlElement, { identityProvider, logoutUrl, clockSkewMs, now }: LogoutRules): SamlLogout {
  const { attributes } = root;
  const id = attributes.get('ID') ?? '';
  if (root.namespace !== PROTOCOL || root.name !== 'LogoutRequest' || attributes.get('Version') !== '2.0' || id === '')
    throw samlRefusal('malformed', 'the message is no logout request of SAML 2.0');
  if (textOf(onlyChild(root, ASSERTION, 'Issuer')) !== identityProvider.entityId)
    throw samlRefusal('issuer', 'the logout request is of another identity provider');
  if (attributes.get('Destination') !== logoutUrl) throw samlRefusal('destination', 'the logout request is for another address');
  const issuedAt = timeOf(attributes.get('IssueInstant'))?.getTime() ?? Number.NaN;
  const until = timeOf(attributes.get('NotOnOrAfter'))?.getTime() ?? Number.POSITIVE_INFINITY;
  const goodUntil = Math.min(issuedAt + MAX_AGE_MS, until) + clockSkewMs;
  if (!(issuedAt <= now.getTime() + clockSkewMs && now.getTime() < goodUntil))
    throw samlRefusal('time', 'the logout request is too old, or of a time that is still to come');
  if (childrenOf(root, ASSERTION, 'EncryptedID').length > 0) throw samlRefusal('encrypted', 'the name identifier is encrypted');
  const sessions = childrenOf(root, PROTOCOL, 'SessionIndex').map(textOf);
  if (sessions.length > MAX_SESSIONS || sessions.includes('')) throw samlRefusal('malformed', 'the sessions cannot be read');
  const { value: nameId } = nameIdOf(onlyChild(root, ASSERTION, 'NameID'));
  return { id, goodUntil: new Date(goodUntil), nameId, sessions };
}

async function verified(
  { identityProvider, logoutUrl, clockSkewMs, now }: LogoutRules,
  verify: (saml: SAML) => Promise<unknown>,
): Promise<void> {
  const idpCert = validCertificates(identityProvider, now).map(({ pem }) => pem);
  if (idpCert.length === 0) throw samlRefusal('signature', 'no certificate of the identity provider is valid now');
  const saml = new SAML({
    ...{ issuer: logoutUrl, callbackUrl: logoutUrl, idpIssuer: identityProvider.entityId, idpCert },
    acceptedClockSkewMs: clockSkewMs,
  });
  try {
    await verify(saml);
  } catch (error) {
    throw samlRefusal('signature', 'the signature is not that of the identity provider', { cause: error });
  }
}
