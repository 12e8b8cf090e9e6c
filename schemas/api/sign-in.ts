// What the sign-in page is told before anybody is signed in.
import * as z from 'zod';

export const signInOption = z.object({
  name: z.string().describe('With which `/auth/sign-in?provider=` begins.'),
  type: z
    .enum(['OIDC', 'LDAP', 'SAML', 'GitHub'])
    .describe(
      '`OIDC`: the browser goes to the provider. `LDAP`: the page asks for name and password. `SAML` and `GitHub`: as OIDC.',
    ),
  displayName: z.string().describe('The name that people choose it by.'),
});
export type SignInOption = z.infer<typeof signInOption>;

/** The body of `POST /auth/password`. */
export const passwordSignIn = z.object({
  provider: z.string().min(1).max(63),
  username: z.string().min(1).max(256),
  password: z.string().min(1).max(1024),
  returnTo: z.string().min(1).max(2048).default('/'),
});

export type PasswordSignIn = z.input<typeof passwordSignIn>;

/** Its answer: where the page goes on. */
export const passwordSignedIn = z.object({ location: z.string() });
export type PasswordSignedIn = z.infer<typeof passwordSignedIn>;

export const signInOptions = z.object({ items: z.array(signInOption) });
export type SignInOptions = z.infer<typeof signInOptions>;
