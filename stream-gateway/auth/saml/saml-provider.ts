// An identity provider that speaks SAML 2.0. It is never connected to: everything goes through the browser of who signs in or out.
import { createHash } from 'node:crypto';
import { generateServiceProviderMetadata, SAML } from '@node-saml/node-saml';
import {
  type RequestSigner,
  readRequestSigner,
  type SamlIdentityProvider,
  samlIdentityProviderOf,
} from '../../../runtime/saml/identity-provider.ts';
import { HTTP_POST, HTTP_REDIRECT } from '../../../runtime/saml/names.ts';
import { NAME_ID_FORMATS, type SamlProviderSpec } from '../../../schemas/kinds/sign-in/saml-provider.ts';
import type { SamlSession } from '../../store/sign-ins.ts';
import { type PersonRules, personOfClaims } from '../sign-in/claims.ts';
import type { Confirmation, SignedIn, SignInProof } from '../sign-in/provider.ts';
import { readAnswer } from './answer.ts';
import type { SaidByAssertion } from './assertion.ts';
import { readPostedLogout, readRedirectedLogout, type SamlLogout } from './logout-request.ts';
import { samlRefusal } from './refusal.ts';

export interface SamlOptions {
  readonly spec: SamlProviderSpec;
  /** Left out: requests are not signed. */
  readonly signer: (() => Promise<string>) | undefined;
  readonly publicUrl: string;
  /** Names of attributes; `username` and `subject` left out: the name identifier. */
  readonly attributes: {
    readonly username: string | undefined;
    readonly subject: string | undefined;
    readonly displayName: string;
    readonly email: string;
    readonly groups: string;
  };
  readonly rules: Omit<NonNullable<PersonRules['provider']>, 'emailClaim'>;
}

/** A verified answer, as it is kept for the browser that began the sign-in. */
export interface SamlAnswer {
  readonly signedIn: SignedIn;
  readonly assertionId: string;
  readonly goodUntil: Date;
}

const CLAIMS = { nameClaim: 'username', groupsClaim: 'groups' } as const;

export class SamlProvider {
  readonly identityProvider: SamlIdentityProvider;
  readonly #options: SamlOptions;
  readonly #base: string;

  /** @throws StreamSpaceError `ProviderMetadataInvalid`, `ProviderCertificateInvalid` */
  constructor(options: SamlOptions) {
    this.#options = options;
    this.identityProvider = samlIdentityProviderOf(options.spec);
    this.#base = `${options.publicUrl}/auth/saml/${options.rules.name}`;
  }

  /** Where our metadata is, and by which name the provider knows us. Each object has its own: no audience fits two. */
  get entityId(): string {
    return `${this.#base}/metadata`;
  }

  /** Where to send the browser (binding HTTP-Redirect). @param options.fresh whoever is signed in there is asked again all the same */
  async signInUrl({ state }: Pick<SignInProof, 'state'>, { fresh }: { readonly fresh: boolean }): Promise<URL> {
    const saml = await this.#saml({ forceAuthn: fresh, generateUniqueId: () => requestIdOf(state) });
    return new URL(await saml.getAuthorizeUrlAsync(state, undefined, {}));
  }

