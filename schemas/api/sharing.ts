// Sharing over /api/v1: shares, who is here, and the way in by a link.
import * as z from 'zod';
import { mergedSharing, shareMode } from '../kinds/policies/session-rules.ts';
import { shareSubject } from '../kinds/sessions/session-share.ts';

const time = z.string().meta({ format: 'date-time' });
const minutes = z.int().min(1).max(525_600);
/** 256 random bits in base64url. */
const secret = z.string().regex(/^[\w-]{43}$/, 'give the whole of it');

const ONE_OF_TWO = 'give exactly one of subjects and link';

export const shareCreate = z
  .object({
    subjects: z.array(shareSubject).min(1).max(64).optional().describe('For these, who sign in.'),
    link: z.literal(true).optional().describe('For whoever has the link.'),
    mode: shareMode,
    expiresInMinutes: minutes.optional().describe('Left out: a day, or as long as the policy allows.'),
    maxUses: z.int().min(1).max(1000).optional().describe('How often the link opens. Left out: any number of times.'),
    moderated: z.boolean().default(false).describe('Only while somebody is there who controls the session in his own right.'),
  })
  .refine(({ subjects, link }) => (subjects === undefined) !== (link === undefined), ONE_OF_TWO)
  .refine(({ link, maxUses }) => link === true || maxUses === undefined, 'maxUses is for links');
export type ShareCreate = z.infer<typeof shareCreate>;

export const shareChange = z.object({
  mode: z.literal('View').optional().describe('A share can be downgraded only.'),
  expiresInMinutes: minutes.optional().describe('From now on.'),
});
export type ShareChange = z.infer<typeof shareChange>;

export const shareView = z.object({
  name: z.string(),
  subjects: z.array(shareSubject).nullable().describe('Null: it is a link.'),
  mode: shareMode,
  sharedBy: z.string(),
  createdAt: time,
  expiresAt: time.describe('Its own end, or the earlier one that the policy allows.'),
  maxUses: z.int().nullable(),
  uses: z.int(),
  viewers: z.int().describe('How many are in through it.'),
  moderated: z.boolean(),
  /** Why it lets nobody in; null while it does. */
  refusal: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type ShareView = z.infer<typeof shareView>;

/** `link` is there this once: the secret in it is kept nowhere. */
export const shareCreated = shareView.extend({ link: z.string().nullable() });
export type ShareCreated = z.infer<typeof shareCreated>;

export const shareList = z.object({
  items: z.array(shareView),
  policy: mergedSharing.describe('What the policies of the session allow.'),
  /** Why the caller may share with nobody; null where he may. */
  refusal: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type ShareListView = z.infer<typeof shareList>;

export const participant = z.object({
  id: z.string(),
  name: z.string(),
  guest: z.boolean().describe('Without an account, under a name that he gave.'),
  owns: z.boolean().describe('In the session by a right of his own.'),
  right: z.enum(['control', 'view']).describe('What he may do now.'),
  since: time,
  typing: z.boolean().describe('Has typed or moved something within the last seconds.'),
  asking: z.boolean().describe('Has asked for control.'),
});
export const participantList = z.object({
  items: z.array(participant),
  waiting: z.array(z.object({ id: z.string(), name: z.string() })).describe('Guests who wait to be let in.'),
});
export type ParticipantList = z.infer<typeof participantList>;

export const controlDecision = z.object({ control: z.enum(['Given', 'Taken']) });
export const controlRequest = z.object({ asking: z.boolean() });
export const visitDecision = z.object({ state: z.enum(['Admitted', 'Denied']) });

export const visitCreate = z.object({
  secret: secret.describe('What stands behind the # of the link.'),
  name: z.string().max(200).optional().describe('Of a guest, as the others are to see it.'),
});
export const visitPass = z.object({ pass: secret });
export const visitControlRequest = visitPass.extend(controlRequest.shape);
export const visitState = z.enum(['Waiting', 'Admitted', 'Denied', 'Removed']);
export const visitView = z.object({
  state: visitState,
  session: z.object({ namespace: z.string(), name: z.string() }),
  right: z.enum(['control', 'view']),
  moderated: z.boolean(),
  expiresAt: time,
});
export type VisitView = z.infer<typeof visitView>;
/** The pass lets the visitor come back without another use of the link. */
export const visitCreated = visitView.extend({ pass: z.string(), name: z.string(), guest: z.boolean() });
export type VisitCreated = z.infer<typeof visitCreated>;

export const sharedSession = z.object({
  namespace: z.string(),
  name: z.string(),
  owner: z.string(),
  displayName: z.string(),
  mode: shareMode,
  expiresAt: time,
  running: z.boolean(),
});
export const sharedSessionList = z.object({ items: z.array(sharedSession) });
export type SharedSession = z.infer<typeof sharedSession>;
