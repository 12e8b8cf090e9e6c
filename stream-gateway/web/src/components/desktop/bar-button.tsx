// A button of the bar over a desktop: an icon with its words as a tooltip.
import { ActionIcon, type ActionIconProps, Tooltip } from '@mantine/core';
import type { ComponentProps, ReactNode } from 'react';

/** Always dark, as the ground is: the desktop decides about brightness, not the theme. */
export function BarButton({
  label,
  children,
  className,
  ...rest
}: { readonly label: string; readonly children: ReactNode } & ActionIconProps &
  Omit<ComponentProps<'button'>, keyof ActionIconProps>) {
  return (
    // Not over the panel that is open below it.
    <Tooltip label={label} openDelay={400} disabled={rest['aria-expanded'] === true}>
      <ActionIcon
        {...rest}
        // A menu or panel that opens from it adds a class of its own.
        className={`ss-bar-button ${className ?? ''}`}
        variant="transparent"
        color="gray"
        size={36}
        aria-label={label}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
