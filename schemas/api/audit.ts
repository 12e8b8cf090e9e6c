// Shapes of the chain of the audit log.
import * as z from 'zod';

/** `held: false` lifts it. */
export const auditHold = z.object({ held: z.boolean(), reason: z.string().min(1).max(1000) });

export const auditMonth = z.object({
  month: z.string().describe('`YYYY-MM`'),
  rows: z.int(),
  lastSeq: z.int().nullable(),
  lastHash: z.string().describe('Hexadecimal; of the last row.'),
  droppedAt: z.iso.datetime().nullable().describe('Since when its rows are gone.'),
  stored: z.boolean().describe('There is a table of it.'),
  hold: z.object({ by: z.string(), reason: z.string() }).nullable().describe('Why it is not dropped.'),
});
export const auditMonths = z.object({ items: z.array(auditMonth) });
export type AuditMonthsView = z.infer<typeof auditMonths>;
