// The two clipboards, one above the other: text in, text out. Nothing is taken from the device without a click.
import { Button, Popover, Textarea } from '@mantine/core';
import { IconClipboard, IconClipboardText } from '@tabler/icons-react';
import { useState } from 'react';
import type { Viewer } from '../../stream/viewer.ts';
import { text } from '../../text/text.ts';
import { CopyText } from '../ui/copy-button.tsx';
import { BarButton } from './bar-button.tsx';

export function ClipboardPanel(props: {
  readonly viewer: Viewer | null;
  readonly fromDesktop: string | null;
  readonly onPanel: (open: boolean) => void;
}) {
  const { viewer, fromDesktop, onPanel } = props;
  const { desktop } = text;
  const [opened, setOpened] = useState(false);
  const [seen, setSeen] = useState<string | null>(null);
  const fresh = fromDesktop !== null && fromDesktop !== seen;
  const change = (open: boolean) => {
    setOpened(open);
    onPanel(open);
    if (!open) setSeen(fromDesktop);
  };
  return (
    <Popover opened={opened} onChange={change} position="bottom-end" trapFocus withinPortal={false}>
      <Popover.Target>
        <BarButton
          label={fresh ? desktop.clipboardNew : desktop.clipboard}
          aria-expanded={opened}
          onClick={() => change(!opened)}
        >
          {fresh ? <IconClipboardText size={18} /> : <IconClipboard size={18} />}
          {fresh ? <span className="ss-dot" /> : null}
        </BarButton>
      </Popover.Target>
      <Popover.Dropdown className="ss-bar-panel" aria-label={desktop.clipboard}>
        <ToDesktop viewer={viewer} />
        <Textarea
          label={desktop.fromDesktop}
          placeholder={desktop.fromDesktopEmpty}
          value={fromDesktop ?? ''}
          readOnly
          autosize
          minRows={2}
          maxRows={6}
        />
        {fromDesktop === null ? null : <CopyText value={fromDesktop} label={desktop.copyHere} />}
      </Popover.Dropdown>
    </Popover>
  );
}

function ToDesktop({ viewer }: { readonly viewer: Viewer | null }) {
  const { desktop } = text;
  const [pasted, setPasted] = useState('');
  const [note, setNote] = useState<string>(desktop.toDesktopHint);
  const readDevice = () =>
    // Not there on plain http; a refusal is the browser's or the person's right.
    navigator.clipboard?.readText().then(setPasted, () => setNote(desktop.readDeviceFailed)) ?? setNote(desktop.readDeviceFailed);
  return (
    <form
      className="ss-form"
      onSubmit={(event) => {
        event.preventDefault();
        viewer?.paste(pasted);
        setNote(desktop.sent);
      }}
    >
      <Textarea
        data-autofocus
        label={desktop.toDesktop}
        description={note}
        value={pasted}
        autosize
        minRows={2}
        maxRows={6}
        onChange={(event) => setPasted(event.currentTarget.value)}
      />
      <div className="ss-form-actions">
        <Button size="xs" variant="default" onClick={() => void readDevice()}>
          {desktop.readDevice}
        </Button>
        <Button size="xs" type="submit" disabled={pasted === '' || viewer === null}>
          {desktop.send}
        </Button>
      </div>
    </form>
  );
}
