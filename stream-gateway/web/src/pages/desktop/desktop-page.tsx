// A desktop with the window to itself. The stream runs while the session does; a restart is caught up by itself.
import { Button } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { SessionView } from '../../../../../schemas/api/api.ts';
import { useSetSessionState } from '../../api/actions.ts';
import { useSessions } from '../../api/queries.ts';
import { usePeopleAction } from '../../api/sessions/sharing-queries.ts';
import { AlwaysDark } from '../../components/desktop/always-dark.tsx';
import { BarHandle, DesktopBar, type ViewOnly } from '../../components/desktop/desktop-bar.tsx';
import { DesktopOverlay } from '../../components/desktop/desktop-overlay.tsx';
import { EndWarning } from '../../components/desktop/end-warning.tsx';
import { useBar } from '../../components/desktop/use-bar.ts';
import { useFullScreen } from '../../components/desktop/use-full-screen.ts';
import { useScaling } from '../../components/desktop/use-scaling.ts';
import { useDisplays } from '../../components/displays/use-displays.ts';
import { useSpread } from '../../components/displays/use-spread.ts';
import { ConsentGate } from '../../components/recordings/consent-gate.tsx';
import { ModeratorAway, NamedCursors } from '../../components/sharing/named-cursors.tsx';
import { ShareDialog } from '../../components/sharing/share-panel.tsx';
import { notifyFailed, notifyStopped } from '../../components/shell/notify.ts';
import { PhaseToasts } from '../../components/shell/toasts.tsx';
import { useTitle } from '../../components/ui/page.tsx';
import { Failed, Message } from '../../components/ui/states.tsx';
import { rightFor, situationOf } from '../../model/desktop/desktop.ts';
import { meIn } from '../../model/desktop/sharing.ts';
import { phaseOf } from '../../model/sessions/phases.ts';
import { useLink } from '../../stream/use-link.ts';
import { text } from '../../text/text.ts';
import '../../styles/desktop.css';
import '../../styles/feel.css';

const route = getRouteApi('/s/$namespace/$name');

export function DesktopPage() {
  const params = route.useParams();
  const sessions = useSessions();
  useTitle(text.desktop.title(params.name));
  const shown = useMemo(() => ({ namespace: params.namespace, name: params.name }), [params.namespace, params.name]);
  return (
    <main className="ss-desktop" data-mantine-color-scheme="dark" aria-label={text.desktop.screen(params.name)}>
      <AlwaysDark>
        {(() => {
          switch (sessions.state) {
            case 'loading':
              return null;
            case 'failed':
              return <Failed title={text.sessions.failed} error={sessions.error} retry={sessions.retry} />;
            case 'ready': {
              const session = sessions.list.items.find(
                ({ metadata }) => metadata.name === params.name && metadata.namespace === params.namespace,
              );
              return session === undefined ? (
                <Missing />
              ) : (
                <ConsentGate session={session}>
                  <Desktop key={session.metadata.uid} session={session} />
                </ConsentGate>
              );
            }
          }
        })()}
      </AlwaysDark>
      <PhaseToasts except={shown} />
    </main>
  );
}

