// What runs on the desktops.

/** Its line discipline echoes each key; nothing else runs that could be late. */
export const ECHO = ['xterm', '-geometry', '80x24+0+0', '-e', 'cat'] as const;
