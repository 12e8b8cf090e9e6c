// The home of a session: walk through it, put files in, take files out. What a policy forbids is said before one tries.
import { Button, FileButton } from '@mantine/core';
import { IconDownload, IconFolder, IconLock, IconRefresh, IconUpload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type DragEvent, useState } from 'react';
import type { ObjectName } from '../../api/client.ts';
import { useGateway } from '../../api/context.tsx';
import { fileLimits, filesOff, wouldRefuse } from '../../model/desktop/file-limits.ts';
import type { EffectivePolicyView } from '../../model/sessions/session-rules.ts';
import { text } from '../../text/text.ts';
import { QueryState } from '../ui/query-state.tsx';
import { FolderPath } from './folder-path.tsx';
import { FolderTable } from './folder-table.tsx';
import { NewFolder } from './new-folder.tsx';
import { TransferList } from './transfer-list.tsx';
import { folderKey, type UsedTransfers } from './use-transfers.ts';
import '../../styles/files.css';

export function FilesBrowser(props: {
  readonly session: ObjectName;
  readonly policy: EffectivePolicyView | undefined;
  readonly used: UsedTransfers;
}) {
  const { session, policy, used } = props;
  const { files } = text;
  const [path, setPath] = useState('');
  const [dragging, setDragging] = useState(false);
  const [refused, setRefused] = useState<readonly string[]>([]);
  const up = filesOff(policy, 'up');
  const down = filesOff(policy, 'down');
  const { api } = useGateway();
  const query = useQuery({
    queryKey: folderKey(session, path),
    queryFn: ({ signal }) => api.listFiles(session, path, signal),
    enabled: up === null || down === null,
    retry: false,
    staleTime: 5_000,
  });

  const send = (chosen: readonly File[]): void => {
    const judged = chosen.map((file) => ({ file, reason: wouldRefuse(policy, file) }));
    setRefused(judged.flatMap(({ file, reason }) => (reason === null ? [] : [`${files.notSent(file.name)}: ${reason}`])));
    for (const { file, reason } of judged) if (reason === null) used.transfers.upload(file, path);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setDragging(false);
    send([...event.dataTransfer.files]);
  };
  return (
    <section
      className="ss-files"
      aria-label={files.browse}
      data-dragging={dragging}
      // Also where nothing may be dropped: else the browser would leave the page for the file.
      onDragOver={(event) => {
        event.preventDefault();
        setDragging(up === null);
      }}
      onDragLeave={() => setDragging(false)}
      onDrop={drop}
    >
      <Rules reasons={[up, down]} limits={fileLimits(policy)} />
      <div className="ss-files-tools">
        <FolderPath path={path} onPath={setPath} />
        <div className="ss-files-actions">
          <FileButton multiple onChange={send}>
            {(button) => (
              <Button {...button} size="xs" leftSection={<IconUpload size={14} />} disabled={up !== null}>
                {files.upload}
              </Button>
            )}
          </FileButton>
          <NewFolder session={session} folder={path} disabled={up !== null} onMade={() => void query.refetch()} />
          <Button
            size="xs"
            variant="default"
            leftSection={<IconDownload size={14} />}
            disabled={down !== null}
            onClick={() =>
              used.transfers.download({ name: path.split('/').at(-1) || session.name, kind: 'Folder', bytes: 0 }, path)
            }
          >
            {files.downloadFolder}
          </Button>
          <Button size="xs" variant="subtle" leftSection={<IconRefresh size={14} />} onClick={() => void query.refetch()}>
            {files.reload}
          </Button>
        </div>
      </div>
      {refused.length === 0 ? null : (
        <div role="alert">
          <ul className="ss-plain-list">
            {refused.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </div>
      )}
      <TransferList transfers={used.transfers} list={used.list} />
      {up !== null && down !== null ? null : (
        <QueryState query={query} failed={files.failed} forbidden={files.forbidden} rows={4} height={32}>
          {(folder) => (
            <FolderTable
              folder={folder}
              downloadOff={down}
              onOpen={setPath}
              onDownload={(entry, at) => used.transfers.download(entry, at)}
            />
          )}
        </QueryState>
      )}
      {dragging ? (
        <p className="ss-files-drop" aria-hidden="true">
          <IconFolder size={18} /> {files.drop}
        </p>
      ) : null}
    </section>
  );
}

function Rules({ reasons, limits }: { readonly reasons: readonly (string | null)[]; readonly limits: readonly string[] }) {
  const off = [...new Set(reasons.filter((reason) => reason !== null))];
  if (off.length === 0 && limits.length === 0) return null;
  return (
    <ul className="ss-files-rules">
      {off.map((reason) => (
        <li key={reason}>
          <IconLock size={14} aria-hidden="true" className="ss-inline-icon" /> {reason}
        </li>
      ))}
      {limits.map((limit) => (
        <li key={limit} className="ss-note">
          {limit}
        </li>
      ))}
    </ul>
  );
}
