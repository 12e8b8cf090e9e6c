// A verified answer between the two requests that bring it: as JSON in the row of the sign-in that waits for it.
import * as z from 'zod';
import type { SignedIn } from '../sign-in/provider.ts';

const kept = z.object({
  person: z.object({ name: z.string(), displayName: z.string(), groups: z.array(z.string()) }),
  account: z.object({ issuer: z.string(), subject: z.string() }),
  atProvider: z.object({
    authenticatedAt: z.coerce.date(),
    endsAt: z.coerce.date().optional(),
    saml: z.object({
      nameId: z.string(),
      format: z.string().optional(),
      nameQualifier: z.string().optional(),
      spNameQualifier: z.string().optional(),
      sessionIndex: z.string().optional(),
    }),
  }),
});

export function keptForm({ person, account, atProvider }: SignedIn): object {
  return { person, account, atProvider };
}

/** `undefined`: there is no answer yet. */
export function keptAnswer(answer: unknown): SignedIn | undefined {
  return answer === null || answer === undefined ? undefined : kept.parse(answer);
}
