// The two clipboards, one above the other: text in, text out. Nothing is taken from the device without a click.
import { Button, Popover, Textarea } from '@mantine/core';
import { IconClipboard, IconClipboardOff, IconClipboardText } from '@tabler/icons-react';
import { useState } from 'react';
import { clipboardOff, type EffectivePolicyView } from '../../model/sessions/session-rules.ts';
import type { Viewer } from '../../stream/viewer.ts';
import { text } from '../../text/text.ts';
import { CopyText } from '../ui/copy-button.tsx';
import { BarButton } from './bar-button.tsx';

export function ClipboardPanel(props: {
  readonly viewer: Viewer | null;
  readonly fromDesktop: string | null;
  readonly policy: EffectivePolicyView | undefined;
  readonly onPanel: (open: boolean) => void;
}) {
  const { viewer, fromDesktop, policy, onPanel } = props;
  const up = clipboardOff(policy, 'up');
  const down = clipboardOff(policy, 'down');
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
          {up !== null && down !== null ? (
            <IconClipboardOff size={18} />
          ) : fresh ? (
            <IconClipboardText size={18} />
          ) : (
            <IconClipboard size={18} />
          )}
          {fresh ? <span className="ss-dot" /> : null}
        </BarButton>
      </Popover.Target>
      <Popover.Dropdown className="ss-bar-panel" aria-label={desktop.clipboard}>
        {up === null ? <ToDesktop viewer={viewer} /> : <Off title={desktop.toDesktop} reason={up} />}
        {down === null ? <FromDesktop clip={fromDesktop} /> : <Off title={desktop.fromDesktop} reason={down} />}
      </Popover.Dropdown>
    </Popover>
  );
}

/** What a policy forbids is told before one tries. */
function Off({ title, reason }: { readonly title: string; readonly reason: string }) {
  return (
    <div className="ss-clipboard-off">
      <p>
        <IconClipboardOff size={16} aria-hidden="true" className="ss-inline-icon" /> <strong>{title}</strong>
      </p>
      <p className="ss-note">{reason}</p>
    </div>
  );
}

function FromDesktop({ clip }: { readonly clip: string | null }) {
  const { desktop } = text;
  // Not there on plain http: the keyboard of the device copies what is selected.
  const mayCopy = 'clipboard' in navigator;
  return (
    <>
      <Textarea
        label={desktop.fromDesktop}
        placeholder={desktop.fromDesktopEmpty}
        description={clip !== null && !mayCopy ? desktop.copyByHand : undefined}
        value={clip ?? ''}
        onFocus={(event) => event.currentTarget.select()}
        readOnly
        autosize
        minRows={2}
        maxRows={6}
      />
      {clip === null || !mayCopy ? null : <CopyText value={clip} label={desktop.copyHere} />}
    </>
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
