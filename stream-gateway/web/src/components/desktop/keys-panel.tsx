// Keys that the browser or the device keeps for itself.
import { Button, Popover } from '@mantine/core';
import { IconCommand } from '@tabler/icons-react';
import { useState } from 'react';
import type { Viewer } from '../../stream/viewer.ts';
import { text } from '../../text/text.ts';
import { BarButton } from './bar-button.tsx';

const HELD = ['ctrl', 'alt', 'super'] as const;
const PRESSED = ['escape', 'tab'] as const;
type Held = (typeof HELD)[number];

export function KeysPanel({ viewer, onPanel }: { readonly viewer: Viewer | null; readonly onPanel: (open: boolean) => void }) {
  const { desktop } = text;
  const [opened, setOpened] = useState(false);
  const [down, setDown] = useState<readonly Held[]>([]);
  // A new connection knows nothing of keys that were held in the last one.
  const [heldIn, setHeldIn] = useState(viewer);
  if (heldIn !== viewer) {
    setHeldIn(viewer);
    setDown([]);
  }
  const change = (open: boolean) => {
    setOpened(open);
    onPanel(open);
  };
  const toggle = (key: Held) => {
    const isDown = down.includes(key);
    viewer?.hold(key, { down: !isDown });
    setDown(isDown ? down.filter((other) => other !== key) : [...down, key]);
  };
  /** A click is for one combination: Ctrl, then Esc, then both are up again. */
  const press = (act: () => void) => {
    act();
    for (const key of down) viewer?.hold(key, { down: false });
    setDown([]);
  };
  return (
    <Popover opened={opened} onChange={change} position="bottom-end" withinPortal={false}>
      <Popover.Target>
        <BarButton label={desktop.keys} aria-expanded={opened} onClick={() => change(!opened)}>
          <IconCommand size={18} />
          {down.length > 0 ? <span className="ss-dot" /> : null}
        </BarButton>
      </Popover.Target>
      <Popover.Dropdown className="ss-bar-panel" aria-label={desktop.keys}>
        <p className="ss-note">{desktop.hold}</p>
        <div className="ss-keys">
          {HELD.map((key) => (
            <Button
              key={key}
              size="xs"
              variant={down.includes(key) ? 'filled' : 'default'}
              aria-pressed={down.includes(key)}
              disabled={viewer === null}
              onClick={() => toggle(key)}
            >
              {desktop.keyNames[key]}
            </Button>
          ))}
        </div>
        <p className="ss-note">{desktop.press}</p>
        <div className="ss-keys">
          {PRESSED.map((key) => (
            <Button
              key={key}
              size="xs"
              variant="default"
              disabled={viewer === null}
              onClick={() => press(() => viewer?.press(key))}
            >
              {desktop.keyNames[key]}
            </Button>
          ))}
          <Button size="xs" variant="default" disabled={viewer === null} onClick={() => press(() => viewer?.ctrlAltDel())}>
            {desktop.keyNames.ctrlAltDel}
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
