// What an IdentityProvider of type SAML says (SAML 2.0): where the browser goes, whose signatures count, and what has to be signed.
import * as z from 'zod';
import { cel } from '../kind.ts';
import { PROVIDER_SECRET_TYPE, providerSecretRef } from './provider-secret.ts';

const NOT_HTTPS = 'write an https URL; http is for a loopback name only';
/** Where a browser may be sent with a message. */
export const SAML_URL = /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?(\/|$))[^\s#]*$/;
const ONE_SOURCE =
  'write metadata, or entityId, ssoUrl and certificates (with sloUrl where there is one); metadata says these four by itself';

const url = z.string().min(8).max(1024).regex(SAML_URL, NOT_HTTPS);

/** Of a name identifier, by the last word of its URN (SAML core, 8.3). */
export const NAME_ID_FORMATS = {
  persistent: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  emailAddress: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  unspecified: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
  transient: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
} as const;

export const samlProvider = z
  .object({
    metadata: z
      .string()
      .min(1)
      .max(262_144)
      .optional()
      .describe(
        'The metadata of the provider (XML), pasted: it says entity id, addresses and certificates. It is never fetched; new certificates are pasted again.',
      ),
    entityId: z
      .string()
      .min(1)
      .max(1024)
      .optional()
      .describe('The entity id of the provider, as it stands in `Issuer` of its answers.'),
    ssoUrl: url.optional().describe('Where the browser goes to sign in (binding HTTP-Redirect).'),
    sloUrl: url
      .optional()
      .describe(
        'Where the browser goes to sign out (binding HTTP-Redirect). Left out: who signs out here stays signed in there.',
      ),
    certificates: z
      .array(z.string().min(1).max(16_384))
      .min(1)
      .max(8)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .optional()
      .describe(
        'Certificates (PEM, RSA) whose keys the provider signs with. Several while it changes them: the old one and the next. One that has expired does not count.',
      ),
    signed: z
      .enum(['Assertion', 'Response', 'Both'])
      .default('Assertion')
      .describe('What has to be signed. A signature that is there beside it has to be right as well.'),
    nameIdFormat: z
      .enum(['persistent', 'emailAddress', 'unspecified', 'transient'])
      .optional()
      .describe('The form of name identifier that is asked for. Left out: the provider chooses.'),
    signingKeyRef: providerSecretRef
      .optional()
      .describe(
        `What requests are signed with: a private key (PEM, RSA of 2048 bits or more) and its certificate after it, in a Secret of the type \`${PROVIDER_SECRET_TYPE}\` in the same namespace. Left out: requests are not signed.`,
      ),
    clockSkewSeconds: z.int().min(0).max(300).default(60).describe('How far the clock of the provider may be from ours.'),
  })
  .refine(
    ({ metadata, entityId, ssoUrl, sloUrl, certificates }) =>
      metadata === undefined
        ? entityId !== undefined && ssoUrl !== undefined && certificates !== undefined
        : (entityId ?? ssoUrl ?? sloUrl ?? certificates) === undefined,
    ONE_SOURCE,
  )
  .meta(
    cel({
      rule: 'has(self.metadata) ? !has(self.entityId) && !has(self.ssoUrl) && !has(self.sloUrl) && !has(self.certificates) : has(self.entityId) && has(self.ssoUrl) && has(self.certificates)',
      message: ONE_SOURCE,
    }),
  );

export type SamlProviderSpec = z.infer<typeof samlProvider>;
