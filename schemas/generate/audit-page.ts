// docs/reference/audit-events.md: the catalogue of what is written to the audit.
import { ALWAYS_KEPT } from '../audit-floor.ts';
import { AUDIT_EVENTS } from '../events.ts';
import { code, table } from './markdown.ts';

const ALWAYS: ReadonlySet<string> = new Set(ALWAYS_KEPT);

export function auditPage(): readonly string[] {
  return [
    '# Audit events',
    '',
    'Code can only write events that stand here. Each has the person, the result (`success`, `refused` or `failure`), the object, the',
    'address it came from and the id of the request. Those that are always kept no rule of an [AuditPolicy](../kinds/audit-policy.md) leaves out;',
    'nor any refusal, nor what happens to policies, roles, bindings and identity providers.',
    '',
    ...table(
      ['event', 'written when', 'always kept'],
      Object.entries(AUDIT_EVENTS).map(([type, meaning]) => [code(type), meaning, ALWAYS.has(type) ? 'yes' : '']),
    ),
  ];
}
