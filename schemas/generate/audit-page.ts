// docs/reference/audit-events.md: the catalogue of what is written to the audit.
import { AUDIT_EVENTS } from '../events.ts';
import { code, table } from './markdown.ts';

export function auditPage(): readonly string[] {
  return [
    '# Audit events',
    '',
    'Code can only write events that stand here. Each has the person, the result (`success`, `refused` or `failure`), the object, the',
    'address it came from and the id of the request.',
    '',
    ...table(
      ['event', 'written when'],
      Object.entries(AUDIT_EVENTS).map(([type, meaning]) => [code(type), meaning]),
    ),
  ];
}
