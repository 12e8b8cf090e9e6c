// Shapes of the chain of the audit log.
import * as z from 'zod';
import { MAX_AUDIT_SEARCH } from '../audit-search/terms.ts';

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

/** What stands in the address of the page; judged as a search only when it is used. */
const searchText = z.string().max(MAX_AUDIT_SEARCH);

export const AUDIT_EXPORT_FORMATS = ['csv', 'jsonl'] as const;

/** A search that a person keeps. */
export const auditView = z.object({
  name: z.string().min(1).max(80),
  query: searchText,
  savedAt: z.string().meta({ format: 'date-time' }),
});
export const auditViewChange = auditView.pick({ query: true });
export const auditViews = z.object({ items: z.array(auditView) });
export type AuditView = z.infer<typeof auditView>;
