// Which sessions the list shows, and in which order. Pure.
import type { SessionView } from '../../../../../schemas/api/api.ts';
import type { SessionPhase } from '../../../../../schemas/kinds/sessions/session.ts';
import type { SessionFilter } from '../../routes/search.ts';
import { phaseOf } from './phases.ts';

const FILTER_PHASES: Readonly<Record<SessionFilter, readonly SessionPhase[]>> = {
  running: ['Pending', 'Admitted', 'Starting', 'Running'],
  hibernated: ['Hibernating', 'Hibernated'],
  failed: ['Failed'],
  ended: ['Terminating', 'Terminated'],
};

export function filterSessions(
  sessions: readonly SessionView[],
  filter: { readonly q: string; readonly show: SessionFilter | null; readonly owner: string | null },
): { readonly shown: readonly SessionView[]; readonly counts: Readonly<Record<SessionFilter, number>> } {
  const words = filter.q
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const found = sessions.filter((session) => {
    if (filter.owner !== null && session.spec.owner !== filter.owner) return false;
    const searched = searchedText(session);
    return words.every((word) => searched.includes(word));
  });
  const counts = { running: 0, hibernated: 0, failed: 0, ended: 0 };
  for (const session of found) counts[filterOf(phaseOf(session))] += 1;
  const { show } = filter;
  const shown = found
    .filter((session) => show === null || FILTER_PHASES[show].includes(phaseOf(session)))
    .sort((a, b) => rank(a) - rank(b) || b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp));
  return { shown, counts };
}

export function filterOf(phase: SessionPhase): SessionFilter {
  switch (phase) {
    case 'Pending':
    case 'Admitted':
    case 'Starting':
    case 'Running':
      return 'running';
    case 'Hibernating':
    case 'Hibernated':
      return 'hibernated';
    case 'Failed':
      return 'failed';
    case 'Terminating':
    case 'Terminated':
      return 'ended';
  }
}

/** What has ended comes last; else the newest first, so that nothing jumps when a phase changes. */
const rank = (session: SessionView): number => (filterOf(phaseOf(session)) === 'ended' ? 1 : 0);

function searchedText({ metadata, spec, status }: SessionView): string {
  return [metadata.name, metadata.namespace, spec.owner, spec.template, status?.templateRef?.displayName, status?.reason]
    .join(' ')
    .toLowerCase();
}
