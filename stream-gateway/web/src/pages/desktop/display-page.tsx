// One more display of a desktop, in a window of its own. It has no connection: the window that opened it has the one there is.
import { Button } from '@mantine/core';
import { IconArrowsMaximize, IconArrowsMinimize, IconDeviceDesktop, IconDoorExit, IconPlugConnectedX } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type ReactNode, useCallback, useEffect, useRef } from 'react';
import { AlwaysDark } from '../../components/desktop/always-dark.tsx';
import { BarButton } from '../../components/desktop/bar-button.tsx';
import { ClipboardPanel } from '../../components/desktop/clipboard-panel.tsx';
import { BarHandle } from '../../components/desktop/desktop-bar.tsx';
import { KeysPanel } from '../../components/desktop/keys-panel.tsx';
import { useBar } from '../../components/desktop/use-bar.ts';
import { useFullScreen } from '../../components/desktop/use-full-screen.ts';
import { FurtherScreen } from '../../components/displays/further-screen.tsx';
import { type Held, useAttachment } from '../../components/displays/use-attachment.ts';
import { useTitle } from '../../components/ui/page.tsx';
import { useNow } from '../../components/ui/use-now.ts';
import { text } from '../../text/text.ts';
import '../../styles/desktop.css';
import '../../styles/displays.css';

const route = getRouteApi('/s/$namespace/$name/displays/$display');
/** Time to read why, and for a main window that is loaded anew. */
const CLOSES_AFTER_MS = 10_000;

export function DisplayPage() {
  const { namespace, name, display } = route.useParams();
  const number = Number(display) + 1;
  useTitle(text.displays.pageTitle(number, name));
  const { held, onReady, again } = useAttachment({ namespace, name }, Number(display));
  const screen = held.kind === 'held' && held.state.kind === 'shown' ? held.state.screen : null;
  return (
    <main className="ss-desktop" data-mantine-color-scheme="dark" aria-label={text.displays.screen(number, name)}>
      <AlwaysDark>
        {held.kind === 'held' && screen !== null ? (
          <FurtherScreen
            {...{ screen, number, name, onReady }}
            attachment={held.attachment}
            cursor={held.link.mayControl ? held.cursor : 'default'}
          />
        ) : (
          <div className="ss-overlay">
            <NotShown held={held} again={again} session={{ namespace, name }} />
          </div>
        )}
        {held.kind === 'held' ? <FurtherBar held={held} number={number} /> : null}
      </AlwaysDark>
    </main>
  );
}

function FurtherBar({ held, number }: { readonly held: Extract<Held, { kind: 'held' }>; readonly number: number }) {
  const { viewer, clipboard, policy, mayControl } = held.link;
  const bar = useRef<HTMLDivElement | null>(null);
  const onKeys = useCallback(() => viewer?.releaseModifiers(), [viewer]);
  const { shown, show, setPanel } = useBar({ bar, held: held.state.kind !== 'shown', onKeys });
  const { fullScreen, toggleFullScreen } = useFullScreen();
  const { desktop, displays } = text;
  const onPanel = (open: boolean) => {
    setPanel(open);
    if (!open) document.querySelector<HTMLElement>('.ss-soft-keyboard')?.focus();
  };
  return (
    <>
      <BarHandle shown={shown} onShow={show} />
      <div ref={bar} className="ss-bar" role="toolbar" aria-label={desktop.bar} data-shown={shown} inert={!shown}>
        <div className="ss-bar-name">
          <strong>{displays.display(number)}</strong>
          {mayControl ? null : <span className="ss-bar-view-only">{desktop.viewOnly}</span>}
        </div>
        <div className="ss-bar-tools">
          {mayControl ? (
            <>
              <ClipboardPanel viewer={viewer} fromDesktop={clipboard} policy={policy} onPanel={onPanel} />
              <KeysPanel viewer={viewer} onPanel={onPanel} />
            </>
          ) : null}
          <BarButton label={displays.toMain} onClick={() => window.opener?.focus()}>
            <IconDeviceDesktop size={18} />
          </BarButton>
          <BarButton label={fullScreen ? desktop.leaveFullScreen : desktop.fullScreen} onClick={toggleFullScreen}>
            {fullScreen ? <IconArrowsMinimize size={18} /> : <IconArrowsMaximize size={18} />}
          </BarButton>
          <BarButton label={displays.closeIt} onClick={() => window.close()}>
            <IconDoorExit size={18} />
          </BarButton>
        </div>
      </div>
    </>
  );
}

function NotShown(props: {
  readonly held: Held;
  readonly again: () => void;
  readonly session: { readonly namespace: string; readonly name: string };
}) {
  const { held, again, session } = props;
  const { displays } = text;
  if (held.kind === 'alone' && held.had) return <Over since={held.since} />;
  if (held.kind === 'alone')
    return (
      <Card title={displays.noMain}>
        <p>{displays.noMainText}</p>
        <Button renderRoot={(rest) => <Link to="/s/$namespace/$name" params={session} {...rest} />}>{displays.toDesktop}</Button>
      </Card>
    );
  if (held.kind === 'held' && held.state.kind === 'without')
    return (
      <Card title={displays.without[held.state.why]} alert>
        <Button onClick={again}>{displays.tryAgain}</Button>
        <Button variant="default" onClick={() => window.close()}>
          {displays.closeIt}
        </Button>
      </Card>
    );
  const isLost = held.kind === 'held' && held.state.kind === 'disconnected';
  return <Card title={isLost ? displays.disconnected : displays.waiting} />;
}

function Over({ since }: { readonly since: number }) {
  const { displays } = text;
  const left = Math.max(0, Math.ceil((since + CLOSES_AFTER_MS - useNow(1000)) / 1000));
  useEffect(() => {
    if (left === 0) window.close();
  }, [left]);
  return (
    <Card title={displays.over} alert>
      <p>{displays.closesIn(left)}</p>
      <Button variant="default" onClick={() => window.close()}>
        {displays.closeIt}
      </Button>
    </Card>
  );
}

function Card(props: { readonly title: string; readonly alert?: boolean; readonly children?: ReactNode }) {
  const { title, alert = false, children } = props;
  return (
    <div className="ss-overlay-card" role={alert ? 'alert' : 'status'}>
      {alert ? <IconPlugConnectedX size={28} aria-hidden="true" /> : <IconDeviceDesktop size={28} aria-hidden="true" />}
      <h1>{title}</h1>
      {children}
    </div>
  );
}
