// A desktop that somebody shares: the picture, a bar with what the right allows, who is here. It knows the session by name alone:
// whoever comes through a share may not read it.
import { Button } from '@mantine/core';
import {
  IconAlertTriangle,
  IconArrowsMaximize,
  IconArrowsMinimize,
  IconDoorExit,
  IconPlugConnected,
  IconRefresh,
} from '@tabler/icons-react';
import { useCallback, useEffect, useRef } from 'react';
import type { StreamRight, TicketView } from '../../../../../schemas/api/api.ts';
import type { ObjectName } from '../../api/client.ts';
import { meIn } from '../../model/desktop/sharing.ts';
import { useLink } from '../../stream/use-link.ts';
import { text } from '../../text/text.ts';
import { BarButton } from '../desktop/bar-button.tsx';
import { ClipboardPanel } from '../desktop/clipboard-panel.tsx';
import { BarHandle } from '../desktop/desktop-bar.tsx';
import { KeysPanel } from '../desktop/keys-panel.tsx';
import { LinkBadge, secondsUntil } from '../desktop/link-badge.tsx';
import { LinkPanel } from '../desktop/link-panel.tsx';
import { ScalingMenu } from '../desktop/scaling-menu.tsx';
import { TouchTools } from '../desktop/touch-tools.tsx';
import { useBar } from '../desktop/use-bar.ts';
import { useFullScreen } from '../desktop/use-full-screen.ts';
import { useScaling } from '../desktop/use-scaling.ts';
import { notifyFailed, notifyStopped } from '../shell/notify.ts';
import { ErrorFacts } from '../ui/states.tsx';
import { useNow } from '../ui/use-now.ts';
import { ModeratorAway, NamedCursors } from './named-cursors.tsx';
import { PeoplePanel } from './people-panel.tsx';
import '../../styles/desktop.css';
import '../../styles/feel.css';

export function SharedDesktop(props: {
  readonly session: ObjectName;
  readonly right: StreamRight;
  /** The same function each time. */
  readonly ticket: (signal: AbortSignal) => Promise<TicketView>;
  readonly onAsk: (asking: boolean) => Promise<void>;
  readonly onLeave: () => void;
}) {
  const { session, right, onAsk, onLeave } = props;
  const bar = useRef<HTMLDivElement | null>(null);
  const screen = useRef<HTMLDivElement | null>(null);
  const lastPicture = useRef<HTMLImageElement | null>(null);
  const { scaling, chooseScaling } = useScaling({ mayResize: false });
  const link = useLink({
    ...{ session, right, scaling, screen, lastPicture },
    enabled: true,
    onNotice: notifyStopped,
    ticket: props.ticket,
  });
  const { viewer, state, presence } = link;
  const shownPicture = state?.state === 'connected';
  const onKeys = useCallback(() => viewer?.releaseModifiers(), [viewer]);
  const { shown, show, setPanel } = useBar({ bar, held: !shownPicture, onKeys });
  const { fullScreen, toggleFullScreen } = useFullScreen();
  useEffect(() => {
    if (!shown) viewer?.focus();
  }, [shown, viewer]);
  const onPanel = (open: boolean) => {
    setPanel(open);
    if (!open) viewer?.focus();
  };
  const mayType = meIn(presence)?.right === 'control';
  const situation = shownPicture ? 'shown' : (state?.state ?? 'connecting');
  const { desktop } = text;
  return (
    <>
      <div ref={screen} className="ss-screen" data-situation={situation} data-scaling={scaling} />
      <img ref={lastPicture} alt="" className="ss-last-picture" data-shown={situation === 'lost'} />
      {shownPicture ? null : (
        <div className="ss-overlay" data-situation={situation}>
          <NotShown state={state} onReconnect={link.reconnect} onLeave={onLeave} />
        </div>
      )}
      {presence === null ? null : <NamedCursors presence={presence} pointers={link.pointers} screen={screen} />}
      {presence?.moderatorAwayUntil == null ? null : <ModeratorAway until={presence.moderatorAwayUntil} />}
      <BarHandle shown={shown} onShow={show} />
      <div ref={bar} className="ss-bar" role="toolbar" aria-label={desktop.bar} data-shown={shown} inert={!shown}>
        <div className="ss-bar-name">
          <strong>{session.name}</strong>
          <LinkBadge state={state} phase="Running" />
          {mayType ? null : <span className="ss-bar-view-only">{desktop.viewOnly}</span>}
        </div>
        <div className="ss-bar-tools">
          {mayType ? (
            <>
              <ClipboardPanel viewer={viewer} fromDesktop={link.clipboard} policy={undefined} onPanel={onPanel} />
              <KeysPanel viewer={viewer} onPanel={onPanel} />
              <TouchTools viewer={viewer} />
            </>
          ) : null}
          {presence === null ? null : (
            <PeoplePanel
              presence={presence}
              onPanel={onPanel}
              onAct={(action) => {
                if (action.act === 'ask')
                  onAsk(action.asking).catch((error: unknown) => notifyFailed(text.sharing.actionFailed, error));
              }}
            />
          )}
          <LinkPanel link={link} onPanel={onPanel} />
          <ScalingMenu scaling={scaling} mayResize={false} onScaling={chooseScaling} onPanel={onPanel} />
          <BarButton label={fullScreen ? desktop.leaveFullScreen : desktop.fullScreen} onClick={toggleFullScreen}>
            {fullScreen ? <IconArrowsMinimize size={18} /> : <IconArrowsMaximize size={18} />}
          </BarButton>
          <BarButton label={desktop.reconnect} onClick={link.reconnect}>
            <IconRefresh size={18} />
          </BarButton>
          <BarButton label={desktop.leave} onClick={onLeave}>
            <IconDoorExit size={18} />
          </BarButton>
        </div>
      </div>
    </>
  );
}

function NotShown(props: {
  readonly state: ReturnType<typeof useLink>['state'];
  readonly onReconnect: () => void;
  readonly onLeave: () => void;
}) {
  const { state } = props;
  const now = useNow(1000);
  const { desktop, sharing } = text;
  switch (state?.state) {
    case 'lost':
      return (
        <div className="ss-overlay-line" role="status">
          <span>{desktop.reconnecting(secondsUntil(state.retryAt, now))}</span>
          {state.reason === null ? null : <span className="ss-note">{state.reason}</span>}
          <Button size="compact-sm" variant="default" onClick={props.onReconnect}>
            {desktop.reconnectNow}
          </Button>
        </div>
      );
    case 'refused':
      return (
        <div className="ss-overlay-card" role="alert">
          <h1>
            <IconAlertTriangle size={20} aria-hidden="true" /> {sharing.refused}
          </h1>
          <p>{state.error.message}</p>
          <p>{state.error.remedy}</p>
          <ErrorFacts error={state.error} />
          <Button variant="default" onClick={props.onLeave}>
            {desktop.leave}
          </Button>
        </div>
      );
    default:
      return (
        <div className="ss-overlay-card" role="status">
          <IconPlugConnected size={28} aria-hidden="true" />
          <p>{desktop.connecting}</p>
        </div>
      );
  }
}
