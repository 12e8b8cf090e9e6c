// What runs on the desktops.

/** Its line discipline echoes each key; nothing else runs that could be late. */
export const ECHO = ['xterm', '-geometry', '80x24+0+0', '-e', 'cat'] as const;

/** A film of 25 pictures a second in which everything moves; ffplay wants a home that it may write to. */
export const VIDEO = [
  '/bin/sh',
  '-c',
  'HOME=/tmp exec ffplay -loglevel quiet -f lavfi -i testsrc2=size=1280x720:rate=25',
] as const;
