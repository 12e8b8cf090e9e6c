// The bar over a desktop: name and state, then everything that the desktop's own keyboard and mouse cannot do.
import { Tooltip } from '@mantine/core';
import {
  IconArrowsMaximize,
  IconArrowsMinimize,
  IconDoorExit,
  IconMoon,
  IconPinned,
  IconRefresh,
  IconUserPlus,
} from '@tabler/icons-react';
import type { RefObject } from 'react';
import type { SessionView } from '../../../../../schemas/api/api.ts';
import type { PeopleAction } from '../../api/sessions/sharing-queries.ts';
import { phaseOf } from '../../model/sessions/phases.ts';
import type { Link } from '../../stream/use-link.ts';
import type { Scaling } from '../../stream/viewer.ts';
import { text } from '../../text/text.ts';
import { DisplaysPanel } from '../displays/displays-panel.tsx';
import type { Displays } from '../displays/use-displays.ts';
import { LifetimeLine } from '../sessions/lifetime-line.tsx';
import { PeoplePanel } from '../sharing/people-panel.tsx';
import { BarButton } from './bar-button.tsx';
import { ClipboardPanel } from './clipboard-panel.tsx';
import { FilesPanel } from './files-panel.tsx';
import { KeysPanel } from './keys-panel.tsx';
import { LinkBadge } from './link-badge.tsx';
import { LinkPanel } from './link-panel.tsx';
import { ScalingMenu } from './scaling-menu.tsx';
import { TouchTools } from './touch-tools.tsx';

export type ViewOnly = 'asked' | 'noRight' | null;

export function DesktopBar(props: {
  readonly session: SessionView;
  readonly link: Link;
  readonly viewOnly: ViewOnly;
  readonly displays: Displays;
  readonly shown: boolean;
  readonly bar: RefObject<HTMLDivElement | null>;
  readonly scaling: Scaling;
  readonly onScaling: (scaling: Scaling) => void;
  readonly fullScreen: boolean;
  readonly onFullScreen: () => void;
  /** Null where the person may not, or there is nothing to hibernate. */
  readonly onHibernate: (() => void) | null;
  /** Null where the person may share nothing. */
  readonly onShare: (() => void) | null;
  readonly onPeople: (action: PeopleAction) => void;
  readonly onLeave: () => void;
  /** An open panel keeps the bar. */
  readonly onPanel: (open: boolean) => void;
}) {
  const { session, link, viewOnly } = props;
  const { desktop } = text;
  // Without a desktop there is nothing to paste into or to scale.
  const linked = link.state !== null;
  return (
    <div
      ref={props.bar}
      className="ss-bar"
      role="toolbar"
      aria-label={desktop.bar}
      data-shown={props.shown}
      // Hidden means out of the way of keyboard and screen reader too.
      inert={!props.shown}
    >
      <div className="ss-bar-name">
        <strong>{session.status?.templateRef?.displayName ?? session.metadata.name}</strong>
        <LinkBadge state={link.state} phase={phaseOf(session)} />
        <LifetimeLine session={session} className="ss-bar-lifetime" />
        {viewOnly === null ? null : (
          <Tooltip label={viewOnly === 'asked' ? desktop.viewOnlyAsked : desktop.viewOnlyNoRight} multiline maw={280}>
            <span className="ss-bar-view-only">{desktop.viewOnly}</span>
          </Tooltip>
        )}
      </div>
      <div className="ss-bar-tools">
        {linked && viewOnly === null ? (
          <>
            <ClipboardPanel
              viewer={link.viewer}
              fromDesktop={link.clipboard}
              policy={session.status?.effectivePolicy}
              onPanel={props.onPanel}
            />
            <FilesPanel
              session={{ namespace: session.metadata.namespace ?? '', name: session.metadata.name }}
              policy={session.status?.effectivePolicy}
              onPanel={props.onPanel}
            />
            <KeysPanel viewer={link.viewer} onPanel={props.onPanel} />
            <TouchTools viewer={link.viewer} />
          </>
        ) : null}
        {link.presence === null ? null : <PeoplePanel presence={link.presence} onAct={props.onPeople} onPanel={props.onPanel} />}
        {props.onShare === null ? null : (
          <BarButton label={text.sharing.share} onClick={props.onShare}>
            <IconUserPlus size={18} />
          </BarButton>
        )}
        {linked ? <LinkPanel link={link} onPanel={props.onPanel} /> : null}
        {linked ? (
          <DisplaysPanel
            displays={props.displays}
            policy={session.status?.effectivePolicy}
            mayControl={viewOnly === null}
            onPanel={props.onPanel}
          />
        ) : null}
        {linked ? (
          <ScalingMenu
            scaling={props.scaling}
            mayResize={viewOnly === null}
            onScaling={props.onScaling}
            onPanel={props.onPanel}
          />
        ) : null}
        <BarButton label={props.fullScreen ? desktop.leaveFullScreen : desktop.fullScreen} onClick={props.onFullScreen}>
          {props.fullScreen ? <IconArrowsMinimize size={18} /> : <IconArrowsMaximize size={18} />}
        </BarButton>
        {linked ? (
          <BarButton label={desktop.reconnect} onClick={link.reconnect}>
            <IconRefresh size={18} />
          </BarButton>
        ) : null}
        {props.onHibernate === null ? null : (
          <BarButton label={desktop.hibernate} onClick={props.onHibernate}>
            <IconMoon size={18} />
          </BarButton>
        )}
        <BarButton label={desktop.leave} onClick={props.onLeave}>
          <IconDoorExit size={18} />
        </BarButton>
      </div>
    </div>
  );
}

/** Where a finger finds the bar again; a mouse finds it at the top edge. */
export function BarHandle({ shown, onShow }: { readonly shown: boolean; readonly onShow: () => void }) {
  return (
    <button
      type="button"
      className="ss-bar-handle"
      data-shown={!shown}
      aria-label={text.desktop.showBar}
      title={text.desktop.barHint}
      onClick={onShow}
    >
      <IconPinned size={14} aria-hidden="true" />
    </button>
  );
}
