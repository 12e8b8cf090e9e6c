// A state as icon, word and colour together.
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleOff,
  IconLoader2,
  IconMoon,
  IconPlayerPause,
  type IconProps,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { SessionPhase } from '../../../../../schemas/kinds/sessions/session.ts';
import { SYNC_TONES, type SyncState } from '../../model/git/git-sync.ts';
import { type Tone, toneOf } from '../../model/sessions/phases.ts';
import { text } from '../../text/text.ts';

const TONE_ICONS: Readonly<Record<Tone, ComponentType<IconProps>>> = {
  good: IconCircleCheck,
  busy: IconLoader2,
  quiet: IconMoon,
  bad: IconAlertTriangle,
  off: IconCircleOff,
};

export function StateBadge(props: { readonly tone: Tone; readonly label: string; readonly icon?: ComponentType<IconProps> }) {
  const Icon = props.icon ?? TONE_ICONS[props.tone];
  return (
    <span className="ss-badge" data-tone={props.tone}>
      <Icon
        size={14}
        stroke={2}
        aria-hidden="true"
        className={props.tone === 'busy' && props.icon === undefined ? 'ss-spin' : undefined}
      />
      {props.label}
    </span>
  );
}

export function PhaseBadge({ phase }: { readonly phase: SessionPhase }) {
  return <StateBadge tone={toneOf(phase)} label={text.sessions.phases[phase]} />;
}

const SYNC_ICONS: Partial<Record<SyncState, ComponentType<IconProps>>> = {
  suspended: IconPlayerPause,
  unknown: IconCircleDashed,
};

export function SyncBadge({ state }: { readonly state: SyncState }) {
  const icon = SYNC_ICONS[state];
  return <StateBadge tone={SYNC_TONES[state]} label={text.git.states[state]} {...(icon === undefined ? {} : { icon })} />;
}
