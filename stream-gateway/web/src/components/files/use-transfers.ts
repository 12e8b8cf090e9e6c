// The transfers of one session, for as long as the page that began them is there.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { ObjectName } from '../../api/client.ts';
import { useGateway } from '../../api/context.tsx';
import { type Transfer, Transfers } from '../../model/desktop/transfers.ts';

export const folderKey = ({ namespace, name }: ObjectName, path: string): readonly string[] => ['files', namespace, name, path];

export interface UsedTransfers {
  readonly transfers: Transfers;
  readonly list: readonly Transfer[];
}

export function useTransfers(session: ObjectName): UsedTransfers {
  const { api } = useGateway();
  const queries = useQueryClient();
  const [transfers] = useState(
    () =>
      new Transfers({
        ...{ api, session, save: saveBlob, wait },
        onUploaded: (path) => {
          const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
          void queries.invalidateQueries({ queryKey: folderKey(session, folder) });
        },
      }),
  );
  const list = useSyncExternalStore(transfers.subscribe, transfers.current);
  const busy = list.some(({ state }) => state === 'running' || state === 'checking');
  // Leaving the page ends what runs: the browser asks first.
  useEffect(() => {
    if (!busy) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [busy]);
  return { transfers, list };
}

function saveBlob(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken it by the next turn; long downloads are safe with a minute.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
