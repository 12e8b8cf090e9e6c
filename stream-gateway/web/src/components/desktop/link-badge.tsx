// The state of the stream in a word, with a countdown while it is lost.
import { IconCircleCheck, IconCircleX, IconLoader2, IconMoon } from '@tabler/icons-react';
import type { SessionPhase } from '../../../../../schemas/kinds/sessions/session.ts';
import { toneOf } from '../../model/sessions/phases.ts';
import type { LinkState } from '../../stream/link.ts';
import { text } from '../../text/text.ts';
import { useNow } from '../ui/use-now.ts';

const ICONS = { good: IconCircleCheck, busy: IconLoader2, bad: IconCircleX, quiet: IconMoon } as const;

/** Without a link there is the phase to tell. */
export function LinkBadge({ state, phase }: { readonly state: LinkState | null; readonly phase: SessionPhase }) {
  const now = useNow(1000);
  const { tone, words } = state === null ? describePhase(phase) : describe(state, now);
  const Icon = ICONS[tone];
  return (
    <span className="ss-bar-state" data-tone={tone} role="status">
      <Icon size={14} aria-hidden="true" className={tone === 'busy' ? 'ss-spin' : undefined} />
      {words}
    </span>
  );
}

export function secondsUntil(at: number, now: number): number {
  return Math.max(0, Math.ceil((at - now) / 1000));
}

interface Description {
  readonly tone: 'good' | 'busy' | 'bad' | 'quiet';
  readonly words: string;
}

function describePhase(phase: SessionPhase): Description {
  const tone = toneOf(phase);
  return { tone: tone === 'off' ? 'quiet' : tone, words: text.sessions.phases[phase] };
}

function describe(state: LinkState, now: number): Description {
  const { desktop } = text;
  switch (state.state) {
    case 'connecting':
      return { tone: 'busy', words: desktop.connecting };
    case 'connected':
      return { tone: 'good', words: desktop.connected };
    case 'lost':
      return { tone: 'busy', words: desktop.reconnecting(secondsUntil(state.retryAt, now)) };
    case 'refused':
      return { tone: 'bad', words: desktop.disconnected };
  }
}
