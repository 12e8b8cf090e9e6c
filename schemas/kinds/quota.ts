// Quota: how much may be in use at once, on the platform, by a team, by a person or of a template.
import * as z from 'zod';
import { SUBJECT_NAME } from '../names.ts';
import {
  ATOMIC,
  byteQuantity,
  cel,
  conditions,
  duration,
  durationMs,
  type KindDefinition,
  type KubeObject,
  observedGeneration,
  quantity,
  time,
} from './kind.ts';
import { templateName } from './policies/policy.ts';

/** What is counted, in the order in which it is shown. */
export const LIMIT_NAMES = ['sessionsRunning', 'sessionsTotal', 'cpu', 'memory', 'storage', 'gpu', 'cpuHoursPerMonth'] as const;
export type LimitName = (typeof LIMIT_NAMES)[number];

const many = z.int().min(0).max(1_000_000);

export const quotaLimits = z.object({
  sessionsRunning: many.optional().describe('Desktops that run at once. Left out: no limit. 0: none at all.'),
  sessionsTotal: many.optional().describe('Sessions that are there at once, hibernated ones too. Left out: no limit.'),
  cpu: quantity.optional().describe('CPU that desktops reserve while they run. Left out: no limit.'),
  memory: byteQuantity.optional().describe('Memory that desktops reserve while they run. Left out: no limit.'),
  storage: byteQuantity.optional().describe('Homes of all sessions, hibernated ones too. Left out: no limit.'),
  gpu: many.optional().describe('GPUs that desktops reserve while they run, of whatever make. Left out: no limit.'),
  cpuHoursPerMonth: z
    .int()
    .min(0)
    .max(100_000_000)
    .optional()
    .describe(
      'Reserved CPU times the hours it was reserved, in a month of UTC. Once it is used up nothing new starts until the next month; what runs goes on. Left out: no limit.',
    ),
});
export type QuotaLimits = z.infer<typeof quotaLimits>;

export const quotaScope = z.enum(['Platform', 'Team', 'Person', 'Template']);
export type QuotaScope = z.infer<typeof quotaScope>;

const subjectName = z
  .string()
  .min(1)
  .max(128)
  .regex(SUBJECT_NAME, 'write a name without spaces, with its provider and a colon in front where it has one');
const SHORTEST_DURATION_MS = 60_000;
const AT_LEAST_A_MINUTE = 'maxDuration has to be a minute or more, and a year at most';
const maxDuration = duration
  .refine((text) => durationMs(text) >= SHORTEST_DURATION_MS && durationMs(text) <= 365 * 86_400_000, AT_LEAST_A_MINUTE)
  .meta(cel({ rule: "duration(self) >= duration('1m') && duration(self) <= duration('8760h')", message: AT_LEAST_A_MINUTE }));

const ONE_SUBJECT = 'give exactly one of user and team';
const SUBJECT_OF_SCOPE = 'an override is for a user where the scope is Person, and for a team where it is Team; others have none';
const TEMPLATES_OF_SCOPE = 'templates is for the scope Template';

export const quotaOverride = z.object({
  subject: z
    .object({
      user: subjectName.optional().describe('A person, by the name of the identity provider.'),
      team: subjectName.optional().describe('A Team, by its name.'),
    })
    .refine(({ user, team }) => (user === undefined) !== (team === undefined), ONE_SUBJECT)
    .meta(cel({ rule: 'has(self.user) != has(self.team)', message: ONE_SUBJECT }))
    .describe('For whom other limits hold.'),
  limits: quotaLimits.default({}).describe('In place of the limits of the quota, each that is given. They may be lower, too.'),
  unlimited: z
    .array(z.enum(LIMIT_NAMES))
    .max(LIMIT_NAMES.length)
    .default([])
    .describe('Limits of this quota that do not hold for the subject.'),
  maxDuration: maxDuration.optional().describe('In place of that of the quota; it may be longer, too.'),
  expiresAt: time.max(32).optional().describe('When it ends. Left out: it stays.'),
  reason: z.string().min(1).max(280).describe('Why, for whoever reads it later.'),
});
export type QuotaOverride = z.infer<typeof quotaOverride>;

const OVERRIDES_RULE =
  "!has(self.overrides) || self.overrides.all(o, self.scope == 'Person' ? has(o.subject.user) : self.scope == 'Team' && has(o.subject.team))";
const TEMPLATES_RULE = "!has(self.templates) || self.scope == 'Template'";

