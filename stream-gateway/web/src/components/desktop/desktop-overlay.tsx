// What stands over the desktop while there is none to see: the start by stages, a lost link, rest, the end.
import { Button } from '@mantine/core';
import { IconAlertTriangle, IconMoon, IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { Link as RouteLink } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { SessionView } from '../../../../../schemas/api/api.ts';
import { remedyOf } from '../../api/problem.ts';
import type { Situation } from '../../model/desktop/desktop.ts';
import { stageProgress, startOf } from '../../model/git/stages.ts';
import { elapsedText } from '../../model/time.ts';
import { text } from '../../text/text.ts';
import { TemplateIcon } from '../catalog/template-icon.tsx';
import { StageList } from '../sessions/stage-list.tsx';
import { ErrorFacts } from '../ui/states.tsx';
import { useNow } from '../ui/use-now.ts';
import { secondsUntil } from './link-badge.tsx';

export function DesktopOverlay(props: {
  readonly session: SessionView;
  readonly situation: Situation;
  /** Null where the person may not resume it. */
  readonly onResume: (() => void) | null;
  readonly resuming: boolean;
  readonly onReconnect: () => void;
}) {
  const { session, situation } = props;
  const { desktop } = text;
  switch (situation.kind) {
    case 'shown':
      return null;
    case 'starting':
      return <Starting session={session} />;
    case 'lost':
      return <Lost retryAt={situation.retryAt} reason={situation.reason} onReconnect={props.onReconnect} />;
    case 'hibernated':
      return (
        <Card session={session} title={desktop.hibernated} icon={<IconMoon size={20} aria-hidden="true" />}>
          <p>{desktop.hibernatedText}</p>
          {props.onResume === null ? null : (
            <Button
              leftSection={<IconPlayerPlay size={16} aria-hidden="true" />}
              loading={props.resuming}
              onClick={props.onResume}
            >
              {desktop.resume}
            </Button>
          )}
        </Card>
      );
    case 'hibernating':
      return (
        <Card session={session} title={desktop.hibernating} icon={<IconMoon size={20} aria-hidden="true" />}>
          <p>{desktop.hibernatingText}</p>
        </Card>
      );
    case 'over':
      return (
        <Card
          session={session}
          title={situation.ending ? desktop.ending : desktop.ended}
          icon={<IconPlayerStop size={20} aria-hidden="true" />}
        >
          <p>{desktop.endedText}</p>
          <Button renderRoot={(rest) => <RouteLink to="/catalog" {...rest} />}>{desktop.toCatalog}</Button>
        </Card>
      );
    case 'failed':
      return (
        <Card session={session} title={desktop.failed} icon={<IconAlertTriangle size={20} aria-hidden="true" />} alert>
          <p>{session.status?.message}</p>
          <p>{remedyOf(session.status?.reason)}</p>
          <p className="ss-note">{desktop.failedRetry}</p>
          <p className="ss-error-facts">
            {text.states.code} <code>{session.status?.reason}</code>
          </p>
        </Card>
      );
    case 'noRight':
      return (
        <Card session={session} title={desktop.refused} icon={<IconAlertTriangle size={20} aria-hidden="true" />} alert>
          <p>{desktop.refusedText}</p>
          <p>{text.whoGrants.team}</p>
        </Card>
      );
    case 'refused':
      return (
        <Card session={session} title={desktop.refused} icon={<IconAlertTriangle size={20} aria-hidden="true" />} alert>
          <p>{situation.error.message}</p>
          <p>{situation.error.remedy}</p>
          <ErrorFacts error={situation.error} />
          <Button onClick={props.onReconnect}>{desktop.reconnect}</Button>
        </Card>
      );
  }
}

function Card(props: {
  readonly session: SessionView;
  readonly title: string;
  readonly icon: ReactNode;
  readonly alert?: boolean;
  readonly children: ReactNode;
}) {
  const { name, namespace = '' } = props.session.metadata;
  return (
    <div className="ss-overlay-card" role={props.alert === true ? 'alert' : 'status'}>
      <TemplateIcon icon={props.session.status?.templateRef?.icon} size={72} />
      <h1>
        {props.icon} {props.title}
      </h1>
      {props.children}
      <RouteLink className="ss-overlay-link" to="/sessions/$namespace/$name" params={{ namespace, name }}>
        {text.desktop.details}
      </RouteLink>
    </div>
  );
}

function Starting({ session }: { readonly session: SessionView }) {
  const now = useNow(100);
  const { status } = session;
  const waitsFor = status?.message !== undefined && remedyOf(status.reason) !== null ? status.message : null;
  return (
    <div className="ss-overlay-card">
      <TemplateIcon icon={status?.templateRef?.icon} size={88} />
      <h1>{status?.templateRef?.displayName ?? text.desktop.starting}</h1>
      <p className="ss-note" role="status">
        {text.desktop.starting} · {elapsedText(now - startOf(session))}
      </p>
      <StageList stages={stageProgress(session, { now })} />
      {waitsFor === null ? (
        <p className="ss-note">{text.desktop.keepsGoing}</p>
      ) : (
        <p className="ss-overlay-why" role="alert">
          {waitsFor} {remedyOf(status?.reason)}
        </p>
      )}
    </div>
  );
}

/** No dialog: the last picture stays, greyed, under one line. */
function Lost(props: { readonly retryAt: number; readonly reason: string | null; readonly onReconnect: () => void }) {
  const now = useNow(1000);
  return (
    <div className="ss-overlay-line" role="status">
      <span>{text.desktop.reconnecting(secondsUntil(props.retryAt, now))}</span>
      {props.reason === null ? null : <span className="ss-note">{props.reason}</span>}
      <Button size="compact-sm" variant="default" onClick={props.onReconnect}>
        {text.desktop.reconnectNow}
      </Button>
    </div>
  );
}
