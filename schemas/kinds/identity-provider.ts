// IdentityProvider: where people sign in, beside the provider of the gateway's settings.
import * as z from 'zod';
import { SETTINGS_PROVIDER } from '../names.ts';
import { cel, conditions, dnsLabel, type KindDefinition, type KubeObject, observedGeneration } from './kind.ts';
import { subjectName } from './team.ts';

const NOT_HTTPS = 'write an https URL; http is for a loopback name only';
const HTTPS = /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?(\/|$))[^\s?#]*$/;
const OIDC_FOR = 'oidc goes with type OIDC, and it needs one';

/** What a Secret has to be for a gateway to send what is in it to a provider: one that was made for something else never leaves. */
export const PROVIDER_SECRET_TYPE = 'streamspace.io/identity-provider';

export const providerSecretRef = z.object({
  name: dnsLabel.describe('Name of the Secret.'),
  key: z
    .string()
    .min(1)
    .max(253)
    .regex(/^[-._a-zA-Z0-9]+$/, 'write the key of a Secret')
    .describe('The key in it.'),
});

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

const claimName = z.string().min(1).max(256);

export const claimMappings = z.object({
  username: claimName
    .optional()
    .describe('What names a person, among the people of this provider. Default `preferred_username`.'),
  email: claimName.optional().describe('The address that `allowedDomains` looks at. Default `email`.'),
  groups: claimName.optional().describe('The groups, a list of texts. Default `groups`.'),
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
    type: z.enum(['OIDC']).describe('How it is spoken to. `OIDC`: OpenID Connect, code flow with PKCE.'),
    displayName: z.string().min(1).max(80).describe('The name that people choose it by.'),
    oidc: oidcProvider.optional().describe('Of type `OIDC`.'),
    claimMappings: claimMappings.optional().describe('Which claim says what.'),
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
      .describe('Only people with an address in one of these domains, which the provider has verified. Left out: everybody.'),
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
  .meta(cel({ rule: "(self.type == 'OIDC') == has(self.oidc)", message: OIDC_FOR }));

export const identityProviderStatus = z.object({
  observedGeneration: observedGeneration.optional(),
  conditions: conditions.optional(),
});

export type IdentityProviderSpec = z.infer<typeof identityProviderSpec>;
export type IdentityProvider = KubeObject<IdentityProviderSpec, z.infer<typeof identityProviderStatus>>;
export type ProviderSecretRef = z.infer<typeof providerSecretRef>;

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
      rule: `!(self.metadata.name in ['${SETTINGS_PROVIDER}', 'system'])`,
      message: `${SETTINGS_PROVIDER} is the provider of the settings, and system means Kubernetes itself: choose another name`,
      fieldPath: '.metadata.name',
    },
  ],
  columns: [
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Type', type: 'string', jsonPath: '.spec.type' },
    { name: 'Name', type: 'string', jsonPath: '.spec.displayName' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  conditions: {
    Ready: {
      Accepted: 'People may sign in at it.',
      ProviderUnreached: 'It is not in the namespace `streamspace`, the only one where it counts.',
      ProviderSecretMissing: `A Secret or key that it names is not there, or the Secret is not of the type \`${PROVIDER_SECRET_TYPE}\`; the message names it.`,
    },
  },
};

/** Every Secret that it names. */
export function secretRefsOf({ oidc }: IdentityProviderSpec): readonly ProviderSecretRef[] {
  return oidc === undefined ? [] : [oidc.clientSecretRef];
}
