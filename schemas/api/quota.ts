// What quotas leave to a person, over /api/v1.
import * as z from 'zod';
import { LIMIT_NAMES, type LimitName, quotaScope } from '../kinds/quota.ts';
import { accessOrigin } from './access.ts';

const amount = z.string().describe('A quantity, such as 1.5 or 2Gi.');

export const quotaView = z.object({
  limits: z
    .array(
      z.object({
        limit: z.enum(LIMIT_NAMES),
        scope: quotaScope.describe('Of the quota that leaves least.'),
        quota: z.string().describe('`namespace/name` of that quota.'),
        used: amount,
        hard: amount,
        available: amount,
        needs: amount,
      }),
    )
    .describe('Of each limit that holds the one that leaves least. Empty: there is no limit.'),
  maxSeconds: z.int().nullable().describe('How long a session may run at a time by quota; null: none says so.'),
  refusal: z
    .object({ code: z.literal('QuotaExceeded'), message: z.string() })
    .nullable()
    .describe('Why a start would be refused now; null: there is room.'),
});

const amountsByLimit = z
  .object(
    Object.fromEntries(LIMIT_NAMES.map((name) => [name, amount.optional()])) as Record<LimitName, z.ZodOptional<z.ZodString>>,
  )
  .describe('By limit; one that is not there does not limit.');

const quotaPlace = z.object({
  subject: z.string().describe('The person, the namespace of the team, or namespace/name of the template; empty: the platform.'),
  percent: z.int().describe('Of the limit that it is nearest to.'),
  used: amountsByLimit,
  hard: amountsByLimit,
  available: amountsByLimit,
});

const quotaOverrideView = z.object({
  subject: z.string().describe('`user name` or `team name`.'),
  limits: amountsByLimit,
  unlimited: z.array(z.enum(LIMIT_NAMES)),
  maxDuration: z.string().nullable(),
  expiresAt: z.string().nullable(),
  ended: z.boolean(),
  reason: z.string(),
});

const quotaRow = z.object({
  namespace: z.string(),
  name: z.string(),
  scope: quotaScope,
  templates: z.array(z.string()).nullable().describe('Of the scope Template: which; null: every one.'),
  reached: z.boolean().describe('false: it limits nothing where it lies.'),
  limits: amountsByLimit,
  maxDuration: z.string().nullable(),
  warnAt: z.array(z.int()),
  used: amountsByLimit.describe('Of all that it counts.'),
  places: z.array(quotaPlace).describe('What is counted together, the fullest first, 20 at most.'),
  placesInAll: z.int(),
  overQuota: z.boolean().describe('More is in use somewhere than the limit.'),
  nearLimit: z.boolean().describe('The lowest of warnAt is reached somewhere.'),
  overrides: z.array(quotaOverrideView),
  origin: accessOrigin.nullable().describe('Where in Git it stands; null: it does not come from Git.'),
});
export type QuotaRow = z.infer<typeof quotaRow>;
export const quotaList = z.object({ items: z.array(quotaRow) });
