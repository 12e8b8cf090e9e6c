// What a signed assertion says, by the rules of the web browser profile (SAML profiles 2.0, 4.1.4.3). It is read from the bytes that the
// signature was found right for, and from nothing else.
import { ASSERTION, BEARER } from '../../../runtime/saml/names.ts';
import { childrenOf, onlyChild, textOf, type XmlElement } from '../../../runtime/saml/strict-xml.ts';
import type { SamlSession } from '../../store/sign-ins.ts';
import { samlRefusal } from './refusal.ts';

export interface AssertionRules {
  /** Entity id of the provider. */
  readonly issuer: string;
  /** Our entity id for it. */
  readonly audience: string;
  /** Where it had to be sent. */
  readonly recipient: string;
  readonly requestId: string;
  readonly clockSkewMs: number;
  readonly now: Date;
}

export interface SaidByAssertion {
  readonly id: string;
  /** From then on it is worth nothing anyway. */
  readonly goodUntil: Date;
  readonly session: SamlSession;
  readonly authenticatedAt: Date;
  readonly endsAt: Date | undefined;
  /** By name, in order. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
}

const MAX_TEXT = 1_024;

/** @throws StreamSpaceError `SamlResponseInvalid` */
export function readAssertion(assertion: XmlElement, rules: AssertionRules): SaidByAssertion {
  const id = assertion.attributes.get('ID') ?? '';
  const isAssertion = assertion.namespace === ASSERTION && assertion.name === 'Assertion';
  if (!isAssertion || assertion.attributes.get('Version') !== '2.0' || id === '' || id.length > MAX_TEXT)
    throw samlRefusal('malformed', 'what is signed is no assertion of SAML 2.0');
  if (textOf(onlyChild(assertion, ASSERTION, 'Issuer')) !== rules.issuer)
    throw samlRefusal('issuer', 'the assertion is of another identity provider');
  const goodUntil = requireSubject(assertion, rules);
  requireConditions(assertion, rules);
  return { id, goodUntil, ...authenticationOf(assertion, rules), attributes: attributesOf(assertion) };
}

/** One confirmation of the bearer has to fit. @returns until when it does */
function requireSubject(assertion: XmlElement, rules: AssertionRules): Date {
  const subject = onlyChild(assertion, ASSERTION, 'Subject');
  const confirmations = subject === undefined ? [] : childrenOf(subject, ASSERTION, 'SubjectConfirmation');
  const bearers = confirmations.filter(({ attributes }) => attributes.get('Method') === BEARER);
  let first: unknown = samlRefusal('subject', 'the assertion is not confirmed for who brings it');
  for (const [index, bearer] of bearers.entries()) {
    try {
      return requireBearer(onlyChild(bearer, ASSERTION, 'SubjectConfirmationData'), rules);
    } catch (error) {
      if (index === 0) first = error;
    }
  }
  throw first;
}

function requireBearer(data: XmlElement | undefined, rules: AssertionRules): Date {
  if (data?.attributes.get('Recipient') !== rules.recipient)
    throw samlRefusal('destination', 'the assertion is for another address');
  if (data.attributes.get('InResponseTo') !== rules.requestId)
    throw samlRefusal('other-request', 'the assertion is the answer to another request');
  const until = requireWithin(data, rules);
  if (until === undefined) throw samlRefusal('time', 'the assertion does not say how long it may be brought');
  return new Date(until.getTime() + rules.clockSkewMs);
}

function requireConditions(assertion: XmlElement, rules: AssertionRules): void {
  const conditions = onlyChild(assertion, ASSERTION, 'Conditions');
  const audiences = conditions === undefined ? [] : childrenOf(conditions, ASSERTION, 'AudienceRestriction');
  if (conditions === undefined || audiences.length === 0)
    throw samlRefusal('audience', 'the assertion does not say for whom it is');
  for (const restriction of audiences)
    if (!childrenOf(restriction, ASSERTION, 'Audience').some((audience) => textOf(audience) === rules.audience))
      throw samlRefusal('audience', 'the assertion is for another service');
  requireWithin(conditions, rules);
}

/** @returns `NotOnOrAfter`, where it is there */
function requireWithin({ attributes }: XmlElement, { now, clockSkewMs }: AssertionRules): Date | undefined {
  const from = timeOf(attributes.get('NotBefore'));
  const until = timeOf(attributes.get('NotOnOrAfter'));
  if (from !== undefined && from.getTime() > now.getTime() + clockSkewMs)
    throw samlRefusal('time', 'the assertion is not good yet');
  if (until !== undefined && until.getTime() + clockSkewMs <= now.getTime())
    throw samlRefusal('time', 'the assertion is not good any more');
  return until;
}

type Authentication = Pick<SaidByAssertion, 'session' | 'authenticatedAt' | 'endsAt'>;

function authenticationOf(assertion: XmlElement, rules: AssertionRules): Authentication {
  const statement = onlyChild(assertion, ASSERTION, 'AuthnStatement');
  const authenticatedAt = timeOf(statement?.attributes.get('AuthnInstant'));
  if (statement === undefined || authenticatedAt === undefined)
    throw samlRefusal('malformed', 'the assertion does not say when the person signed in');
  if (authenticatedAt.getTime() > rules.now.getTime() + rules.clockSkewMs)
    throw samlRefusal('time', 'the person signed in at a time that is still to come');
  const endsAt = timeOf(statement.attributes.get('SessionNotOnOrAfter'));
  if (endsAt !== undefined && endsAt <= rules.now) throw samlRefusal('time', 'the session at the identity provider has ended');
  return { session: sessionOf(assertion, statement.attributes.get('SessionIndex')), authenticatedAt, endsAt };
}

function sessionOf(assertion: XmlElement, sessionIndex: string | undefined): SamlSession {
  const subject = onlyChild(assertion, ASSERTION, 'Subject');
  if (subject !== undefined && childrenOf(subject, ASSERTION, 'EncryptedID').length > 0)
    throw samlRefusal('encrypted', 'the name identifier is encrypted');
  const nameId = subject === undefined ? undefined : onlyChild(subject, ASSERTION, 'NameID');
  const { value, ...how } = nameIdOf(nameId);
  return { nameId: value, ...how, ...(sessionIndex === undefined ? {} : { sessionIndex: limited(sessionIndex) }) };
}

/** @throws StreamSpaceError `SamlResponseInvalid` */
export function nameIdOf(
  nameId: XmlElement | undefined,
): { readonly value: string } & Omit<SamlSession, 'nameId' | 'sessionIndex'> {
  const value = textOf(nameId);
  if (nameId === undefined || value === '' || nameId.children.length > 0)
    throw samlRefusal('subject', 'the message does not name a person');
  const said = {
    format: nameId.attributes.get('Format'),
    nameQualifier: nameId.attributes.get('NameQualifier'),
    spNameQualifier: nameId.attributes.get('SPNameQualifier'),
  };
  const there = Object.entries(said).flatMap(([key, text]) => (text === undefined ? [] : [[key, limited(text)] as const]));
  return { value: limited(value), ...Object.fromEntries(there) };
}

function attributesOf(assertion: XmlElement): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const statement of childrenOf(assertion, ASSERTION, 'AttributeStatement'))
    for (const attribute of childrenOf(statement, ASSERTION, 'Attribute')) {
      const name = attribute.attributes.get('Name') ?? '';
      const values = childrenOf(attribute, ASSERTION, 'AttributeValue').flatMap((value) =>
        value.children.length > 0 || textOf(value) === '' ? [] : [textOf(value)],
      );
      found.set(name, [...(found.get(name) ?? []), ...values]);
    }
  return found;
}

/** A time of SAML is in UTC (SAML core, 1.3.3). */
export function timeOf(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]00:00)$/.test(text) ? new Date(text) : new Date(Number.NaN);
  if (Number.isNaN(time.getTime())) throw samlRefusal('malformed', 'the message has a time that is none');
  return time;
}

function limited(text: string): string {
  if (text.length <= MAX_TEXT && !text.includes('\0')) return text;
  throw samlRefusal('malformed', `the message has a name that is longer than ${MAX_TEXT} characters`);
}
