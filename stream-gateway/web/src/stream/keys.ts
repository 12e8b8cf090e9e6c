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
} as const satisfies Record<string, { readonly keysym: number; readonly code: string }>;

export type KeyName = keyof typeof KEYS;

/** Latin-1 is its own keysym; everything else is its code point with the Unicode flag; a line break is Return. */
export function keysymOf(character: string): number {
  const point = character.codePointAt(0) ?? 0;
  if (point === 0x0a || point === 0x0d) return KEYS.enter.keysym;
  if (point === 0x09) return KEYS.tab.keysym;
  return (point >= 0x20 && point <= 0x7e) || (point >= 0xa0 && point <= 0xff) ? point : 0x01000000 + point;
}
