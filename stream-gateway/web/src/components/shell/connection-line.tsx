// One line while a live list is not live; it goes away by itself.
import { Button } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useSyncExternalStore } from 'react';
import { useGateway } from '../../api/context.tsx';
import { relativeTime } from '../../model/time.ts';
import { text } from '../../text/text.ts';
import { useNow } from '../ui/use-now.ts';

/** A gateway that restarts is back before anybody needs to know. */
const QUIET_MS = 2_500;

export function ConnectionLine() {
  const { live } = useGateway();
  const lost = useSyncExternalStore(live.subscribe, () => live.lost()?.since ?? null);
  return lost === null ? null : <Lost since={lost} onRetry={() => live.retryNow()} />;
}

function Lost({ since, onRetry }: { readonly since: number; readonly onRetry: () => void }) {
  const now = useNow(1000);
  if (now - since < QUIET_MS) return null;
  return (
    <div className="ss-connection" role="status">
      <IconPlugConnectedX size={16} aria-hidden="true" />
      <span>
        {now - since < 10_000 ? text.states.connectionLostJustNow : text.states.connectionLost(relativeTime(since, now))}
      </span>
      <Button size="compact-xs" variant="subtle" onClick={onRetry}>
        {text.states.tryNow}
      </Button>
    </div>
  );
}
