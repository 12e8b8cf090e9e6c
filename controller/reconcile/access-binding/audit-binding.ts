// What the audit log says when a binding begins to give its role, and when it ends.
import type { AuditEvent } from '../../../schemas/events.ts';
import type { AccessBinding } from '../../../schemas/kinds/access/access-binding.ts';

/** @param reason of its condition `Ready`, or `Removed`. Pure. */
export function auditOfBinding({ metadata, spec }: AccessBinding, reason: string): AuditEvent {
  const { namespace = '', name } = metadata;
  const { roleRef, subject, scope, notBefore, expiresAt } = spec;
  const details = {
    role: roleRef,
    subject: firstOf(subject),
    scope: scope.session === undefined ? firstOf(scope) : `session ${scope.session.namespace}/${scope.session.name}`,
    because: spec.reason,
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
  const event = { actor: null, result: 'success', object: `AccessBinding/${namespace}/${name}` } as const;
  switch (reason) {
    case 'Granted':
      return { type: 'binding.granted', ...event, details };
    case 'AccessExpired':
      return { type: 'binding.expired', ...event, details };
    case 'Removed':
      return { type: 'binding.removed', ...event, details };
    default:
      return {
        type: 'binding.withheld',
        ...event,
        result: reason === 'NotStarted' ? 'success' : 'failure',
        details: { ...details, code: reason },
      };
  }
}

/** `user guest`, `team web`, `platform true`: exactly one is there. */
function firstOf(fields: Readonly<Record<string, unknown>>): string {
  const [field, value] = Object.entries(fields).find(([, each]) => each !== undefined) ?? ['', ''];
  return `${field} ${String(value)}`;
}
