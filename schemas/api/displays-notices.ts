// Which screens a desktop has, and what became of a wish for others, as text frames on the stream: noVNC keeps to itself what an
// ExtendedDesktopSize says (rfbproto). Parsed by hand: the page has no zod.

/** Screens of a desktop, whatever a policy says. */
export const MAX_DISPLAYS = 16;

/** In pixels of the framebuffer. */
export interface DesktopScreen {
  /** Of whoever made the screen; the desktop keeps it. */
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The whole each time: at the start, after each change, and in answer to each SetDesktopSize. */
export interface DisplaysNotice {
  readonly type: 'displays';
  /** Of the framebuffer. */
  readonly width: number;
  readonly height: number;
  /** As they are now, also after a wish that was refused. */
  readonly screens: readonly DesktopScreen[];
  /** Who asked for it: the reader of this notice, another viewer, or the desktop itself. */
  readonly by: 'you' | 'other' | 'desktop';
  /** Of what `you` asked for: done, not allowed, more than there is room for, or not an arrangement. */
  readonly status: 'done' | 'prohibited' | 'noRoom' | 'invalid';
}

const BY: readonly unknown[] = ['you', 'other', 'desktop'] satisfies DisplaysNotice['by'][];
const STATUS: readonly unknown[] = ['done', 'prohibited', 'noRoom', 'invalid'] satisfies DisplaysNotice['status'][];
const MAX_SIDE = 0xffff;

type Fields = Readonly<Record<string, unknown>>;

export function parseDisplays(value: object): DisplaysNotice | undefined {
  return isDisplays(value) ? value : undefined;
}

function isDisplays(value: object): value is DisplaysNotice {
  const { width, height, screens, by, status } = value as Fields;
  return (
    isSide(width) &&
    isSide(height) &&
    Array.isArray(screens) &&
    screens.every(isScreen) &&
    BY.includes(by) &&
    STATUS.includes(status)
  );
}

function isScreen(value: unknown): value is DesktopScreen {
  if (typeof value !== 'object' || value === null) return false;
  const { id, x, y, width, height } = value as Fields;
  return typeof id === 'number' && Number.isInteger(id) && id >= 0 && id <= 0xffff_ffff && [x, y, width, height].every(isSide);
}

function isSide(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_SIDE;
}
