// What the policies of all levels come to for one session, field by field, with the object that each field comes from.
import * as z from 'zod';
import { ATOMIC } from '../kind.ts';
import { mergedDlpRules } from './dlp-rules.ts';
import { mergedLifetime } from './lifetime-rules.ts';
import { effectiveNetwork } from './network-profile.ts';
import { recordingRules } from './recording-rules.ts';
import { mergedConsole, mergedDisplays, mergedSharing } from './session-rules.ts';

/** How many policies are listed; all of them are merged. */
export const MAX_LISTED_POLICIES = 64;

export const effectivePolicy = z
  .object({
    hash: z
      .string()
      .length(64)
      .describe(
        'SHA-256 of `dlp`, `recording`, `sharing` and `displays` as one object in canonical JSON: the same rules, the same hash.',
      ),
    policies: z
      .array(
        z.object({
          kind: z.enum(['DlpPolicy', 'RecordingPolicy', 'SessionPolicy', 'NetworkProfile']).describe('Its kind.'),
          namespace: z.string().max(63).describe('Its namespace.'),
          name: z.string().max(253).describe('Its name.'),
          uid: z.string().max(64).describe('Its UID.'),
          generation: z.int().min(0).max(Number.MAX_SAFE_INTEGER).describe('The generation that was merged.'),
          revision: z.string().max(64).optional().describe('A commit that has it as it was merged, where a GitSync applied it.'),
        }),
      )
      .max(MAX_LISTED_POLICIES)
      .describe('The policies that apply to this session, by namespace and name; of more than 64 the first.'),
    dlp: mergedDlpRules.describe('What holds in the stream.'),
    recording: recordingRules
      .optional()
      .describe(
        'Whether and how it is recorded, by what holds now. Left out: by a controller that knows no recording; not recorded.',
      ),
    recordingHash: z
      .string()
      .length(64)
      .optional()
      .describe('SHA-256 of `recording` in canonical JSON: the same rules, the same hash.'),
    sharing: mergedSharing.optional(),
    displays: mergedDisplays.optional(),
    console: mergedConsole.optional(),
    lifetime: mergedLifetime.optional().describe('How long it may run, and what becomes of it when nobody uses it.'),
    network: effectiveNetwork.optional(),
    origins: z
      .array(
        z.object({
          field: z.string().max(64).describe('Such as `clipboard.up`, `recording.record`.'),
          from: z.string().max(320).describe('`kind/namespace/name` of the object that was the most restrictive.'),
        }),
      )
      .max(64)
      .describe('Where each limited field comes from. A field that is not here is not limited.'),
  })
  .meta(ATOMIC);
export type EffectivePolicy = z.infer<typeof effectivePolicy>;
