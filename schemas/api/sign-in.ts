// What the sign-in page is told before anybody is signed in.
import * as z from 'zod';

export const signInOption = z.object({
  name: z.string().describe('With which `/auth/sign-in?provider=` begins.'),
  type: z.enum(['OIDC']).describe('`OIDC`: the browser goes to the provider.'),
  displayName: z.string().describe('The name that people choose it by.'),
});
export type SignInOption = z.infer<typeof signInOption>;

export const signInOptions = z.object({ items: z.array(signInOption) });
export type SignInOptions = z.infer<typeof signInOptions>;
