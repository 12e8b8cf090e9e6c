// What is known of the use of a session, and what follows from it: when it ends, and why. Each part has one writer.
import * as z from 'zod';
import { ATOMIC, time } from '../kind.ts';
import { endAction, lifetimeReason } from './lifetime-rules.ts';

export const inputKind = z.enum(['Key', 'Pointer', 'Console']);
export type InputKind = z.infer<typeof inputKind>;

/** Facts, written by the gateway. */
export const sessionActivity = z.object({
  inputAt: time.optional().describe('When a person last gave input.'),
  inputKind: inputKind.optional().describe('Of what kind it was; a touch is a pointer.'),
  watchedUntil: time
    .optional()
    .describe(
      'Streams or consoles are open, and the gateway says something new before this time. Past: input may have gone unseen.',
    ),
  knownSince: time.optional().describe('Since when no input can have gone unseen, where there was such a gap.'),
  snoozedAt: time.optional().describe('When somebody last put the end off.'),
  snoozedBy: z.string().max(128).optional().describe('Who.'),
  snoozes: z.int().min(0).max(1000).optional().describe('How often since the last input.'),
});
export type SessionActivity = z.infer<typeof sessionActivity>;

/** What follows from them, written by the controller. */
export const sessionLifetime = z
  .object({
    lastInputAt: time.optional().describe('When a person last gave input.'),
    lastInputKind: inputKind.optional().describe('Of what kind it was.'),
    next: z
      .object({
        action: endAction.describe('What is done.'),
        at: time.describe('When, if nothing changes.'),
        reason: lifetimeReason.describe('Which rule says so.'),
      })
      .optional()
      .describe('What the policies do next with the session.'),
    warned: z
      .array(z.object({ reason: lifetimeReason.describe('Of which rule.'), since: time.describe('Since when.') }))
      .max(4)
      .optional()
      .describe('What people are being warned of. Nothing is done that they were not warned of for as long as the policy says.'),
    snoozedUntil: time.optional().describe('Until when somebody has put the end off.'),
    snoozes: z.int().min(0).max(1000).optional().describe('How often since the last input.'),
    unknownSince: time
      .optional()
      .describe(
        'Since when the gateway has not said whether there is input, though it should have. Meanwhile nobody counts as idle.',
      ),
    dormant: z.boolean().optional().describe('Hibernated for longer than `dormancy.afterDays`.'),
    ended: z
      .object({
        action: endAction.describe('What was done.'),
        at: time.describe('When.'),
        reason: lifetimeReason.describe('Which rule said so.'),
      })
      .optional()
      .describe('What the policies did last, until the session is resumed.'),
  })
  .meta(ATOMIC);
export type SessionLifetime = z.infer<typeof sessionLifetime>;
