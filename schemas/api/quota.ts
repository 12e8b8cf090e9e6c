// What quotas leave to a person, over /api/v1.
import * as z from 'zod';
import { LIMIT_NAMES, quotaScope } from '../kinds/quota.ts';

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
