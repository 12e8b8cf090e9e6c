// Files on their way: how far each is, and what can be done about it.
import '@mantine/core/styles/Progress.css';
import { ActionIcon, Button, Progress } from '@mantine/core';
import { IconDownload, IconPlayerPause, IconPlayerPlay, IconUpload, IconX } from '@tabler/icons-react';
import { explained } from '../../api/problem.ts';
import { bytesText } from '../../model/desktop/file-limits.ts';
import type { Transfer, Transfers } from '../../model/desktop/transfers.ts';
import { text } from '../../text/text.ts';

export function TransferList({ transfers, list }: { readonly transfers: Transfers; readonly list: readonly Transfer[] }) {
  if (list.length === 0) return null;
  return (
    <ul className="ss-transfers" aria-label={text.files.transfers}>
      {list.map((transfer) => (
        <Row key={transfer.id} transfer={transfer} transfers={transfers} />
      ))}
    </ul>
  );
}

function Row({ transfer, transfers }: { readonly transfer: Transfer; readonly transfers: Transfers }) {
  const { files } = text;
  const { id, name, direction, state, bytes, offset, error } = transfer;
  const Icon = direction === 'up' ? IconUpload : IconDownload;
  const part = bytes === null || bytes === 0 ? 0 : Math.min(100, Math.floor((offset / bytes) * 100));
  const finished = state === 'done' || state === 'failed';
  return (
    <li className="ss-transfer" data-state={state}>
      <Icon size={16} aria-label={files.directions[direction]} className="ss-inline-icon" />
      <div className="ss-transfer-what">
        <span className="ss-transfer-name">{name}</span>
        <span className="ss-note" role={state === 'failed' || state === 'exists' ? 'alert' : undefined}>
          {error === null || state === 'exists' ? files.states[state] : explained(error)}
          {state === 'running' || state === 'paused'
            ? ` · ${bytesText(offset)}${bytes === null ? '' : ` / ${bytesText(bytes)}`}`
            : null}
        </span>
        {finished ? null : (
          <Progress
            value={bytes === null || state === 'checking' ? 100 : part}
            animated={state === 'checking' || (bytes === null && state === 'running')}
            size="sm"
            aria-label={files.progress(name)}
          />
        )}
        {state === 'exists' ? (
          <Button size="compact-xs" variant="default" onClick={() => transfers.resume(id, { overwrite: true })}>
            {files.overwrite}
          </Button>
        ) : null}
      </div>
      {state === 'running' ? (
        <Act label={files.pause(name)} onClick={() => transfers.pause(id)} icon={<IconPlayerPause size={16} />} />
      ) : null}
      {state === 'paused' || state === 'failed' ? (
        <Act label={files.resume(name)} onClick={() => transfers.resume(id)} icon={<IconPlayerPlay size={16} />} />
      ) : null}
      <Act
        label={finished ? files.remove(name) : files.cancel(name)}
        onClick={() => transfers.remove(id)}
        icon={<IconX size={16} />}
      />
    </li>
  );
}

function Act(props: { readonly label: string; readonly onClick: () => void; readonly icon: React.ReactNode }) {
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={props.label} title={props.label} onClick={props.onClick}>
      {props.icon}
    </ActionIcon>
  );
}
