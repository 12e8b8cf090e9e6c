// Keysyms (X11 keysymdef.h) of the keys that the bar sends, and of any character.

export const KEYS = {
  ctrl: { keysym: 0xffe3, code: 'ControlLeft' },
  alt: { keysym: 0xffe9, code: 'AltLeft' },
  shift: { keysym: 0xffe1, code: 'ShiftLeft' },
  super: { keysym: 0xffeb, code: 'MetaLeft' },
  escape: { keysym: 0xff1b, code: 'Escape' },
  tab: { keysym: 0xff09, code: 'Tab' },
  enter: { keysym: 0xff0d, code: 'Enter' },
  backspace: { keysym: 0xff08, code: 'Backspace' },
  left: { keysym: 0xff51, code: 'ArrowLeft' },
  up: { keysym: 0xff52, code: 'ArrowUp' },
  right: { keysym: 0xff53, code: 'ArrowRight' },
  down: { keysym: 0xff54, code: 'ArrowDown' },
  home: { keysym: 0xff50, code: 'Home' },
  end: { keysym: 0xff57, code: 'End' },
  pageUp: { keysym: 0xff55, code: 'PageUp' },
  pageDown: { keysym: 0xff56, code: 'PageDown' },
  insert: { keysym: 0xff63, code: 'Insert' },
  delete: { keysym: 0xffff, code: 'Delete' },
  f1: { keysym: 0xffbe, code: 'F1' },
  f2: { keysym: 0xffbf, code: 'F2' },
  f3: { keysym: 0xffc0, code: 'F3' },
  f4: { keysym: 0xffc1, code: 'F4' },
  f5: { keysym: 0xffc2, code: 'F5' },
  f6: { keysym: 0xffc3, code: 'F6' },
  f7: { keysym: 0xffc4, code: 'F7' },
  f8: { keysym: 0xffc5, code: 'F8' },
  f9: { keysym: 0xffc6, code: 'F9' },
  f10: { keysym: 0xffc7, code: 'F10' },
  f11: { keysym: 0xffc8, code: 'F11' },
  f12: { keysym: 0xffc9, code: 'F12' },
} as const satisfies Record<string, { readonly keysym: number; readonly code: string }>;

export type KeyName = keyof typeof KEYS;

/** Latin-1 is its own keysym; everything else is its code point with the Unicode flag; a line break is Return. */
export function keysymOf(character: string): number {
  const point = character.codePointAt(0) ?? 0;
  if (point === 0x0a || point === 0x0d) return KEYS.enter.keysym;
  if (point === 0x09) return KEYS.tab.keysym;
  return (point >= 0x20 && point <= 0x7e) || (point >= 0xa0 && point <= 0xff) ? point : 0x01000000 + point;
}
