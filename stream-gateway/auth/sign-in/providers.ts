// Where people may sign in: the provider of the settings, and each IdentityProvider of the system namespace, as it is now.

import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../../runtime/kube/types.ts';
import type { Logger } from '../../../runtime/log/log.ts';
import type { SignInOption } from '../../../schemas/api/sign-in.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { PROVIDER_SECRET_TYPE, type ProviderSecretRef } from '../../../schemas/kinds/sign-in/provider-secret.ts';
import { providerOf, SETTINGS_PROVIDER, SYSTEM_NAMESPACE } from '../../../schemas/names.ts';
import type { IdentityProviderJson } from '../../sessions/kinds-json.ts';
import { GitHubProvider } from '../github/github-provider.ts';
import { LdapDirectory, type LdapOptions } from '../ldap/ldap.ts';
import { type SamlOptions, SamlProvider } from '../saml/saml-provider.ts';
import type { PersonRules } from './claims.ts';
import { OidcProvider } from './provider.ts';

/** One way to sign in. */
export type Way = OidcWay | GitHubWay | SamlWay | (WayBase & { readonly type: 'LDAP'; readonly source: LdapDirectory });

export interface OidcWay extends WayBase {
  readonly type: 'OIDC';
  readonly source: OidcProvider;
  readonly issuer: string;
}

export interface GitHubWay extends WayBase {
  readonly type: 'GitHub';
  readonly source: GitHubProvider;
}

export interface SamlWay extends WayBase {
  readonly type: 'SAML';
  readonly source: SamlProvider;
}

interface WayBase extends SignInOption {
  readonly hostnames: readonly string[];
  /** False: only people who are known already. */
  readonly justInTime: boolean;
}

export interface ProvidersPorts {
  /** That of the settings. */
  readonly settings: { readonly provider: OidcProvider; readonly issuer: string };
  readonly objects: () => Iterable<IdentityProviderJson>;
  /** False until they have been listed: nothing may be taken for deleted before. */
  readonly ready: () => boolean;
  readonly client: Pick<KubeClient, 'find'>;
  readonly publicUrl: string;
  readonly log: Logger;
}

export class Providers {
  readonly #ports: ProvidersPorts;
  readonly #settings: OidcWay;
  /** By name, as long as the object is the same. */
  readonly #made = new Map<string, { readonly uid: string; readonly generation: number; readonly way: Way | undefined }>();

  constructor(ports: ProvidersPorts) {
    this.#ports = ports;
    const { provider, issuer } = ports.settings;
    const says = { name: SETTINGS_PROVIDER, type: 'OIDC', displayName: 'Single sign-on' } as const;
    this.#settings = { ...says, source: provider, issuer, hostnames: [], justInTime: true };
  }

  get ready(): boolean {
    return this.#ports.ready();
  }

  /** All but that of the settings, by name. */
  live(): readonly Way[] {
    const ways: Way[] = [];
    const seen = new Set<string>();
    for (const object of this.#ports.objects()) {
      const { name, namespace, deletionTimestamp } = object.metadata;
      if (namespace !== SYSTEM_NAMESPACE || deletionTimestamp !== undefined) continue;
      seen.add(name);
      const way = this.#wayOf(object);
      if (way !== undefined) ways.push(way);
    }
    for (const name of this.#made.keys()) if (!seen.has(name)) this.#made.delete(name);
    return ways.sort((a, b) => a.displayName.localeCompare(b.displayName, 'en'));
  }

  /** @param hostname without a port. Who comes by a name that providers claim is offered these and no others. */
  offeredAt(hostname: string): readonly Way[] {
    const live = this.live();
    const claimed = live.filter(({ hostnames }) => hostnames.includes(hostname.toLowerCase()));
    return claimed.length > 0 ? claimed : [this.#settings, ...live.filter(({ hostnames }) => hostnames.length === 0)];
  }

  /** @throws StreamSpaceError `NotFound` */
  find(name: string): Way {
    const way = name === SETTINGS_PROVIDER ? this.#settings : this.live().find((each) => each.name === name);
    if (way === undefined) throw new StreamSpaceError('NotFound', 'there is no such way to sign in');
    return way;
  }

  /** Where a person has signed in. `undefined`: it is not there any more. */
  ofPerson(person: string): Way | undefined {
    const name = providerOf(person);
    return name === undefined ? this.#settings : this.live().find((each) => each.name === name);
  }

  /** Those that are there, whether they can be used or not. */
  names(): readonly string[] {
    return [...this.#ports.objects()].flatMap(({ metadata: { namespace, name } }) =>
      namespace === SYSTEM_NAMESPACE ? [name] : [],
    );
  }

  /** Where forms of the page may lead to, by redirect. */
  issuers(): readonly string[] {
    return [this.#settings, ...this.live()].flatMap((way) => {
      if (way.type === 'OIDC') return [way.issuer];
      const { sloUrl } = way.type === 'SAML' ? way.source.identityProvider : {};
      return sloUrl === undefined ? [] : [sloUrl];
    });
  }

  #wayOf({ metadata: { name, uid = '', generation = 0 }, spec }: IdentityProviderJson): Way | undefined {
    const known = this.#made.get(name);
    if (known?.uid === uid && known.generation === generation) return known.way;
    let way: Way | undefined;
    try {
      way = this.#make(name, spec);
    } catch (error) {
      this.#ports.log.warn({ err: error, provider: name }, 'an identity provider cannot be used');
    }
    this.#made.set(name, { uid, generation, way });
    return way;
  }

