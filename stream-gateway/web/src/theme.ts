// The look in Mantine's terms: one accent, neutral greys, system fonts, a 4 px grid, small type.
import { createTheme, localStorageColorSchemeManager, type MantineColorsTuple } from '@mantine/core';

const iris: MantineColorsTuple = [
  '#f2f1fd',
  '#e2e0f9',
  '#c5c1f2',
  '#a9a3ec',
  '#8f88e4',
  '#7770d8',
  '#5753c6',
  '#4a46ad',
  '#3d3a91',
  '#2c2a6b',
];
const gray: MantineColorsTuple = [
  '#f7f7f9',
  '#eeeef2',
  '#e1e2e8',
  '#cfd0d8',
  '#b4b6c1',
  '#9092a0',
  '#666877',
  '#4b4d5a',
  '#32343f',
  '#1c1d24',
];
const dark: MantineColorsTuple = [
  '#d7d8de',
  '#b6b8c2',
  '#9496a3',
  '#6d6f7d',
  '#40424d',
  '#32343e',
  '#25272f',
  '#1b1c22',
  '#131418',
  '#0c0d10',
];

export const theme = createTheme({
  primaryColor: 'iris',
  primaryShade: { light: 6, dark: 6 },
  colors: { iris, gray, dark },
  black: '#1c1d24',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace',
  headings: { fontWeight: '600' },
  defaultRadius: 'md',
  radius: { xs: '3px', sm: '4px', md: '6px', lg: '10px', xl: '16px' },
  fontSizes: { xs: '12px', sm: '14px', md: '15px', lg: '17px', xl: '20px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  components: {
    Modal: { defaultProps: { centered: true, radius: 'lg', transitionProps: { duration: 120 } } },
    Menu: { defaultProps: { radius: 'md', shadow: 'md', transitionProps: { duration: 80 } } },
    Popover: { defaultProps: { radius: 'md', shadow: 'md', transitionProps: { duration: 80 } } },
    Tooltip: { defaultProps: { transitionProps: { duration: 80 }, openDelay: 300 } },
  },
});

/** The same key as in public/color-scheme.js, which sets the scheme before the first paint. */
export const colorSchemeManager = localStorageColorSchemeManager({ key: 'streamspace.color-scheme' });
