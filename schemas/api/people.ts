// People and their sign-ins as the API shows them.
import * as z from 'zod';
import { apiKeyView } from './api-keys.ts';

const time = z.iso.datetime({ offset: true });

export const signInView = z.object({
  id: z.string(),
  browser: z.string().nullable().describe('Browser and system, as far as the browser says; null: not known.'),
  address: z.string().nullable().describe('From where it was made; null: not known.'),
  since: time,
  lastSeenAt: time.describe('Accurate to a minute.'),
  expiresAt: time,
  current: z.boolean().describe('It is the one that this request was made with.'),
});
export type SignInView = z.infer<typeof signInView>;
export const signInList = z.object({ items: z.array(signInView) });
export const signInsEnded = z.object({ ended: z.int() });

const lockView = z.object({ reason: z.string(), by: z.string(), at: time });

export const personView = z.object({
  name: z.string(),
  displayName: z.string(),
  groups: z.array(z.string()).describe('As the identity provider last told them.'),
  teams: z.array(z.string()).describe('Names of the Teams that the person is in.'),
  lastSignInAt: time.nullable().describe('null: never.'),
  signIns: z.int().describe('How many count now.'),
  apiKeys: z.int().describe('How many count now.'),
  lock: lockView.nullable().describe('null: not locked.'),
});
export type PersonView = z.infer<typeof personView>;
/** By name; `metadata.continue` is the cursor of the next page, missing on the last. */
export const personList = z.object({
  metadata: z.object({ continue: z.string().optional() }),
  items: z.array(personView),
});
export type PersonList = z.infer<typeof personList>;

export const personDetail = personView.extend({
  signInItems: z.array(signInView),
  apiKeyItems: z.array(apiKeyView),
  /** What whoever asks may do here, from the API server's answers. */
  may: z.object({ update: z.boolean(), delete: z.boolean() }),
});
export type PersonDetail = z.infer<typeof personDetail>;

export const PERSON_STATES = ['active', 'locked'] as const;

export const personLock = z.object({ reason: z.string().trim().min(1).max(500) });
