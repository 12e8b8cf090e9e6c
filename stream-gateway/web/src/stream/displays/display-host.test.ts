// The main window's side with further windows that are plain objects: what each shows, and what becomes of it.
import { beforeEach, expect, test } from 'vitest';
import type { DesktopScreen, DisplaysNotice } from '../../../../../schemas/api/displays-notices.ts';
import { boundsOf } from '../../model/desktop/displays.ts';
import type { Viewer } from '../viewer.ts';
import { DisplayHost } from './display-host.ts';
import { type Attachment, doorOf } from './protocol.ts';

const SESSION = { namespace: 'team-web', name: 'one' };
const MAIN = { width: 1000, height: 800 };
const OTHER = { width: 640, height: 480 };

interface TestWindow {
  closed: boolean;
  close(): void;
  focus(): void;
}

let host: DisplayHost;
let sent: Uint8Array[];
let windows: TestWindow[];
let blocked: boolean;
let at: number;
let timers: { readonly act: () => void; readonly at: number }[];
let canvas: HTMLCanvasElement;
let viewer: Viewer;

function pass(ms: number): void {
  const end = at + ms;
  for (;;) {
    const next = timers.filter((timer) => timer.at <= end).toSorted((a, b) => a.at - b.at)[0];
    if (next === undefined) break;
    timers = timers.filter((timer) => timer !== next);
    at = next.at;
    next.act();
  }
  at = end;
}
/** As the desktop answers a SetDesktopSize, from its bytes. */
function screensOf(bytes: Uint8Array): readonly DesktopScreen[] {
  const view = new DataView(bytes.buffer);
  return Array.from({ length: view.getUint8(6) }, (_, index) => {
    const from = 8 + 16 * index;
    const side = (offset: number): number => view.getUint16(from + offset);
    return { id: view.getUint32(from), x: side(4), y: side(6), width: side(8), height: side(10) };
  });
}
function tell(screens: readonly DesktopScreen[], more: Partial<DisplaysNotice> = {}): void {
  host.tell({ type: 'displays', screens, by: 'you', status: 'done', ...boundsOf(screens), ...more });
}
const asked = (): readonly DesktopScreen[] => screensOf(sent.filter(([type]) => type === 251).at(-1) ?? new Uint8Array(8));
const answer = (): void => tell(asked());

function attach(slot: number, size = OTHER): Attachment & { readonly changes: () => number } {
  let changes = 0;
  const window = windows[slot - 1] ?? { closed: false, close: () => undefined, focus: () => undefined };
  const onChange = (): void => {
    changes += 1;
  };
  return { ...host.attach(slot, { window, size, onChange, onPainted: () => undefined }), changes: () => changes };
}
function opened(side: 'left' | 'right' = 'right', size = OTHER): Attachment {
  expect(host.open(side)).toBe(true);
  const attachment = attach(windows.length, size);
  pass(1);
  answer();
  return attachment;
}

