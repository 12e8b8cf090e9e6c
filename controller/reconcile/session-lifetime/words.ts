// What events and conditions say of the end of a session.
import type { LifetimeReason } from '../../../schemas/kinds/policies/lifetime-rules.ts';
import type { Planned } from './lifetime.ts';

const BECAUSE: Readonly<Record<LifetimeReason, string>> = {
  Idle: 'nobody gives input',
  MaxDuration: 'it has run for as long as it may',
  Schedule: 'it may not run at this time of day',
  Dormancy: 'nobody has resumed it for long',
};

export function soonWords({ action, at, reason }: Planned): string {
  return `it is ${action === 'Hibernate' ? 'hibernated' : 'ended for good, with its home,'} at ${new Date(at).toISOString()}: ${BECAUSE[reason]}`;
}

export function endWords({ action, reason }: Pick<Planned, 'action' | 'reason'>, lastInputAt: string | undefined): string {
  const last = reason === 'Idle' && lastInputAt !== undefined ? `; the last input was at ${lastInputAt}` : '';
  return `${action === 'Hibernate' ? 'hibernated' : 'ended for good'}: ${BECAUSE[reason]}${last}`;
}
