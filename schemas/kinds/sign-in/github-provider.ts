// What an IdentityProvider of type GitHub says: which GitHub, as which OAuth App, and the members of which organizations may come.
import * as z from 'zod';
import { cel } from '../kind.ts';
import { PROVIDER_SECRET_TYPE, providerSecretRef } from './provider-secret.ts';

const NOT_HTTPS = 'write an https URL without a path; http is for a loopback name only';
const ORIGIN = /^(https:\/\/[-.a-zA-Z0-9]+|http:\/\/(localhost|127\.0\.0\.1|\[::1\]))(:[0-9]{1,5})?$/;
const NOT_API = 'write an https URL, without a slash at the end; http is for a loopback name only';
const API = /^(https:\/\/[-.a-zA-Z0-9]+|http:\/\/(localhost|127\.0\.0\.1|\[::1\]))(:[0-9]{1,5})?(\/[-._a-zA-Z0-9]+)*$/;
const WHO = 'name the organizations whose members may sign in, or write anybody: true';

export const githubOrganization = z.object({
  name: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[a-zA-Z0-9_]([-_a-zA-Z0-9]*[a-zA-Z0-9_])?$/, 'write the name of an organization, as it stands in its address')
    .describe('As it stands in the address of its page. Its group here is called so, and its teams `name/team`.'),
  id: z
    .int()
    .min(1)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe(
      'Its number (`id` at `/orgs/<name>` of the API), which stays when it is renamed. Left out: whichever organization has the name now, also one that took it after a rename.',
    ),
});

export const githubProvider = z
  .object({
    url: z
      .string()
      .min(8)
      .max(300)
      .regex(ORIGIN, NOT_HTTPS)
      .default('https://github.com')
      .describe('`https://github.com`, or the address of a GitHub Enterprise Server or of a tenant at `ghe.com`.'),
    apiUrl: z
      .string()
      .min(8)
      .max(300)
      .regex(API, NOT_API)
      .optional()
      .describe(
        'Left out: made of `url`. `https://api.github.com` for github.com, `https://api.<name>.ghe.com` for a tenant, `/api/v3` of its host for GitHub Enterprise Server.',
      ),
    clientId: z
      .string()
      .min(1)
      .max(256)
      .regex(/^[-._a-zA-Z0-9]+$/, 'write the client ID of the OAuth App')
      .describe(
        'Of the OAuth App that you registered there, with the callback URL `<public-url>/auth/callback/<name of this object>`.',
      ),
    clientSecretRef: providerSecretRef.describe(
      `Its secret, in a Secret of the type \`${PROVIDER_SECRET_TYPE}\` in the same namespace.`,
    ),
    organizations: z
      .array(githubOrganization)
      .max(32)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .default([])
      .describe('Whose active members may sign in. Their names and teams are the groups of this provider; no others are.'),
    anybody: z
      .boolean()
      .default(false)
      .describe(
        '`true`: everybody with an account there may sign in, in an organization or not. Anybody can make such an account.',
      ),
  })
  .refine(({ organizations, anybody }) => organizations.length > 0 || anybody, WHO)
  .meta(cel({ rule: 'self.anybody || size(self.organizations) > 0', message: WHO }));

export type GitHubProviderSpec = z.infer<typeof githubProvider>;
export type GitHubOrganization = z.infer<typeof githubOrganization>;
