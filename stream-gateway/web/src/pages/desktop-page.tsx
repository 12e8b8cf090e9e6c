// A desktop with the window to itself. The stream runs while the session does; a restart is caught up by itself.
import { Button, MantineProvider } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useCallback, useEffect, useMemo, useRef } from 'react';
import type { SessionView } from '../../../../schemas/api/api.ts';
import { useSetSessionState } from '../api/actions.ts';
import { useSessions } from '../api/queries.ts';
import { BarHandle, DesktopBar, type ViewOnly } from '../components/desktop/desktop-bar.tsx';
import { DesktopOverlay } from '../components/desktop/desktop-overlay.tsx';
import { useBar } from '../components/desktop/use-bar.ts';
import { useFullScreen } from '../components/desktop/use-full-screen.ts';
import { useScaling } from '../components/desktop/use-scaling.ts';
import { ConsentGate } from '../components/recordings/consent-gate.tsx';
import { notifyFailed, notifyStopped } from '../components/shell/notify.ts';
import { PhaseToasts } from '../components/shell/toasts.tsx';
import { useTitle } from '../components/ui/page.tsx';
import { Failed, Message } from '../components/ui/states.tsx';
import { rightFor, situationOf } from '../model/desktop.ts';
import { phaseOf } from '../model/phases.ts';
import { useLink } from '../stream/use-link.ts';
import { text } from '../text/text.ts';
import { theme } from '../theme.ts';
import '../styles/desktop.css';

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
                  <Desktop session={session} />
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

/** A desktop's surroundings do not follow the theme: Mantine's colours are set anew below this page's own element. */
function AlwaysDark({ children }: { readonly children: ReactNode }) {
  return (
    <MantineProvider
      theme={theme}
      forceColorScheme="dark"
      cssVariablesSelector=".ss-desktop"
      getRootElement={() => undefined}
      deduplicateCssVariables={false}
      withGlobalClasses={false}
    >
      {children}
    </MantineProvider>
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
  const link = useLink({
    session: { namespace, name },
    right: right ?? 'view',
    enabled: right !== null && phaseOf(session) === 'Running',
    scaling,
    screen,
    lastPicture,
    onNotice: notifyStopped,
  });
  const situation = situationOf(session, right, link.state);
  const { viewer } = link;
  const onKeys = useCallback(() => viewer?.releaseModifiers(), [viewer]);
  const { shown, show, setPanel } = useBar({ bar, held: situation.kind !== 'shown', onKeys });
  const { fullScreen, toggleFullScreen } = useFullScreen();

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
      <div ref={screen} className="ss-screen" data-situation={situation.kind} data-scaling={scaling} />
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
      <BarHandle shown={shown} onShow={show} />
      <DesktopBar
        session={session}
        link={link}
        viewOnly={viewOnly}
        shown={shown}
        bar={bar}
        scaling={scaling}
        onScaling={chooseScaling}
        fullScreen={fullScreen}
        onFullScreen={toggleFullScreen}
        onHibernate={
          session.may.update && phaseOf(session) === 'Running' ? wish('Hibernated', text.sessions.verbs.hibernate) : null
        }
        onLeave={() => void navigate({ to: '/' })}
        onPanel={(open) => {
          setPanel(open);
          // Whoever closes a panel goes on in the desktop.
          if (!open) viewer?.focus();
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