beforeEach(() => {
  [sent, windows, timers, blocked, at] = [[], [], [], false, 0];
  canvas = document.createElement('canvas');
  viewer = { canvas: () => canvas, send: (bytes: Uint8Array) => sent.push(bytes) } as Partial<Viewer> as Viewer;
  host = new DisplayHost({
    session: SESSION,
    open: () => {
      if (blocked) return null;
      const window: TestWindow = {
        closed: false,
        close: () => {
          window.closed = true;
        },
        focus: () => undefined,
      };
      windows.push(window);
      return window;
    },
    mainSize: () => MAIN,
    soleSize: () => ({ width: 900, height: 700 }),
    setTimer: (act, ms) => {
      const timer = { act, at: at + ms };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    now: () => at,
  });
  host.setLink({ viewer, clipboard: null, mayControl: true, policy: undefined });
  tell([{ id: 7, x: 0, y: 0, ...MAIN }], { by: 'desktop' });
});

test('a further window has its own screen beside that of the main one, in the size that it says', () => {
  const attachment = opened();
  expect(asked()).toEqual([
    { id: 7, x: 0, y: 0, ...MAIN },
    { id: 1, x: 1000, y: 0, ...OTHER },
  ]);
  expect(attachment.state()).toEqual({ kind: 'shown', screen: { id: 1, x: 1000, y: 0, ...OTHER } });
  expect(host.current()).toMatchObject({ active: true, main: { x: 0 }, framebuffer: { width: 1640, height: 800 } });
});

test('a window that is closed takes its screen along, and the desktop has one of its own size again', () => {
  opened();
  for (const window of windows) window.closed = true;
  pass(300);
  expect(asked()).toEqual([{ id: 7, x: 0, y: 0, width: 900, height: 700 }]);
  answer();
  expect(host.current()).toMatchObject({ active: false, main: null, arrangement: [{ slot: 0 }] });
});

test('a window that is loaded anew comes back to the same screen', () => {
  const first = opened();
  const before = sent.length;
  first.detach();
  pass(2_000);
  const again = attach(1);
  pass(1);
  expect(again.state()).toMatchObject({ kind: 'shown', screen: { id: 1 } });
  expect([first.state().kind, sent.length]).toEqual(['over', before]);
});

test('a window that went elsewhere keeps no screen for long', () => {
  opened().detach();
  pass(9_000);
  expect(host.current().arrangement).toHaveLength(2);
  pass(2_000);
  expect(asked()).toHaveLength(1);
});

test('P-09-1 a display too many is refused: its window says why, the others stay', () => {
  const second = opened();
  host.open('left');
  const third = attach(2);
  pass(1);
  tell(screensOf(sent[0] ?? new Uint8Array()), { status: 'prohibited' });
  expect(third.state()).toEqual({ kind: 'without', why: 'prohibited' });
  expect(second.state()).toMatchObject({ kind: 'shown', screen: { id: 1 } });
  expect(host.current().message).toEqual({ kind: 'refused', why: 'prohibited' });
});

test('a window that the browser does not open is told, and nothing is asked of the desktop', () => {
  blocked = true;
  expect([host.open('right'), host.current().message, sent]).toEqual([false, { kind: 'blocked' }, []]);
});

test('the pointer and keys of a window go through the main one, and of one that only looks on nothing does', () => {
  const attachment = opened();
  const keys: string[] = [];
  for (const type of ['keydown', 'keyup'])
    canvas.addEventListener(type, (event) => {
      keys.push(`${type} ${event instanceof KeyboardEvent ? event.code : ''}`);
      event.preventDefault();
    });
  attachment.point({ x: 1010, y: 20 }, 1);
  expect([...(sent.at(-1) ?? [])]).toEqual([5, 1, 3, 242, 0, 20]);
  expect(attachment.key('keydown', { code: 'KeyA', key: 'a' })).toBe(true);
  attachment.releaseKeys();
  expect(keys).toEqual(['keydown KeyA', 'keyup KeyA']);
  host.setLink({ viewer, clipboard: null, mayControl: false, policy: undefined });
  const before = sent.length;
  attachment.point({ x: 1, y: 1 }, 1);
  attachment.resize({ width: 10, height: 10 });
  pass(1_000);
  expect([attachment.key('keydown', { code: 'KeyB', key: 'b' }), sent.length]).toEqual([false, before]);
  const onlooker = attach(5);
  expect(onlooker.state()).toEqual({ kind: 'without', why: 'viewOnly' });
  host.setLink({ viewer, clipboard: null, mayControl: true, policy: undefined });
  pass(1);
  answer();
  expect(onlooker.state()).toMatchObject({ kind: 'shown' });
});

test('when the main window leaves, the others are told that it is over', () => {
  const attachment = opened();
  host[Symbol.dispose]();
  expect(attachment.state()).toEqual({ kind: 'over' });
  attachment.point({ x: 1, y: 1 }, 1);
  expect(sent.filter(([type]) => type === 5)).toEqual([]);
});

test('a main window that was loaded anew takes windows in that it has not opened', () => {
  const attachment = attach(3);
  pass(1);
  answer();
  expect(attachment.state()).toMatchObject({ kind: 'shown', screen: { x: 1000 } });
  expect(host.current().arrangement.map(({ slot }) => slot)).toEqual([0, 3]);
});

test('noVNC asks for its one screen once it is the only one: not before the desktop has said so, nor while windows may come back', () => {
  expect(host.current().isSole).toBe(true);
  host.setLink({ viewer: null, clipboard: null, mayControl: false, policy: undefined });
  expect(host.current().isSole).toBe(false);
  // The main window was loaded anew: the desktop still has the screen of another one.
  host.setLink({ viewer, clipboard: null, mayControl: true, policy: undefined });
  const screens = [MAIN, OTHER].map((size, id) => ({ id, x: 1000 * id, y: 0, ...size }));
  tell(screens, { by: 'desktop' });
  pass(2_500);
  expect(host.current().isSole).toBe(false);
  pass(1_000);
  expect(host.current().isSole).toBe(true);
  const late = attach(1);
  pass(1);
  expect([late.state(), sent.length, host.current().isSole]).toEqual([{ kind: 'shown', screen: screens[1] }, 0, false]);
});

test('windows come back where they stood, whichever is there first', () => {
  const plan = new Map([[0, { column: 1, row: 0 }]]);
  for (const column of [0, 2]) host.open('right', { plan: (slot) => new Map(plan.set(slot, { column, row: 0 })) });
  attach(2);
  attach(1);
  pass(1);
  answer();
  pass(1);
  expect(asked().map(({ x }) => x)).toEqual([640, 1640, 0]);
});

test('a door is found at a window of this session only, and never at another origin', () => {
  expect(doorOf({ closed: false, streamspaceDisplays: host }, SESSION)).toBe(host);
  expect(doorOf({ closed: true, streamspaceDisplays: host }, SESSION)).toBeNull();
  expect(doorOf({ closed: false, streamspaceDisplays: host }, { ...SESSION, name: 'two' })).toBeNull();
  const foreign = new Proxy(
    {},
    {
      get: () => {
        throw new DOMException('blocked', 'SecurityError');
      },
    },
  );
  expect([doorOf(foreign, SESSION), doorOf(null, SESSION)]).toEqual([null, null]);
});
