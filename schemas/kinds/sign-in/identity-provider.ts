// IdentityProvider: where people sign in, beside the provider of the gateway's settings.
import * as z from 'zod';
import { BREAK_GLASS, MACHINE, SETTINGS_PROVIDER } from '../../names.ts';
import { cel, conditions, type KindDefinition, type KubeObject, observedGeneration, time } from '../kind.ts';
import { subjectName } from '../team.ts';
import { githubProvider } from './github-provider.ts';
import { PROVIDER_SECRET_TYPE, type ProviderSecretRef, providerSecretRef } from './provider-secret.ts';
import { samlProvider } from './saml-provider.ts';

const NOT_HTTPS = 'write an https URL; http is for a loopback name only';
const HTTPS = /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?(\/|$))[^\s?#]*$/;
const OIDC_FOR = 'oidc goes with type OIDC, and it needs one';

const SUBJECT_FOR = 'claimMappings.subject goes with type LDAP or SAML; of OIDC it is always sub';
const LDAP_FOR = 'ldap goes with type LDAP, and it needs one';
const SAML_FOR = 'saml goes with type SAML, and it needs one';
const GITHUB_FOR = 'github goes with type GitHub, and it needs one';
const CLAIMS_FOR =
  'claimMappings goes with type OIDC, LDAP or SAML; people of GitHub are always called by the number of their account';

export const oidcProvider = z.object({
  issuer: z
    .string()
    .min(8)
    .max(1024)
    .regex(HTTPS, NOT_HTTPS)
    .describe('The issuer URL; what it says at `/.well-known/openid-configuration` is believed.'),
  clientId: z
    .string()
    .min(1)
    .max(256)
    .describe('The client that you registered there, with the redirect URI `<public-url>/auth/callback/<name of this object>`.'),
  clientSecretRef: providerSecretRef.describe(
    `Its secret, in a Secret of the type \`${PROVIDER_SECRET_TYPE}\` in the same namespace.`,
  ),
});

const dn = z
  .string()
  .min(1)
  .max(1024)
  .regex(/^[^=\n]+=[^\n]+$/, 'write a distinguished name such as ou=people,dc=example,dc=com');
const filter = z
  .string()
  .min(3)
  .max(1024)
  .regex(/^\([^\n]+\)$/, 'write a filter in parentheses (RFC 4515)');
const NAMES_NOBODY = 'a filter without {username} fits everybody';

export const ldapProvider = z.object({
  url: z
    .string()
    .min(8)
    .max(300)
    .regex(/^ldaps?:\/\/(\[[0-9a-fA-F:]+\]|[-.a-zA-Z0-9]+)(:[0-9]{1,5})?$/, 'write ldaps://host:port, or ldap://host:port')
    .describe('`ldaps://host:port`; with `ldap://` the connection begins in the clear and nothing is sent before StartTLS.'),
  certificateAuthority: z
    .string()
    .min(1)
    .max(65_536)
    .optional()
    .describe('Certificates (PEM) of which one has signed that of the directory. Left out: those that the system trusts.'),
  bindDN: dn.describe('The account that searches.'),
  bindPasswordRef: providerSecretRef.describe(
    `Its password, in a Secret of the type \`${PROVIDER_SECRET_TYPE}\` in the same namespace.`,
  ),
  userBase: dn.describe('Below which people are.'),
  userFilter: filter
    .refine((text) => text.includes('{username}'), NAMES_NOBODY)
    .meta(cel({ rule: "self.contains('{username}')", message: NAMES_NOBODY }))
    .default('(uid={username})')
    .describe('Who is meant; `{username}` is what was typed, escaped. Whoever does not fit it any more is signed out.'),
  groupBase: dn.optional().describe('Below which groups are. Left out: nobody is in a group.'),
  groupFilter: filter
    .default('(member={dn})')
    .describe('Which groups somebody is in; `{dn}` is his entry, `{username}` his name, both escaped.'),
});

const claimName = z.string().min(1).max(256);

export const claimMappings = z.object({
  username: claimName
    .optional()
    .describe(
      'What names a person, among the people of this provider. Default `preferred_username`; LDAP: `uid`; SAML: the name identifier.',
    ),
  displayName: claimName
    .optional()
    .describe('What a person is shown as. Default `name`; LDAP: `displayName`, else `cn`; SAML: `displayName`.'),
  email: claimName.optional().describe('The address that `allowedDomains` looks at. Default `email`; LDAP and SAML: `mail`.'),
  groups: claimName
    .optional()
    .describe(
      'OIDC: the claim with the groups, a list of texts; default `groups`. LDAP: the attribute that names a group; default `cn`. SAML: the attribute with the groups; default `groups`.',
    ),
  subject: claimName
    .optional()
    .describe(
      'The attribute that stays the same as long as the account is the same. LDAP: default `entryUUID`, of Active Directory `objectGUID`. SAML: default the name identifier, unless that is transient. Of OIDC it is always `sub`.',
    ),
});

export const groupMapping = z.object({
  from: z.string().min(1).max(512).describe('A group as this provider calls it.'),
  to: subjectName.describe('The group that Teams and bindings name.'),
});

const hostname = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, 'write a host name in lower case, without a port');

