import { beforeEach, expect, test } from 'vitest';
import type { DesktopScreen, DisplaysNotice } from '../../../../../schemas/api/displays-notices.ts';
import {
  type Arrangement,
  addDisplay,
  boundsOf,
  removeDisplay,
  resizeDisplay,
  soleDisplay,
} from '../../model/desktop/displays.ts';
import { ScreenWishes } from './screen-wishes.ts';

const SIZE = { width: 1000, height: 800 };
const ONE = soleDisplay(7, SIZE);
const TWO = addDisplay(ONE, { side: 'right', size: SIZE });
const THREE = addDisplay(TWO, { side: 'left', size: SIZE });
const FIRST: readonly DesktopScreen[] = [{ id: 7, x: 0, y: 0, ...SIZE }];

let sent: (readonly DesktopScreen[])[];
let events: string[];
let timers: { readonly act: () => void; readonly ms: number }[];
let wishes: ScreenWishes;

const notice = (screens: readonly DesktopScreen[], more: Partial<DisplaysNotice> = {}): DisplaysNotice => ({
  ...{ type: 'displays', screens, by: 'desktop', status: 'done', ...boundsOf(screens) },
  ...more,
});
/** A desktop that does, or does not do, what it was asked for last. */
function answer(status: DisplaysNotice['status'], has: readonly DesktopScreen[] = sent.at(-1) ?? []): void {
  wishes.tell(notice(has, { by: 'you', status }));
}
function pass(ms: number): void {
  const due = timers.filter((timer) => timer.ms <= ms);
  timers = timers.filter((timer) => timer.ms > ms);
  for (const { act } of due) act();
}
const want = (arrangement: Arrangement): void => {
  wishes.want(arrangement);
  pass(200);
};