  #make(name: string, spec: IdentityProviderJson['spec']): Way | undefined {
    const { displayName, oidc, ldap, saml, github, justInTime, hostnames } = spec;
    const { publicUrl, log } = this.#ports;
    const base = { name, displayName, hostnames, justInTime };
    if (oidc !== undefined) {
      const { issuer, clientId, clientSecretRef } = oidc;
      const clientSecret = async (): Promise<string> => await this.#secret(clientSecretRef);
      const source = new OidcProvider({ issuer, clientId, clientSecret, publicUrl, ...oidcRules(name, spec) }, log);
      return { ...base, type: 'OIDC', issuer, source };
    }
    if (saml !== undefined) {
      const { signingKeyRef } = saml;
      const signer = signingKeyRef === undefined ? undefined : async (): Promise<string> => await this.#secret(signingKeyRef);
      const source = new SamlProvider({ spec: saml, signer, publicUrl, ...samlRules(name, spec) });
      return { ...base, type: 'SAML', source };
    }
    if (github !== undefined) {
      const { clientSecretRef, ...rest } = github;
      const clientSecret = async (): Promise<string> => await this.#secret(clientSecretRef);
      const { groupMappings, allowedDomains } = spec;
      const rules = { name, groupMappings, allowedDomains };
      return { ...base, type: 'GitHub', source: new GitHubProvider({ spec: rest, clientSecret, publicUrl, rules }, log) };
    }
    if (ldap === undefined) return undefined;
    const { bindPasswordRef, ...rest } = ldap;
    const bindPassword = async (): Promise<string> => await this.#secret(bindPasswordRef);
    return { ...base, type: 'LDAP', source: new LdapDirectory({ ...rest, bindPassword, ...ldapRules(name, spec) }, log) };
  }

  /** Only of the type that is made for it: a Secret that was made for something else is never sent to a provider. */
  async #secret({ name, key }: ProviderSecretRef): Promise<string> {
    const secret = await this.#ports.client.find<KubeObjectJson>(RESOURCES.secrets, SYSTEM_NAMESPACE, name);
    const data = secret?.['type'] === PROVIDER_SECRET_TYPE ? secret['data'] : undefined;
    const value =
      typeof data === 'object' && data !== null ? Object.entries(data).find(([each]) => each === key)?.[1] : undefined;
    if (typeof value === 'string') return Buffer.from(value, 'base64').toString('utf8').trim();
    throw new StreamSpaceError('ProviderSecretMissing', 'the Secret of the identity provider is missing');
  }
}

type Rules = Pick<IdentityProviderJson['spec'], 'claimMappings' | 'groupMappings' | 'allowedDomains'>;

function oidcRules(name: string, { claimMappings = {}, groupMappings, allowedDomains }: Rules): PersonRules {
  const { username = 'preferred_username', displayName = 'name', groups = 'groups', email = 'email' } = claimMappings;
  const provider = { name, emailClaim: email, groupMappings, allowedDomains };
  return { nameClaim: username, displayNameClaim: displayName, groupsClaim: groups, provider };
}

function samlRules(
  name: string,
  { claimMappings = {}, groupMappings, allowedDomains }: Rules,
): Pick<SamlOptions, 'attributes' | 'rules'> {
  const { username, subject, displayName = 'displayName', groups = 'groups', email = 'mail' } = claimMappings;
  return { attributes: { username, subject, displayName, groups, email }, rules: { name, groupMappings, allowedDomains } };
}

function ldapRules(
  name: string,
  { claimMappings = {}, groupMappings, allowedDomains }: Rules,
): Pick<LdapOptions, 'attributes' | 'rules'> {
  const { username = 'uid', displayName, groups = 'cn', email = 'mail', subject = 'entryUUID' } = claimMappings;
  return { attributes: { username, displayName, groups, email, subject }, rules: { name, groupMappings, allowedDomains } };
}
