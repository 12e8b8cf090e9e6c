// Several displays: which there are and where, one more, those of the device, and what the policy allows.
import { Button, CloseButton, Popover } from '@mantine/core';
import { IconDevices2, IconExternalLink } from '@tabler/icons-react';
import { useState } from 'react';
import { MAX_DISPLAYS } from '../../../../../schemas/api/displays-notices.ts';
import { SIDES } from '../../model/desktop/displays.ts';
import type { EffectivePolicyView } from '../../model/sessions/session-rules.ts';
import type { DisplayMessage } from '../../stream/displays/display-status.ts';
import { text } from '../../text/text.ts';
import { BarButton } from '../desktop/bar-button.tsx';
import { ArrangementMap } from './arrangement-map.tsx';
import { MonitorList } from './monitor-list.tsx';
import type { Displays } from './use-displays.ts';
import '../../styles/displays.css';

type Limits = EffectivePolicyView['displays'];

export function DisplaysPanel(props: {
  readonly displays: Displays;
  readonly policy: EffectivePolicyView | undefined;
  readonly mayControl: boolean;
  readonly onPanel: (open: boolean) => void;
}) {
  const { displays, mayControl, onPanel } = props;
  const words = text.displays;
  const [opened, setOpened] = useState(false);
  const change = (open: boolean) => {
    setOpened(open);
    onPanel(open);
  };
  const { able } = displays.status;
  return (
    // A phone has one screen, and its browser opens no windows beside each other.
    <span className="ss-displays-button">
      <Popover opened={opened} onChange={change} position="bottom-end" withinPortal={false} trapFocus>
        <Popover.Target>
          <BarButton label={words.title} aria-expanded={opened} onClick={() => change(!opened)}>
            <IconDevices2 size={18} />
            {displays.status.message === null ? null : <span className="ss-dot" />}
          </BarButton>
        </Popover.Target>
        <Popover.Dropdown className="ss-bar-panel ss-displays" aria-label={words.title}>
          {!mayControl ? <p>{words.viewOnly}</p> : able ? <Arranging {...props} /> : <p>{words.unable}</p>}
        </Popover.Dropdown>
      </Popover>
    </span>
  );
}

function Arranging({ displays, policy }: { readonly displays: Displays; readonly policy: EffectivePolicyView | undefined }) {
  const { host, status, kept } = displays;
  const words = text.displays;
  const limits = policy?.displays;
  const { arrangement, active, message, opening, waits } = status;
  const full = arrangement.length + opening >= MAX_DISPLAYS;
  return (
    <>
      {active ? (
        <>
          <ArrangementMap arrangement={arrangement} onArrange={(next) => host.arrange(next)} />
          <p className="ss-note">{words.arrange}</p>
          <FurtherList displays={displays} />
        </>
      ) : (
        <p className="ss-note">{words.intro}</p>
      )}
      {kept === null ? null : (
        <div className="ss-displays-row">
          <span>{words.again(kept.length)}</span>
          <Button size="xs" onClick={displays.openKept}>
            {words.openAgain}
          </Button>
        </div>
      )}
      <fieldset className="ss-displays-add" disabled={full}>
        <legend>{words.add}</legend>
        {SIDES.map((side) => (
          <Button key={side} size="xs" variant="default" aria-label={words.addAt[side]} onClick={() => host.open(side)}>
            {words.sides[side]}
          </Button>
        ))}
      </fieldset>
      <MonitorList displays={displays} />
      <Allowed limits={limits} used={Math.max(1, arrangement.length)} />
      <p className="ss-note" role="status">
        {opening > 0 ? words.opening : waits && active ? words.waits : ''}
      </p>
      {message === null ? null : (
        <p className="ss-displays-message" role="alert">
          {messageText(message, limits)}
        </p>
      )}
    </>
  );
}

function FurtherList({ displays: { host, status } }: { readonly displays: Displays }) {
  const words = text.displays;
  return (
    <ul className="ss-displays-list">
      {status.arrangement.slice(1).map(({ slot, width, height }) => (
        <li key={slot}>
          <span>{words.display(slot + 1)}</span>
          <span className="ss-note">{words.size(width, height)}</span>
          <Button
            size="compact-xs"
            variant="default"
            aria-label={words.show(slot + 1)}
            title={words.show(slot + 1)}
            onClick={() => host.focus(slot)}
          >
            <IconExternalLink size={14} aria-hidden="true" />
          </Button>
          <CloseButton size="sm" aria-label={words.close(slot + 1)} onClick={() => host.close(slot)} />
        </li>
      ))}
    </ul>
  );
}

/** Told before one tries. */
function Allowed({ limits, used }: { readonly limits: Limits; readonly used: number }) {
  const words = text.displays;
  if (limits === undefined) return null;
  return (
    <p className="ss-note">
      {limits.max === undefined ? null : words.limit(used, limits.max)}{' '}
      {limits.maxPixels === undefined ? null : words.pixels(limits.maxPixels.toLocaleString('en'))}
    </p>
  );
}

function messageText(message: DisplayMessage, limits: Limits): string {
  const words = text.displays;
  switch (message.kind) {
    case 'blocked':
      return words.blocked;
    case 'taken':
      return words.taken;
    case 'refused':
      return message.why === 'prohibited'
        ? words.refused.prohibited(limits?.max, limits?.maxPixels?.toLocaleString('en'))
        : words.refused[message.why];
  }
}
