// One session as a tile: what it is, how it is, what to do with it.
import { Link } from '@tanstack/react-router';
import type { SessionView } from '../../../../../schemas/api/api.ts';
import { isStarting, phaseOf } from '../../model/sessions/phases.ts';
import { text } from '../../text/text.ts';
import { TemplateIcon } from '../catalog/template-icon.tsx';
import { Ago } from '../ui/ago.tsx';
import { PhaseBadge } from '../ui/state-badge.tsx';
import { useFlash } from '../ui/use-flash.ts';
import { SessionActions } from './session-actions.tsx';

export function SessionTile({ session, touched }: { readonly session: SessionView; readonly touched: number | undefined }) {
  const { name, namespace = '' } = session.metadata;
  const phase = phaseOf(session);
  const flashing = useFlash(touched);
  const since = phase === 'Running' ? session.status?.runningSince : undefined;
  return (
    <article className="ss-tile" data-flash={flashing} aria-label={name}>
      <div className="ss-tile-top">
        <TemplateIcon icon={session.status?.templateRef?.icon} size={44} />
        <div className="ss-tile-name">
          <h3>
            <Link to="/sessions/$namespace/$name" params={{ namespace, name }}>
              {session.status?.templateRef?.displayName ?? session.spec.template}
            </Link>
          </h3>
          <p className="ss-mono">{name}</p>
        </div>
      </div>
      <div className="ss-tile-state">
        <PhaseBadge phase={phase} />
        <span className="ss-note">
          <Ago at={since ?? session.metadata.creationTimestamp} />
        </span>
      </div>
      {phase === 'Failed' || (isStarting(session) && session.status?.message !== undefined) ? (
        <p className="ss-tile-why">{session.status?.message ?? text.sessions.phases[phase]}</p>
      ) : null}
      <div className="ss-tile-actions">
        <SessionActions session={session} size="sm" />
      </div>
    </article>
  );
}