function Desktop({ session }: { readonly session: SessionView }) {
  const { view: viewAsked = false } = route.useSearch();
  const { name, namespace = '' } = session.metadata;
  const navigate = useNavigate();
  const setState = useSetSessionState();
  const bar = useRef<HTMLDivElement | null>(null);
  const screen = useRef<HTMLDivElement | null>(null);
  const lastPicture = useRef<HTMLImageElement | null>(null);

  const right = rightFor(session, { viewAsked });
  const viewOnly: ViewOnly = right !== 'view' ? null : session.may.control ? 'asked' : 'noRight';
  const { scaling, chooseScaling } = useScaling({ mayResize: right === 'control' });
  const displays = useDisplays({ namespace, name }, { resizes: scaling === 'remote' });
  const { active, isSole } = displays.status;
  const spread = useSpread(displays.status);
  const link = useLink({
    session: { namespace, name },
    right: right ?? 'view',
    enabled: right !== null && phaseOf(session) === 'Running',
    // noVNC knows of one screen: with several, and before it is known how many there are, it resizes nothing.
    scaling: active || (scaling === 'remote' && !isSole) ? 'fit' : scaling,
    screen,
    lastPicture,
    onNotice: notifyStopped,
    onDisplays: displays.host.tell,
  });
  const situation = situationOf(session, right, link.state);
  const { viewer } = link;
  const onKeys = useCallback(() => viewer?.releaseModifiers(), [viewer]);
  const { shown, show, setPanel } = useBar({ bar, held: situation.kind !== 'shown', onKeys });
  const { fullScreen, toggleFullScreen } = useFullScreen();
  const people = usePeopleAction({ namespace, name });
  const [sharing, setSharing] = useState(false);
  // Whoever was given control while looking on has the tools for it.
  const rightNow = meIn(link.presence)?.right ?? right;

  const { host } = displays;
  const policy = session.status?.effectivePolicy;
  useEffect(() => {
    host.setLink({ viewer, clipboard: link.clipboard, mayControl: rightNow === 'control', policy });
  }, [host, viewer, link.clipboard, rightNow, policy]);

  // The bar had the focus and went away: the keys are for the desktop again.
  useEffect(() => {
    if (!shown) viewer?.focus();
  }, [shown, viewer]);

  const wish = (desiredState: 'Running' | 'Hibernated', verb: string) => () =>
    setState.mutate(
      { session: { namespace, name }, desiredState },
      { onError: (error) => notifyFailed(text.sessions.verbFailed(verb, name), error) },
    );
  return (
    <>
      <div ref={screen} className="ss-screen" data-situation={situation.kind} data-scaling={scaling} style={spread} />
      <img ref={lastPicture} alt="" className="ss-last-picture" data-shown={situation.kind === 'lost'} />
      {situation.kind === 'shown' ? null : (
        <div className="ss-overlay" data-situation={situation.kind}>
          <DesktopOverlay
            session={session}
            situation={situation}
            onResume={session.may.update ? wish('Running', text.sessions.verbs.resume) : null}
            resuming={setState.isPending}
            onReconnect={link.reconnect}
          />
        </div>
      )}
      {link.presence === null ? null : <NamedCursors presence={link.presence} pointers={link.pointers} screen={screen} />}
      {link.presence?.moderatorAwayUntil == null ? null : <ModeratorAway until={link.presence.moderatorAwayUntil} />}
      <EndWarning session={session} mayControl={rightNow === 'control' && session.may.control} onDone={() => viewer?.focus()} />
      <BarHandle shown={shown} onShow={show} />
      <DesktopBar
        session={session}
        link={link}
        displays={displays}
        viewOnly={rightNow === 'control' ? null : viewOnly}
        shown={shown}
        bar={bar}
        scaling={scaling}
        onScaling={chooseScaling}
        fullScreen={fullScreen}
        onFullScreen={toggleFullScreen}
        onHibernate={
          session.may.update && phaseOf(session) === 'Running' ? wish('Hibernated', text.sessions.verbs.hibernate) : null
        }
        onShare={session.may.control ? () => setSharing(true) : null}
        onPeople={(action) => people.mutate(action, { onError: (error) => notifyFailed(text.sharing.actionFailed, error) })}
        onLeave={() => void navigate({ to: '/' })}
        onPanel={(open) => {
          setPanel(open);
          // Whoever closes a panel goes on in the desktop.
          if (!open) viewer?.focus();
        }}
      />
      <ShareDialog
        session={{ namespace, name }}
        opened={sharing}
        onClose={() => {
          setSharing(false);
          viewer?.focus();
        }}
      />
    </>
  );
}

function Missing() {
  return (
    <Message
      icon={IconMapQuestion}
      title={text.sessions.missingTitle}
      actions={<Button renderRoot={(rest) => <Link to="/sessions" {...rest} />}>{text.desktop.toSessions}</Button>}
    >
      <p>{text.sessions.missingText}</p>
    </Message>
  );
}
