// What a SessionPolicy limits: who may share a desktop with whom, its displays, its console and its lifetime; and the same once several are merged.
import * as z from 'zod';
import { MAX_DISPLAYS } from '../../api/displays-notices.ts';
import { duration } from '../kind.ts';
import { lifetimeRules } from './lifetime-rules.ts';

/** Each allows what stands before it too. */
export const shareAllow = z.enum(['None', 'People', 'Team', 'Link']);
export type ShareAllow = z.infer<typeof shareAllow>;

export const shareBy = z.enum(['Everyone', 'Admins']);
export type ShareBy = z.infer<typeof shareBy>;

export const shareMode = z.enum(['View', 'Control']);
export type ShareMode = z.infer<typeof shareMode>;

/** No session has more streams than this, whatever a policy says. */
export const MAX_VIEWERS = 256;
/** 16,384 by 16,384. */
const MAX_PIXELS = 268_435_456;

const allowField = shareAllow.describe(
  'With whom a desktop may be shared at most: named people, also groups and teams, also whoever has a link.',
);
const byField = shareBy.describe(
  'Who may share: `Everyone` who controls the session, or only `Admins`, who have the right `assign`.',
);
const modesField = z.array(shareMode).max(2).describe('What a share may give.');
const maxTtlField = duration.describe('How long a share may live from the moment it is made.');
const maxViewersField = z
  .int()
  .min(0)
  .max(MAX_VIEWERS)
  .describe('How many may be in a session through shares at a time. 0: nobody.');
const guestsField = z
  .boolean()
  .describe('Whether a link opens without an account. Only where a policy says true and none says false.');
const approvalField = z.boolean().describe('Whether somebody in the session has to admit each guest.');
const maxDisplaysField = z.int().min(1).max(MAX_DISPLAYS).describe('How many screens a desktop may have.');
const maxPixelsField = z.int().min(1).max(MAX_PIXELS).describe('How many pixels all of them together may have.');

const consoleAllowField = z
  .boolean()
  .describe('Whether a shell may be opened in the container. Only where a policy says true and none says false.');
const idleTimeoutField = duration.describe('A console in which nobody types is closed after this time, with a warning before.');

const SHARING = 'Sharing of desktops. What is left out is not limited, but for guests.';
const DISPLAYS = 'The screens of a desktop. What is left out is not limited.';
const CONSOLE = 'A shell in the container, in the browser. Off where no policy switches it on.';

export const sessionRules = z.object({
  sharing: z
    .object({
      allow: allowField.optional(),
      by: byField.optional(),
      modes: modesField.optional(),
      maxTTL: maxTtlField.optional(),
      maxViewers: maxViewersField.optional(),
      guests: guestsField.optional(),
      requireApproval: approvalField.optional(),
    })
    .optional()
    .describe(SHARING),
  displays: z.object({ max: maxDisplaysField.optional(), maxPixels: maxPixelsField.optional() }).optional().describe(DISPLAYS),
  console: z
    .object({ allow: consoleAllowField.optional(), idleTimeout: idleTimeoutField.optional() })
    .optional()
    .describe(CONSOLE),
  ...lifetimeRules.shape,
});
export type SessionRules = z.infer<typeof sessionRules>;

/** As `sharing`, merged over all policies of one session. */
export const mergedSharing = z
  .object({
    allow: allowField,
    by: byField,
    modes: modesField,
    maxTTL: maxTtlField.optional(),
    maxViewers: maxViewersField.optional(),
    guests: guestsField,
    requireApproval: approvalField,
  })
  .describe(SHARING);
export type MergedSharing = z.infer<typeof mergedSharing>;

export const mergedDisplays = z
  .object({ max: maxDisplaysField.optional(), maxPixels: maxPixelsField.optional() })
  .describe(DISPLAYS);
export type MergedDisplays = z.infer<typeof mergedDisplays>;

export const mergedConsole = z.object({ allow: consoleAllowField, idleTimeout: idleTimeoutField }).describe(CONSOLE);
export type MergedConsole = z.infer<typeof mergedConsole>;

/** Where no SessionPolicy says anything of consoles. A shell is more than a desktop: somebody has to have wanted it. */
export const CLOSED_CONSOLE: MergedConsole = { allow: false, idleTimeout: '15m' };

/** Where no SessionPolicy applies. Strangers come in only where somebody has said so. */
export const OPEN_SHARING: MergedSharing = {
  allow: 'Link',
  by: 'Everyone',
  modes: ['View', 'Control'],
  guests: false,
  requireApproval: false,
};
