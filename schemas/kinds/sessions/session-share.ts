// SessionShare: who else may come into a session. Made by the gateway at run time; it goes with its session.
import * as z from 'zod';
import { SUBJECT_NAME } from '../../names.ts';
import { cel, conditions, dnsLabel, type KindDefinition, type KubeObject, observedGeneration, time } from '../kind.ts';
import { shareMode } from '../policies/session-rules.ts';

export const shareSubject = z.object({
  kind: z.enum(['User', 'Group', 'Team']).describe('Whom it is for.'),
  name: z
    .string()
    .min(1)
    .max(128)
    .regex(SUBJECT_NAME, 'write a name without spaces, with its provider and a colon in front where it has one')
    .describe('The name of the identity provider, or of the Team.'),
});
export type ShareSubject = z.infer<typeof shareSubject>;

const ONE_OF_TWO = 'give exactly one of subjects and linkHash';

export const sessionShareSpec = z
  .object({
    sessionRef: z
      .object({
        name: dnsLabel.max(50).describe('Its name, in the namespace of the share.'),
        uid: z.string().min(1).max(64).describe('Its UID: a session that is made anew under the same name is another one.'),
      })
      .meta(cel({ rule: 'self == oldSelf', message: 'a share cannot move to another session' }))
      .describe('The session that is shared.'),
    sharedBy: z
      .object({
        person: z.string().min(1).max(128).describe('The name of the identity provider.'),
        admin: z.boolean().describe('Whether this person had the right `assign` when the share was made.'),
      })
      .meta(cel({ rule: 'self == oldSelf', message: 'who has shared cannot change' }))
      .describe('Who has made it.'),
    subjects: z
      .array(shareSubject)
      .min(1)
      .max(64)
      .meta(cel({ rule: 'self == oldSelf', message: 'make another share for other people' }))
      .optional()
      .describe('For whom it is; they sign in.'),
    linkHash: z
      .string()
      .length(64)
      .regex(/^[0-9a-f]{64}$/, 'write the SHA-256 in hexadecimal digits')
      .meta(cel({ rule: 'self == oldSelf', message: 'make another share for another link' }))
      .optional()
      .describe('SHA-256 of the secret of a link. The secret itself is nowhere.'),
    mode: shareMode
      .meta(cel({ rule: "self == oldSelf || self == 'View'", message: 'a share can be downgraded only' }))
      .describe('What it gives.'),
    expiresAt: time.max(32).describe('When it ends.'),
    maxUses: z.int().min(1).max(1000).optional().describe('How often the link opens. Left out: any number of times.'),
    moderated: z
      .boolean()
      .default(false)
      .describe('Whether those whom it lets in may be there only while somebody is who controls the session in his own right.'),
    revoked: z
      .boolean()
      .default(false)
      .meta(cel({ rule: '!oldSelf || self', message: 'a revoked share does not come back' }))
      .describe('Ended for good.'),
  })
  .refine(({ subjects, linkHash }) => (subjects === undefined) !== (linkHash === undefined), ONE_OF_TWO);

export const sessionShareStatus = z.object({
  observedGeneration: observedGeneration.optional(),
  conditions: conditions.optional(),
  uses: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional().describe('How often the link was opened.'),
  viewers: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional().describe('How many are in through it now.'),
});

export type SessionShareSpec = z.infer<typeof sessionShareSpec>;
export type SessionShareStatus = z.infer<typeof sessionShareStatus>;
export type SessionShare = KubeObject<SessionShareSpec, SessionShareStatus>;

export const sessionShareKind: KindDefinition = {
  kind: 'SessionShare',
  plural: 'sessionshares',
  singular: 'sessionshare',
  shortNames: ['share'],
  scope: 'Namespaced',
  description: 'Who else may come into a session, and how. Made by the gateway for whoever may share; it goes with its session.',
  spec: sessionShareSpec,
  status: sessionShareStatus,
  rules: [
    { rule: 'has(self.subjects) != has(self.linkHash)', message: ONE_OF_TWO },
    { rule: 'has(self.linkHash) == has(oldSelf.linkHash)', message: 'make another share for other people' },
    { rule: 'has(self.linkHash) || !has(self.maxUses)', message: 'maxUses is for links' },
  ],
  columns: [
    { name: 'Session', type: 'string', jsonPath: '.spec.sessionRef.name' },
    { name: 'Mode', type: 'string', jsonPath: '.spec.mode' },
    { name: 'By', type: 'string', jsonPath: '.spec.sharedBy.person' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
    { name: 'Uses', type: 'integer', jsonPath: '.status.uses' },
    { name: 'Viewers', type: 'integer', jsonPath: '.status.viewers' },
    { name: 'Expires', type: 'string', jsonPath: '.spec.expiresAt', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  conditions: {
    Ready: {
      Open: 'It lets people in.',
      ShareRevoked: 'It was revoked.',
      ShareExpired: 'Its time is over.',
      ShareUsedUp: 'Its link was opened as often as it may be.',
      SharingNotAllowed: 'The policy of the session does not let it be shared so far.',
      ShareAdminsOnly: 'The policy lets admins share only, and it was made by somebody else.',
      ShareModeNotAllowed: 'The policy does not allow what it gives.',
    },
  },
};
