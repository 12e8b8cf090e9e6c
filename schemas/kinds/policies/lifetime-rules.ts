// How long a session may run, when it may run, and what becomes of one that nobody uses; and the same once several policies are merged.
import * as z from 'zod';
import { cel } from '../kind.ts';

/** What ends a run: the home is kept, or everything goes for good. */
export const endAction = z.enum(['Hibernate', 'Terminate']);
export type EndAction = z.infer<typeof endAction>;

export const idleAction = z.enum(['Hibernate', 'Terminate', 'None']);
export type IdleAction = z.infer<typeof idleAction>;

export const lifetimeReason = z.enum(['Idle', 'MaxDuration', 'Schedule', 'Dormancy']);
export type LifetimeReason = z.infer<typeof lifetimeReason>;

/** Where no policy says how long before its end people are told. */
export const DEFAULT_WARN_SECONDS = 60;
export const DEFAULT_WARN_DAYS = 7;

const YEAR_SECONDS = 31_536_000;
const seconds = z.int().min(10).max(YEAR_SECONDS);
const days = z.int().min(1).max(3650);
const warnSeconds = z
  .int()
  .min(5)
  .max(86_400)
  .optional()
  .describe('How long before that people are told; it never comes without. Left out: 60.');
const action = endAction
  .default('Hibernate')
  .describe('`Hibernate` stops the pod and keeps the home; `Terminate` is for good and deletes the home.');

const snoozes = z.object({
  max: z.int().min(0).max(100).describe('How often it may be put off without a key being pressed. 0: not at all.'),
  seconds: seconds.describe('For how long each time.'),
});

const WARN_WITHIN = 'warnSeconds has to be less than afterSeconds';
export const idleRule = z
  .object({
    afterSeconds: seconds.describe(
      'Counted from the last key, click or touch of a person, or what was typed in a console. Pictures, clipboards and reconnects count as nothing.',
    ),
    action: idleAction
      .default('Hibernate')
      .describe('As in `maxDuration`; `None` does nothing: the last input is recorded and shown.'),
    warnSeconds,
    snoozes: snoozes.optional().describe('How often people may put the end off. Left out: not at all.'),
  })
  .refine(({ afterSeconds, warnSeconds: warn }) => warn === undefined || warn < afterSeconds, WARN_WITHIN)
  .meta(cel({ rule: '!has(self.warnSeconds) || self.warnSeconds < self.afterSeconds', message: WARN_WITHIN }));

const durationRule = z.object({
  seconds: seconds.describe('Counted from the moment it was asked to run; it begins anew when it is resumed.'),
  action,
  warnSeconds,
});

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const clock = z
  .string()
  .max(5)
  .regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'write a time of day such as 08:00');

export const runHours = z.object({
  days: z.array(z.enum(WEEKDAYS)).min(1).max(7).describe('On which days they begin.'),
  from: clock.describe('From this time on the clock of `timeZone`.'),
  to: clock.describe('Until this time; on the next day where it is not after `from`.'),
});
export type RunHours = z.infer<typeof runHours>;

export const scheduleRule = z.object({
  timeZone: z
    .string()
    .max(64)
    .regex(/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+){0,2}$/, 'write a name of the time zone database, such as Europe/Berlin')
    .default('UTC')
    .describe('A name of the time zone database, such as `Europe/Berlin`.'),
  hours: z.array(runHours).min(1).max(16).describe('When sessions may run.'),
  outside: action.describe('What becomes of them outside of these hours: `Hibernate` keeps the home, `Terminate` deletes it.'),
  warnSeconds,
});
export type ScheduleRule = z.infer<typeof scheduleRule>;

const DORMANCY_WORDS = 'afterDays may not be more than deleteAfterDays, and warnDays has to be less than it';
const dormancyRule = z
  .object({
    afterDays: days.optional().describe('Days after which a hibernated session that nobody resumed is shown as dormant.'),
    deleteAfterDays: days.optional().describe('Days after which it is ended for good, with its home. Left out: never.'),
    warnDays: days.optional().describe('How many days before that it is told. Left out: 7, or half of `deleteAfterDays`.'),
  })
  .refine(
    ({ afterDays = 0, deleteAfterDays = 3651, warnDays = 0 }) => afterDays <= deleteAfterDays && warnDays < deleteAfterDays,
    DORMANCY_WORDS,
  )
  .meta(
    cel({
      rule: '!has(self.deleteAfterDays) || ((!has(self.afterDays) || self.afterDays <= self.deleteAfterDays) && (!has(self.warnDays) || self.warnDays < self.deleteAfterDays))',
      message: DORMANCY_WORDS,
    }),
  );

const IDLE = 'What becomes of a session in which nobody types. Left out: nothing.';
const DURATION = 'How long a session may run at a time. Left out: for ever.';
const SCHEDULE = 'When sessions may run. Left out: always.';
const DORMANCY = 'What becomes of hibernated sessions that nobody resumes. Left out: they stay.';

/** As a SessionPolicy has them. */
export const lifetimeRules = z.object({
  idle: idleRule.optional().describe(IDLE),
  maxDuration: durationRule.optional().describe(DURATION),
  schedule: scheduleRule.optional().describe(SCHEDULE),
  dormancy: dormancyRule.optional().describe(DORMANCY),
});
export type LifetimeRules = z.infer<typeof lifetimeRules>;

const mergedWarning = z.int().min(5).max(86_400).describe('How long before that people are told.');

/** As they are merged over all policies of one session. */
export const mergedLifetime = z.object({
  idle: z
    .object({
      afterSeconds: seconds.describe('The shortest.'),
      action: idleAction.describe('That of the policy with the shortest time.'),
      warnSeconds: mergedWarning,
      snoozes: snoozes.describe('The fewest.'),
    })
    .optional()
    .describe(IDLE),
  maxDuration: z
    .object({
      seconds: seconds.describe('The shortest.'),
      action: endAction.describe('That of the policy with the shortest time.'),
      warnSeconds: mergedWarning,
    })
    .optional()
    .describe(DURATION),
  schedules: z
    .array(scheduleRule)
    .max(64)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .optional()
    .describe('It may run only within the hours of every one of them.'),
  dormancy: z
    .object({
      afterDays: days.optional().describe('The shortest.'),
      deleteAfterDays: days.optional().describe('The shortest.'),
      warnDays: days.describe('The longest.'),
    })
    .optional()
    .describe(DORMANCY),
});
export type MergedLifetime = z.infer<typeof mergedLifetime>;
