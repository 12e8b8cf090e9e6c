// What an IdentityProvider names of Secrets.
import * as z from 'zod';
import { dnsLabel } from '../kind.ts';

/** What a Secret has to be for a gateway to use what is in it for a provider: one that was made for something else never leaves. */
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
export type ProviderSecretRef = z.infer<typeof providerSecretRef>;