export const identityProviderSpec = z
  .object({
    type: z
      .enum(['OIDC', 'LDAP', 'SAML', 'GitHub'])
      .describe(
        'How it is spoken to. `OIDC`: OpenID Connect, code flow with PKCE. `LDAP`: a directory, with a form for name and password. `SAML`: SAML 2.0, web browser profile. `GitHub`: OAuth 2.0 code flow with PKCE, and its REST API.',
      ),
    displayName: z.string().min(1).max(80).describe('The name that people choose it by.'),
    oidc: oidcProvider.optional().describe('Of type `OIDC`.'),
    ldap: ldapProvider.optional().describe('Of type `LDAP`.'),
    saml: samlProvider.optional().describe('Of type `SAML`.'),
    github: githubProvider.optional().describe('Of type `GitHub`.'),
    claimMappings: claimMappings.optional().describe('Which claim or attribute says what. Not of type `GitHub`.'),
    groupMappings: z
      .array(groupMapping)
      .max(256)
      .default([])
      .describe(
        'Groups that count under another name. A group that is not here is called `<name of this object>:<group>`: no provider gives what another one may.',
      ),
    allowedDomains: z
      .array(hostname)
      .min(1)
      .max(64)
      .optional()
      .describe(
        'Only people with an address in one of these domains, which the provider has verified; of GitHub the primary one counts. Left out: everybody.',
      ),
    justInTime: z
      .boolean()
      .default(true)
      .describe('Whether people may sign in who never did and whom no Team names. `false`: they are refused.'),
    hostnames: z
      .array(hostname)
      .max(16)
      .default([])
      .describe('Who comes by one of these host names is offered this provider and no other. Empty: it is offered elsewhere.'),
  })
  .refine(({ type, oidc }) => (type === 'OIDC') === (oidc !== undefined), OIDC_FOR)
  .refine(({ type, claimMappings }) => type !== 'OIDC' || claimMappings?.subject === undefined, SUBJECT_FOR)
  .refine(({ type, ldap }) => (type === 'LDAP') === (ldap !== undefined), LDAP_FOR)
  .refine(({ type, saml }) => (type === 'SAML') === (saml !== undefined), SAML_FOR)
  .refine(({ type, github }) => (type === 'GitHub') === (github !== undefined), GITHUB_FOR)
  .refine(({ type, claimMappings }) => type !== 'GitHub' || claimMappings === undefined, CLAIMS_FOR)
  .meta(
    cel(
      { rule: "(self.type == 'OIDC') == has(self.oidc)", message: OIDC_FOR },
      { rule: "(self.type == 'LDAP') == has(self.ldap)", message: LDAP_FOR },
      { rule: "(self.type == 'SAML') == has(self.saml)", message: SAML_FOR },
      { rule: "(self.type == 'GitHub') == has(self.github)", message: GITHUB_FOR },
      { rule: "self.type != 'GitHub' || !has(self.claimMappings)", message: CLAIMS_FOR },
      { rule: "self.type != 'OIDC' || !has(self.claimMappings) || !has(self.claimMappings.subject)", message: SUBJECT_FOR },
    ),
  );

export const identityProviderStatus = z.object({
  observedGeneration: observedGeneration.optional(),
  certificatesEndAt: time
    .optional()
    .describe('SAML: when the last of its certificates expires; from then on nobody can sign in at it.'),
  conditions: conditions.optional(),
});

export type IdentityProviderSpec = z.infer<typeof identityProviderSpec>;
export type IdentityProvider = KubeObject<IdentityProviderSpec, z.infer<typeof identityProviderStatus>>;
export type LdapProviderSpec = z.infer<typeof ldapProvider>;

export const identityProviderKind: KindDefinition = {
  kind: 'IdentityProvider',
  plural: 'identityproviders',
  singular: 'identityprovider',
  shortNames: ['idp'],
  scope: 'Namespaced',
  description:
    'Where people sign in, beside the provider of the settings. It counts in the namespace streamspace alone; its people are called `<its name>:<their name>`.',
  spec: identityProviderSpec,
  status: identityProviderStatus,
  rules: [],
  objectRules: [
    {
      rule: "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$')",
      message: 'the names of its people begin with it: use at most 32 letters, digits and -',
      fieldPath: '.metadata.name',
    },
    {
      rule: `!(self.metadata.name in ['${SETTINGS_PROVIDER}', '${BREAK_GLASS}', '${MACHINE}', 'system'])`,
      message: `${SETTINGS_PROVIDER} is the provider of the settings, ${BREAK_GLASS} the account past them, ${MACHINE} the machines of teams, and system Kubernetes itself: choose another name`,
      fieldPath: '.metadata.name',
    },
  ],
  columns: [
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Type', type: 'string', jsonPath: '.spec.type' },
    { name: 'Name', type: 'string', jsonPath: '.spec.displayName' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', priority: 1 },
    { name: 'Certificates end', type: 'string', jsonPath: '.status.certificatesEndAt', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  conditions: {
    Ready: {
      Accepted: 'People may sign in at it.',
      ProviderUnreached: 'It is not in the namespace `streamspace`, the only one where it counts.',
      ProviderSecretMissing: `A Secret or key that it names is not there, or the Secret is not of the type \`${PROVIDER_SECRET_TYPE}\`; the message names it.`,
      ProviderMetadataInvalid:
        'What was pasted as `saml.metadata` cannot be read as that of an identity provider; the message says why.',
      ProviderCertificateInvalid:
        'A certificate of `saml` cannot be read or has a key that is not RSA of 2048 bits or more, or the key that requests are signed with is none.',
      ProviderCertificateExpired: 'All certificates of `saml` have expired or are not valid yet: no signature counts.',
    },
    CertificatesEndSoon: {
      EndSoon: 'The last of the certificates expires within 30 days (type SAML).',
      Last: 'They last for longer.',
    },
  },
};

/** Every Secret that it names. */
export function secretRefsOf({ oidc, ldap, saml, github }: IdentityProviderSpec): readonly ProviderSecretRef[] {
  return [oidc?.clientSecretRef, ldap?.bindPasswordRef, saml?.signingKeyRef, github?.clientSecretRef].filter(
    (ref) => ref !== undefined,
  );
}
