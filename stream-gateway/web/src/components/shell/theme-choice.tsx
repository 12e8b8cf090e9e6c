// Light, dark or as the system: once in the menu, once in the account.
import { type MantineColorScheme, Menu, SegmentedControl, useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';
import { text } from '../../text/text.ts';

const CHOICES = [
  { value: 'auto', icon: IconDeviceDesktop },
  { value: 'light', icon: IconSun },
  { value: 'dark', icon: IconMoon },
] as const satisfies readonly { readonly value: MantineColorScheme; readonly icon: unknown }[];

export function ThemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <>
      <Menu.Label>{text.theme.label}</Menu.Label>
      {CHOICES.map(({ value, icon: Icon }) => (
        <Menu.Item
          key={value}
          role="menuitemradio"
          aria-checked={value === colorScheme}
          leftSection={<Icon size={16} aria-hidden="true" />}
          fw={value === colorScheme ? 600 : 400}
          onClick={() => setColorScheme(value)}
        >
          {text.theme[value]}
        </Menu.Item>
      ))}
    </>
  );
}

export function ThemeChoice() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      aria-label={text.theme.label}
      value={colorScheme}
      onChange={(value) => setColorScheme(value as MantineColorScheme)}
      data={CHOICES.map(({ value }) => ({ value, label: text.theme[value] }))}
    />
  );
}
