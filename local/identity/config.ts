// The file that tells the identity provider who there is. Written by `part.ts`, read by `main.ts`; both know it by this schema.
import * as z from 'zod';

export const identityConfig = z.object({
  port: z.int().min(0).max(65_535),
  issuer: z.string().min(1),
  client: z.object({
    id: z.string().min(1),
    secret: z.string().min(32),
    redirectUris: z.array(z.string().min(1)).min(1),
    postLogoutRedirectUris: z.array(z.string().min(1)),
    /** Where the client hears that a session has ended. */
    backchannelLogoutUri: z.string().min(1).optional(),
  }),
  people: z.array(
    z.object({
      name: z.string().min(1),
      displayName: z.string().min(1),
      email: z.string().min(1),
      groups: z.array(z.string()),
      passwordHash: z.string().min(1),
    }),
  ),
  /** Private keys as JWK (RFC 7517), kept over restarts so that tokens stay valid. */
  signingKeys: z.array(z.record(z.string(), z.unknown())).min(1),
  cookieKeys: z.array(z.string().min(32)).min(1),
  /** Where what a client may ask again with is kept over restarts. Left out: in memory. */
  grantsFile: z.string().min(1).optional(),
});

export type IdentityConfig = z.infer<typeof identityConfig>;
export type IdentityPerson = IdentityConfig['people'][number];
