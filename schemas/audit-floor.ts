// Events that are in the audit log whatever a policy says: whoever may write a policy must not be able to work unseen.
import type { AuditEvent, AuditEventType } from './events.ts';

/** Types that no rule of an AuditPolicy can leave out. */
export const ALWAYS_KEPT = [
  'signin.succeeded',
  'signin.failed',
  'signin.ended',
  'signin.logout-refused',
  'breakglass.used',
  'breakglass.refused',
  'factor.enrolled',
  'factor.failed',
  'factor.removed',
  'factor.reset',
  'recovery-codes.issued',
  'person.locked',
  'person.unlocked',
  'person.deleted',
  'apikey.created',
  'apikey.revoked',
  'apikey.refused',
  'request.refused',
  'ticket.refused',
  'origin.refused',
  'console.refused',
  'pod.entered',
  'share.refused',
  'policy.changed',
  'binding.granted',
  'binding.removed',
  'recording.viewed',
  'recording.held',
  'recording.deleted',
  'audit.checkpoint',
  'audit.exported',
  'audit.held',
  'audit.month-dropped',
  'audit.lost',
] as const satisfies readonly AuditEventType[];

/** Kinds that say who may do what: whatever happens to them is kept. */
const ALWAYS_KEPT_KINDS: ReadonlySet<string> = new Set([
  'AuditPolicy',
  'SignInPolicy',
  'RecordingPolicy',
  'DlpPolicy',
  'SessionPolicy',
  'NetworkProfile',
  'AccessRole',
  'AccessBinding',
  'IdentityProvider',
]);

const TYPES: ReadonlySet<string> = new Set(ALWAYS_KEPT);

/** Refusals, the types above, and what happens to policies and rights. */
export function isAlwaysKept({ type, result, object }: Pick<AuditEvent, 'type' | 'result' | 'object'>): boolean {
  return result === 'refused' || TYPES.has(type) || ALWAYS_KEPT_KINDS.has(object?.split('/', 1)[0] ?? '');
}
