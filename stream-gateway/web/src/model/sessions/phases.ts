// How a phase is shown: never by colour alone (an icon and a word each), and what can be done in it.
import type { SessionView } from '../../../../../schemas/api/api.ts';
import type { SessionPhase } from '../../../../../schemas/kinds/sessions/session.ts';

export type Tone = 'good' | 'busy' | 'quiet' | 'bad' | 'off';

const TONES: Readonly<Record<SessionPhase, Tone>> = {
  Pending: 'busy',
  Admitted: 'busy',
  Starting: 'busy',
  Running: 'good',
  Hibernating: 'busy',
  Hibernated: 'quiet',
  Failed: 'bad',
  Terminating: 'busy',
  Terminated: 'off',
};

export function phaseOf(session: SessionView): SessionPhase {
  if (session.metadata.deletionTimestamp !== undefined) return 'Terminating';
  return session.status?.phase ?? 'Pending';
}

export const toneOf = (phase: SessionPhase): Tone => TONES[phase];

/** On its way to Running: the desktop page shows the stages. */
export function isStarting(session: SessionView): boolean {
  const phase = phaseOf(session);
  if (phase === 'Hibernated') return session.spec.desiredState === 'Running';
  return phase === 'Pending' || phase === 'Admitted' || phase === 'Starting';
}

export function isOver(session: SessionView): boolean {
  const phase = phaseOf(session);
  return phase === 'Terminated' || phase === 'Terminating';
}

export type SessionVerb = 'open' | 'hibernate' | 'resume' | 'terminate' | 'delete';

/** What makes sense in this phase and what the API server lets this person do. */
export function verbsOf(session: SessionView): readonly SessionVerb[] {
  const { may } = session;
  const phase = phaseOf(session);
  const over = isOver(session);
  const wanted = session.spec.desiredState;
  const verbs: SessionVerb[] = [];
  if (!over && phase !== 'Hibernated' && (may.control || may.observe)) verbs.push('open');
  if (!over && may.update && wanted === 'Running') verbs.push('hibernate');
  if (!over && may.update && wanted === 'Hibernated') verbs.push('resume');
  if (!over && may.update) verbs.push('terminate');
  if (may.delete && session.metadata.deletionTimestamp === undefined) verbs.push('delete');
  return verbs;
}

/** Phases in which a session stays: reaching one is worth a word to its owner. */
export function isSettled(phase: SessionPhase): boolean {
  return phase === 'Running' || phase === 'Hibernated' || phase === 'Failed' || phase === 'Terminated';
}