  /** @param field `SAMLResponse` of the form @throws StreamSpaceError `SamlResponseInvalid`, `SignInFailed`, `SignInForbidden` */
  async readAnswer(field: unknown, state: string): Promise<SamlAnswer> {
    const { spec } = this.#options;
    const said = await readAnswer(field, {
      ...{ identityProvider: this.identityProvider, signed: spec.signed, entityId: this.entityId, acsUrl: this.#address('acs') },
      ...{ requestId: requestIdOf(state), clockSkewMs: this.#clockSkewMs, now: new Date() },
    });
    return { signedIn: this.#signedIn(said), assertionId: said.id, goodUntil: said.goodUntil };
  }

  /** @param form of a form; left out: the query is one of a redirect @throws StreamSpaceError `SamlResponseInvalid` */
  async readLogout(query: string, form: unknown): Promise<SamlLogout> {
    const rules = {
      ...{ identityProvider: this.identityProvider, logoutUrl: this.#address('logout') },
      ...{ clockSkewMs: this.#clockSkewMs, now: new Date() },
    };
    return form === undefined ? await readRedirectedLogout(query, rules) : await readPostedLogout(form, rules);
  }

  /** Where the browser brings our answer to a logout request. `undefined`: the provider has no address for it. */
  async loggedOutUrl({ id, nameId }: SamlLogout, relayState: string): Promise<URL | undefined> {
    if (this.identityProvider.sloUrl === undefined) return undefined;
    const saml = await this.#saml({});
    const request = { ID: id, issuer: this.identityProvider.entityId, nameID: nameId, nameIDFormat: '' };
    return new URL(await saml.getLogoutResponseUrlAsync(request, relayState, {}, true));
  }

  /** Where the browser ends its session at the provider, `undefined` when there is no such place. */
  async signOutUrl(session?: SamlSession): Promise<URL | undefined> {
    if (this.identityProvider.sloUrl === undefined || session === undefined) return undefined;
    const saml = await this.#saml({});
    const { nameId, format, nameQualifier, spNameQualifier, sessionIndex } = session;
    const user = {
      ...{ issuer: this.identityProvider.entityId, nameID: nameId, nameIDFormat: format ?? NAME_ID_FORMATS.unspecified },
      ...(nameQualifier === undefined ? {} : { nameQualifier }),
      ...(spNameQualifier === undefined ? {} : { spNameQualifier }),
      ...(sessionIndex === undefined ? {} : { sessionIndex }),
    };
    return new URL(await saml.getLogoutUrlAsync(user, '', {}));
  }

  /** What an admin of the provider registers (SAML metadata 2.0, 2.4.4). */
  async metadata(): Promise<string> {
    const signer = await this.#signer();
    const { signed } = this.#options.spec;
    const xml = generateServiceProviderMetadata({
      ...{ issuer: this.entityId, callbackUrl: this.#address('acs'), logoutCallbackUrl: this.#address('logout') },
      ...{ identifierFormat: this.#nameIdFormat, wantAssertionsSigned: signed !== 'Response' },
      // The same every time: it is compared, and kept.
      generateUniqueId: () => `_${sha256Hex(this.entityId)}`,
      ...(signer === undefined ? {} : { privateKey: signer.key, publicCerts: signer.certificate }),
    });
    // The library names one binding of logout; we take both.
    const posted = `<SingleLogoutService Binding="${HTTP_POST}"`;
    const place = xml.split('\n').find((line) => line.includes(posted));
    return place === undefined ? xml : xml.replace(place, () => `${place.replace(HTTP_POST, HTTP_REDIRECT)}\n${place}`);
  }

  /** Nobody can ask it again: there is nothing to ask with. A sign-in that says otherwise is from before the object was of this type. */
  async confirm(_refreshToken: string, _person: unknown): Promise<Confirmation> {
    return await Promise.resolve('gone');
  }

  async revoke(_refreshToken: string): Promise<void> {
    await Promise.resolve();
  }

  #address(what: 'acs' | 'logout'): string {
    return `${this.#base}/${what}`;
  }

  get #clockSkewMs(): number {
    return this.#options.spec.clockSkewSeconds * 1_000;
  }

  get #nameIdFormat(): string | null {
    const { nameIdFormat } = this.#options.spec;
    return nameIdFormat === undefined ? null : NAME_ID_FORMATS[nameIdFormat];
  }

  async #signer(): Promise<RequestSigner | undefined> {
    return this.#options.signer === undefined ? undefined : readRequestSigner(await this.#options.signer());
  }

  /** For what we send. */
  async #saml(more: { readonly forceAuthn?: boolean; readonly generateUniqueId?: () => string }): Promise<SAML> {
    const signer = await this.#signer();
    const { ssoUrl, sloUrl, certificates } = this.identityProvider;
    return new SAML({
      ...{ issuer: this.entityId, callbackUrl: this.#address('acs'), entryPoint: ssoUrl, logoutUrl: sloUrl ?? ssoUrl },
      ...{ idpCert: certificates.map(({ pem }) => pem), identifierFormat: this.#nameIdFormat },
      // Which ways to sign in are good enough is the provider's to say, and a SignInPolicy's.
      disableRequestedAuthnContext: true,
      ...{ signatureAlgorithm: 'sha256' as const, digestAlgorithm: 'sha256' },
      ...(signer === undefined ? {} : { privateKey: signer.key, publicCert: signer.certificate }),
      ...more,
    });
  }

  #signedIn({ session, authenticatedAt, endsAt, attributes }: SaidByAssertion): SignedIn {
    const { attributes: names, rules } = this.#options;
    const byName = (name: string | undefined): string | undefined => {
      if (name !== undefined) return attributes.get(name)?.[0];
      if (session.format === NAME_ID_FORMATS.transient)
        throw samlRefusal('subject', 'the name identifier is another one each time: map an attribute that stays');
      return session.nameId;
    };
    const subject = byName(names.subject);
    if (subject === undefined) throw samlRefusal('subject', 'the assertion does not say which account this is');
    const claims = {
      ...{ username: byName(names.username), name: attributes.get(names.displayName)?.[0] },
      groups: attributes.get(names.groups) ?? [],
      // The provider stands for what it signs.
      ...{ email: attributes.get(names.email)?.[0], email_verified: true },
    };
    const person = personOfClaims(claims, { ...CLAIMS, provider: { ...rules, emailClaim: 'email' } });
    // An OpenID provider may call itself the same.
    const account = { issuer: `saml:${this.identityProvider.entityId}`, subject };
    return { person, account, atProvider: { authenticatedAt, endsAt, saml: session } };
  }
}

/** It follows from the state, so an answer shows by itself to which question it belongs. */
function requestIdOf(state: string): string {
  return `_${sha256Hex(`saml ${state}`)}`;
}

function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
