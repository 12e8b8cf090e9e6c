// The files of the session in the bar over its desktop. Transfers go on while the panel is closed.
import { Popover } from '@mantine/core';
import { IconFiles, IconFolderOff } from '@tabler/icons-react';
import { useState } from 'react';
import type { ObjectName } from '../../api/client.ts';
import { filesOff } from '../../model/desktop/file-limits.ts';
import type { EffectivePolicyView } from '../../model/sessions/session-rules.ts';
import { text } from '../../text/text.ts';
import { FilesBrowser } from '../files/files-browser.tsx';
import { useTransfers } from '../files/use-transfers.ts';
import { BarButton } from './bar-button.tsx';

export function FilesPanel(props: {
  readonly session: ObjectName;
  readonly policy: EffectivePolicyView | undefined;
  readonly onPanel: (open: boolean) => void;
}) {
  const { session, policy, onPanel } = props;
  const [opened, setOpened] = useState(false);
  const used = useTransfers(session);
  const off = filesOff(policy, 'up') !== null && filesOff(policy, 'down') !== null;
  const change = (open: boolean) => {
    setOpened(open);
    onPanel(open);
  };
  return (
    <Popover opened={opened} onChange={change} position="bottom-end" trapFocus withinPortal={false}>
      <Popover.Target>
        <BarButton label={text.files.title} aria-expanded={opened} onClick={() => change(!opened)}>
          {off ? <IconFolderOff size={18} /> : <IconFiles size={18} />}
          {used.list.some(({ state }) => state === 'running') ? <span className="ss-dot" /> : null}
        </BarButton>
      </Popover.Target>
      <Popover.Dropdown className="ss-bar-panel ss-files-panel" aria-label={text.files.title}>
        <FilesBrowser session={session} policy={policy} used={used} />
      </Popover.Dropdown>
    </Popover>
  );
}