export const quotaSpec = z
  .object({
    scope: quotaScope.describe(
      'What is counted together. In the namespace `streamspace`: `Platform` everything, `Team` each team, `Person` each person over all teams, `Template` each template. In the namespace of a team only its own sessions count: `Team` the team, `Person` each person in it, `Template` each template.',
    ),
    templates: z.array(templateName).max(256).optional().describe('Scope `Template`: which. Left out: every template.'),
    limits: quotaLimits.describe('How much at most. A limit that is left out does not limit; 0 means none at all.'),
    maxDuration: maxDuration
      .optional()
      .describe(
        'How long a session may run at a time; then it is hibernated, after a warning. Where a SessionPolicy or another Quota says less, that counts. Left out: no limit.',
      ),
    overrides: z
      .array(quotaOverride)
      .max(256)
      .optional()
      .describe('Other limits for single people or teams. Of several for one subject the first that has not ended counts.'),
    warnAt: z
      .array(z.int().min(1).max(100))
      .max(8)
      .default([80, 95])
      .describe('Percent of a limit at which an Event and the condition `NearLimit` tell of it.'),
  })
  .refine(
    ({ scope, overrides = [] }) =>
      overrides.every(({ subject }) =>
        scope === 'Person' ? subject.user !== undefined : scope === 'Team' && subject.team !== undefined,
      ),
    SUBJECT_OF_SCOPE,
  )
  .refine(({ scope, templates }) => templates === undefined || scope === 'Template', TEMPLATES_OF_SCOPE)
  .meta(ATOMIC);

const amounts = z
  .object(
    Object.fromEntries(
      LIMIT_NAMES.map((name) => [name, z.string().max(64).optional().describe(`Of \`${name}\`, as a quantity.`)]),
    ) as Record<LimitName, z.ZodOptional<z.ZodString>>,
  )
  .meta(ATOMIC);
/** Quantities by the name of the limit, as text. */
export type AmountTexts = z.infer<typeof amounts>;

export const QUOTA_SUBJECTS_MAX = 20;

export const quotaStatus = z.object({
  observedGeneration: observedGeneration.optional(),
  conditions: conditions.optional(),
  used: amounts.optional().describe('What is in use of all that the quota counts.'),
  hard: amounts.optional().describe('The limits, where everything is counted together.'),
  available: amounts.optional().describe('What is left of them; never below 0.'),
  subjects: z
    .array(
      z.object({
        name: z.string().max(320).describe('The person, the namespace of the team, or namespace/name of the template.'),
        percent: z.int().min(0).max(1_000_000).describe('Of the limit that it is nearest to.'),
        used: amounts.describe('What it uses.'),
        hard: amounts.describe('Its limits, overrides included.'),
        available: amounts.describe('What is left of them; never below 0.'),
      }),
    )
    .max(QUOTA_SUBJECTS_MAX)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .optional()
    .describe('Where each is counted for itself: those at or above the lowest of `warnAt`, the fullest first, 20 at most.'),
  warned: z.int().min(0).max(100).optional().describe('The highest of `warnAt` that is reached now; 0: none.'),
});

export type QuotaSpec = z.infer<typeof quotaSpec>;
export type QuotaStatus = z.infer<typeof quotaStatus>;
export type Quota = KubeObject<QuotaSpec, QuotaStatus>;

export const quotaKind: KindDefinition = {
  kind: 'Quota',
  plural: 'quotas',
  singular: 'quota',
  shortNames: [],
  scope: 'Namespaced',
  description:
    "How much may be in use at once. In the namespace streamspace it is for every team, in a team's namespace for the team; where several apply, a session needs room in each.",
  spec: quotaSpec,
  status: quotaStatus,
  rules: [
    { rule: OVERRIDES_RULE, message: SUBJECT_OF_SCOPE, fieldPath: '.overrides' },
    { rule: TEMPLATES_RULE, message: TEMPLATES_OF_SCOPE, fieldPath: '.templates' },
  ],
  columns: [
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Scope', type: 'string', jsonPath: '.spec.scope' },
    { name: 'Over', type: 'string', jsonPath: '.status.conditions[?(@.type=="OverQuota")].status' },
    { name: 'Running', type: 'string', jsonPath: '.status.used.sessionsRunning' },
    { name: 'CPU', type: 'string', jsonPath: '.status.used.cpu', priority: 1 },
    { name: 'Memory', type: 'string', jsonPath: '.status.used.memory', priority: 1 },
    { name: 'Storage', type: 'string', jsonPath: '.status.used.storage', priority: 1 },
    { name: 'GPU', type: 'string', jsonPath: '.status.used.gpu', priority: 1 },
    { name: 'CPU-Hours', type: 'string', jsonPath: '.status.used.cpuHoursPerMonth', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  conditions: {
    Ready: {
      Accepted: 'It limits what it names.',
      QuotaUnreached:
        'Its namespace is neither `streamspace` nor that of a team, or its scope is `Platform` in that of a team: it limits nothing.',
    },
    OverQuota: {
      OverQuota: 'More is in use than the limit; nothing is stopped, nothing new is admitted.',
      WithinLimits: 'Nothing is above its limit.',
    },
    NearLimit: {
      NearLimit: 'Something has reached the lowest of `warnAt`.',
      BelowWarning: 'Nothing has.',
    },
  },
};
