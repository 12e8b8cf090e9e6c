// Sessions as a table; on a phone the same rows stand as cards (CSS alone, so that a screen reader has one list).
import { Link } from '@tanstack/react-router';
import type { SessionView } from '../../../../../schemas/api/api.ts';
import { phaseOf } from '../../model/sessions/phases.ts';
import { text } from '../../text/text.ts';
import { TemplateIcon } from '../catalog/template-icon.tsx';
import { Ago } from '../ui/ago.tsx';
import { PhaseBadge } from '../ui/state-badge.tsx';
import { useFlash } from '../ui/use-flash.ts';
import { LifetimeLine } from './lifetime-line.tsx';
import { SessionActions } from './session-actions.tsx';

export function SessionTable(props: {
  readonly sessions: readonly SessionView[];
  readonly touched: Readonly<Record<string, number>>;
  /** Whether other people's sessions are among them. */
  readonly owners: boolean;
}) {
  const { columns } = text.sessions;
  return (
    <table className="ss-table">
      <thead>
        <tr>
          <th scope="col">{columns.name}</th>
          {props.owners ? <th scope="col">{columns.owner}</th> : null}
          <th scope="col">{columns.phase}</th>
          <th scope="col">{columns.reason}</th>
          <th scope="col">{columns.age}</th>
          <th scope="col">
            <span className="ss-hidden">{columns.actions}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {props.sessions.map((session) => (
          <Row key={session.metadata.uid} session={session} touched={props.touched[session.metadata.uid]} owners={props.owners} />
        ))}
      </tbody>
    </table>
  );
}

function Row(props: { readonly session: SessionView; readonly touched: number | undefined; readonly owners: boolean }) {
  const { session } = props;
  const { name, namespace = '' } = session.metadata;
  const flashing = useFlash(props.touched);
  const phase = phaseOf(session);
  return (
    <tr data-flash={flashing}>
      <th scope="row">
        <span className="ss-with-icon">
          <TemplateIcon icon={session.status?.templateRef?.icon} size={32} />
          <span>
            <Link to="/sessions/$namespace/$name" params={{ namespace, name }}>
              {name}
            </Link>
            <span className="ss-cell-sub">{session.status?.templateRef?.displayName ?? session.spec.template}</span>
          </span>
        </span>
      </th>
      {props.owners ? <td data-label={text.sessions.columns.owner}>{session.spec.owner}</td> : null}
      <td data-label={text.sessions.columns.phase}>
        <PhaseBadge phase={phase} />
      </td>
      <td data-label={text.sessions.columns.reason} className="ss-reason">
        {phase === 'Running' || session.status?.message === undefined ? (
          <LifetimeLine session={session} />
        ) : (
          <span title={session.status.message}>{session.status.message}</span>
        )}
      </td>
      <td data-label={text.sessions.columns.age}>
        <Ago at={session.metadata.creationTimestamp} />
      </td>
      <td className="ss-cell-actions">
        <SessionActions session={session} />
      </td>
    </tr>
  );
}
