// How the picture fits the window.
import { Menu } from '@mantine/core';
import { IconAspectRatio } from '@tabler/icons-react';
import type { Scaling } from '../../stream/viewer.ts';
import { text } from '../../text/text.ts';
import { BarButton } from './bar-button.tsx';

const SCALINGS: readonly Scaling[] = ['remote', 'fit', 'actual'];

export function ScalingMenu(props: {
  readonly scaling: Scaling;
  /** Resizing the desktop is input, so it needs control. */
  readonly mayResize: boolean;
  readonly onScaling: (scaling: Scaling) => void;
  readonly onPanel: (open: boolean) => void;
}) {
  const { desktop } = text;
  return (
    <Menu position="bottom-end" withinPortal={false} returnFocus={false} onChange={props.onPanel}>
      <Menu.Target>
        <BarButton label={desktop.scaling}>
          <IconAspectRatio size={18} />
        </BarButton>
      </Menu.Target>
      <Menu.Dropdown>
        {SCALINGS.filter((scaling) => props.mayResize || scaling !== 'remote').map((scaling) => (
          <Menu.Item
            key={scaling}
            role="menuitemradio"
            aria-checked={scaling === props.scaling}
            fw={scaling === props.scaling ? 600 : 400}
            onClick={() => props.onScaling(scaling)}
          >
            {desktop.scalings[scaling]}
            <span className="ss-note ss-block">{desktop.scalingHints[scaling]}</span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
