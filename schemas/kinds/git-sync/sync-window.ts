// When a GitSync may write: spans of the wall clock in a time zone.
import * as z from 'zod';
import { cel, duration } from '../kind.ts';

const NUMBERS = '[0-9]{1,2}(-[0-9]{1,2})?';
const NAMES = '[A-Za-z]{3}(-[A-Za-z]{3})?';
const ITEM = `(\\*|${NUMBERS}|${NAMES})(/[0-9]{1,2})?`;
const FIELD = `${ITEM}(,${ITEM})*`;

export const syncWindow = z.object({
  kind: z
    .enum(['Allow', 'Deny'])
    .describe('`Deny` wins over `Allow`; where there is any `Allow`, nothing is written outside of all of them.'),
  schedule: z
    .string()
    .max(256)
    .regex(new RegExp(`^${FIELD}( +${FIELD}){4}$`), 'write a cron schedule of 5 fields, such as 0 22 * * MON-FRI')
    .describe('When it begins: minute, hour, day of month, month, day of week, on the clock of `timeZone`.'),
  duration: duration
    .refine((text) => !/^(0+[hms])+$/.test(text), 'write at least 1s')
    .meta(cel({ rule: "!self.matches('^(0+[hms])+$')", message: 'write at least 1s' }))
    .describe('How long it lasts on the clock of `timeZone`: 22:00 for `8h` ends at 06:00, whenever the clock is changed.'),
  timeZone: z
    .string()
    .max(64)
    .regex(/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+){0,2}$/, 'write a name of the time zone database, such as Europe/Berlin')
    .default('UTC')
    .describe('A name of the time zone database, such as `Europe/Berlin`.'),
  manual: z.boolean().default(false).describe('What somebody asks for by hand (`streamspace sync`) passes all the same.'),
  description: z.string().max(256).optional().describe('Why, for people.'),
});
export type SyncWindow = z.infer<typeof syncWindow>;
