// The state of the stream in a word, with a countdown while it is lost.
import { IconCircleCheck, IconCircleX, IconLoader2 } from '@tabler/icons-react';
import type { LinkState } from '../stream/link.ts';
import { text } from '../text/text.ts';
import { useNow } from './use-now.ts';

export function LinkBadge({ state }: { readonly state: LinkState | null }) {
  const now = useNow(1000);
  const { tone, words } = describe(state, now);
  const Icon = tone === 'good' ? IconCircleCheck : tone === 'bad' ? IconCircleX : IconLoader2;
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

function describe(state: LinkState | null, now: number): { readonly tone: 'good' | 'busy' | 'bad'; readonly words: string } {
  const { desktop } = text;
  switch (state?.state) {
    case undefined:
      return { tone: 'bad', words: desktop.disconnected };
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