beforeEach(() => {
  sent = [];
  events = [];
  timers = [];
  wishes = new ScreenWishes({
    send: (screens) => sent.push(screens),
    onWithout: (slots, why) => events.push(`without ${slots.join(' ')}: ${why}`),
    onRefused: (why) => events.push(`refused: ${why}`),
    onChange: () => undefined,
    setTimer(act, ms) {
      const timer = { act, ms };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  });
  wishes.connected();
});

test('nothing is asked of a desktop that has not said what it has, nor for one window', () => {
  want(TWO);
  expect(sent).toEqual([]);
  wishes.tell(notice(FIRST));
  expect(sent).toHaveLength(1);
});

test('a window that is drawn larger asks once, at its end', () => {
  wishes.tell(notice(FIRST));
  want(ONE);
  for (const width of [900, 950, 960]) wishes.want(resizeDisplay(TWO, 1, { width, height: 800 }));
  pass(200);
  expect(sent.map((screens) => screens[1]?.width)).toEqual([960]);
});

test('while an answer is outstanding nothing else is asked, then the latest', () => {
  wishes.tell(notice(FIRST));
  want(TWO);
  want(resizeDisplay(TWO, 1, { width: 500, height: 500 }));
  want(resizeDisplay(TWO, 1, { width: 600, height: 500 }));
  expect(sent).toHaveLength(1);
  answer('done');
  expect(sent.map((screens) => screens[1]?.width)).toEqual([1000, 600]);
  answer('done');
  expect([sent.length, wishes.waits, wishes.screenOf(1)?.width]).toEqual([2, false, 600]);
});

test('P-09-1 the one too many is refused, and the other two stay', () => {
  wishes.tell(notice(FIRST));
  want(TWO);
  answer('done');
  want(THREE);
  answer('prohibited', sent[0]);
  expect(events).toEqual(['refused: prohibited', 'without 2: prohibited']);
  expect(wishes.wanted.map(({ slot, id }) => [slot, id])).toEqual([
    [0, 7],
    [1, 1],
  ]);
  expect([wishes.active, sent.length, wishes.screenOf(1)?.x]).toEqual([true, 2, 1000]);
});

test('a size that is refused goes back to what it was', () => {
  wishes.tell(notice(FIRST));
  want(TWO);
  answer('done');
  want(resizeDisplay(TWO, 1, { width: 9000, height: 9000 }));
  answer('noRoom', sent[0]);
  expect([events, wishes.wanted[1]?.width]).toEqual([['refused: noRoom'], 1000]);
});

test('a window that closes while one too many is refused stays closed', () => {
  wishes.tell(notice(FIRST));
  want(TWO);
  answer('done');
  want(THREE);
  want(removeDisplay(THREE, 1));
  answer('prohibited', sent[0]);
  expect(sent.at(-1)).toEqual(FIRST);
  answer('done');
  expect([wishes.active, wishes.wanted.length]).toEqual([false, 1]);
});

test('a desktop that does not answer is not waited for', () => {
  wishes.tell(notice(FIRST));
  want(TWO);
  pass(5_000);
  expect([events, wishes.active]).toEqual([['refused: unanswered', 'without 1: unanswered'], false]);
});

test('a desktop that will not have fewer screens is asked once', () => {
  wishes.tell(notice(FIRST));
  want(TWO);
  answer('done');
  want(ONE);
  answer('prohibited', sent[0]);
  expect([sent.length, wishes.active, wishes.waits]).toEqual([2, false, false]);
});

test('after a lost connection the screens are asked for again, once the desktop has said what it has', () => {
  wishes.tell(notice(FIRST));
  want(TWO);
  answer('done');
  wishes.disconnected();
  expect([wishes.active, wishes.screenOf(1)]).toEqual([true, null]);
  wishes.tell(notice(FIRST));
  expect(sent).toHaveLength(1);
  wishes.connected();
  expect([sent.length, events]).toEqual([2, []]);
  answer('done');
  expect(wishes.screenOf(1)?.x).toBe(1000);
});

test('what another viewer arranges is followed: whose screen is gone is told so, and nobody fights', () => {
  wishes.tell(notice(FIRST));
  want(THREE);
  answer('done');
  wishes.tell(notice(sent[0]?.filter(({ id }) => id !== 1) ?? [], { by: 'other' }));
  expect([events, sent.length, wishes.wanted.map(({ slot }) => slot)]).toEqual([['without 1: taken'], 1, [0, 2]]);
});

test('one screen that noVNC asks for, as it has not heard of the second window yet, takes that of the second window from nobody', () => {
  wishes.tell(notice(FIRST));
  want(TWO);
  answer('done');
  answer('done', FIRST);
  expect([sent.length, events]).toEqual([2, []]);
  expect(sent[1]).toEqual(sent[0]);
  answer('done');
  expect([wishes.waits, wishes.screenOf(1)?.x, sent.length]).toEqual([false, 1000, 2]);
  // Before the answer to our own wish as well.
  want(resizeDisplay(TWO, 1, { width: 500, height: 500 }));
  answer('done', FIRST);
  answer('done', sent[2]);
  expect([sent.length, wishes.screenOf(1)?.width, events]).toEqual([3, 500, []]);
});

test('a change that the desktop tells as its own first, and then as ours, takes no screen; one that stays its own does', () => {
  wishes.tell(notice(FIRST));
  want(TWO);
  answer('done');
  // Xvnc tells each step of the one screen that noVNC asked for as its own, and only then whose wish it was.
  for (const by of ['desktop', 'desktop', 'desktop', 'you'] as const) wishes.tell(notice(FIRST, { by }));
  expect([sent.length, events]).toEqual([2, []]);
  answer('done');
  pass(1_000);
  expect([wishes.screenOf(1)?.x, events]).toEqual([1000, []]);
  wishes.tell(notice(FIRST));
  expect(events).toEqual([]);
  pass(1_000);
  expect([events, sent.length]).toEqual([['without 1: taken'], 2]);
});
