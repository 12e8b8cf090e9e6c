// What the desktop page shows: one situation out of the session's phase, my rights and the stream. Pure.
import type { SessionView, StreamRight } from '../../../../../schemas/api/api.ts';
import type { ApiError } from '../../api/problem.ts';
import type { LinkState } from '../../stream/link.ts';
import { phaseOf } from '../sessions/phases.ts';

export type Situation =
  | { readonly kind: 'shown' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'lost'; readonly retryAt: number; readonly reason: string | null }
  | { readonly kind: 'hibernating' }
  | { readonly kind: 'hibernated' }
  | { readonly kind: 'over'; readonly ending: boolean }
  | { readonly kind: 'failed' }
  | { readonly kind: 'noRight' }
  | { readonly kind: 'refused'; readonly error: ApiError };

/** The right to ask a ticket for; null where the person has neither. */
export function rightFor(session: SessionView, options: { readonly viewAsked: boolean }): StreamRight | null {
  const { control, observe } = session.may;
  if (control && !options.viewAsked) return 'control';
  return observe || control ? 'view' : null;
}

export function situationOf(session: SessionView, right: StreamRight | null, link: LinkState | null): Situation {
  const phase = phaseOf(session);
  switch (phase) {
    case 'Terminated':
      return { kind: 'over', ending: false };
    case 'Terminating':
      return { kind: 'over', ending: true };
    case 'Hibernating':
      return { kind: 'hibernating' };
    case 'Hibernated':
      return session.spec.desiredState === 'Running' ? { kind: 'starting' } : { kind: 'hibernated' };
    case 'Failed':
      return { kind: 'failed' };
    case 'Pending':
    case 'Admitted':
    case 'Starting':
      return { kind: 'starting' };
    case 'Running':
      return right === null ? { kind: 'noRight' } : running(link);
  }
}

function running(link: LinkState | null): Situation {
  switch (link?.state) {
    case undefined:
    case 'connecting':
      return { kind: 'starting' };
    case 'connected':
      return { kind: 'shown' };
    case 'lost':
      return { kind: 'lost', retryAt: link.retryAt, reason: link.reason };
    case 'refused':
      return { kind: 'refused', error: link.error };
  }
}
