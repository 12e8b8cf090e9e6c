// What screens the desktop is asked for, and what it has made of it: one wish at a time, the latest, and what was refused goes
// back to what there was while everything else stays. Knows no window and no socket.
import type { DesktopScreen, DisplaysNotice } from '../../../../../schemas/api/displays-notices.ts';
import { type Arrangement, MAIN_SLOT, removeDisplay, sameScreens, screensFor } from '../../model/desktop/displays.ts';

export type Refusal = Exclude<DisplaysNotice['status'], 'done'> | 'unanswered';

export interface WishPorts {
  readonly send: (screens: readonly DesktopScreen[]) => void;
  /** These windows have no screen: the desktop did not give it, or somebody else took it away. */
  readonly onWithout: (slots: readonly number[], why: Refusal | 'taken') => void;
  readonly onRefused: (why: Refusal) => void;
  readonly onChange: () => void;
  readonly setTimer: (act: () => void, ms: number) => () => void;
}

/** A window that is being dragged larger asks at its end, and now and then before. */
const SETTLE_MS = 150;
const ANSWER_MS = 5_000;
/** Xvnc tells a change as its own several times before it says, in the same update, whose wish it was. */
const WHOSE_MS = 250;

export class ScreenWishes {
  readonly #ports: WishPorts;
  /** As the windows are. */
  #wanted: Arrangement = [];
  /** As the desktop has agreed to last. */
  #accepted: Arrangement = [];
  #asked: Arrangement | null = null;
  #told: DisplaysNotice | null = null;
  /** A connection that has just begun: the desktop may still have other screens. */
  #fresh = true;
  #connected = false;
  #settling: (() => void) | null = null;
  #patience: (() => void) | null = null;
  /** Screens are gone, and it is not known by whose wish. */
  #wondering: (() => void) | null = null;

  constructor(ports: WishPorts) {
    this.#ports = ports;
  }

  /** With one display only it is the main window's, and noVNC resizes the desktop. */
  get active(): boolean {
    return this.#wanted.length > 1 || this.#accepted.length > 1;
  }
  get wanted(): Arrangement {
    return this.#wanted;
  }
  /** Null before the desktop has said what it has: then it cannot have several. */
  get told(): DisplaysNotice | null {
    return this.#told;
  }
  /** Whether an answer is outstanding. */
  get waits(): boolean {
    return this.#asked !== null || this.#settling !== null;
  }

  screenOf(slot: number): DesktopScreen | null {
    const display = [...this.#wanted, ...this.#accepted].find((each) => each.slot === slot);
    return this.#told?.screens.find(({ id }) => id === display?.id) ?? null;
  }

  want(arrangement: Arrangement, { atOnce = false }: { readonly atOnce?: boolean } = {}): void {
    this.#wanted = arrangement;
    if (this.#accepted.length === 0) this.#accepted = arrangement.slice(0, 1);
    this.#settling?.();
    this.#settling = this.#ports.setTimer(() => this.#ask(), atOnce ? 0 : SETTLE_MS);
    this.#ports.onChange();
  }

  tell(notice: DisplaysNotice): void {
    this.#told = notice;
    this.#wonderNoMore();
    if (notice.by === 'you' && this.#asked !== null) this.#answered(notice.status);
    // noVNC asks for its one screen, too, until it hears of several: what it did in this window is nobody's wish any more.
    else if (this.active && (this.#fresh || notice.by === 'you')) this.#ask();
    else if (this.active && notice.by === 'other') this.#othersArranged();
    else if (this.active)
      this.#wondering = this.#ports.setTimer(() => {
        this.#wondering = null;
        this.#othersArranged();
        this.#ports.onChange();
      }, WHOSE_MS);
    this.#fresh = false;
    this.#ports.onChange();
  }

  /** Whoever sends is there; what the desktop has may have been told before. */
  connected(): void {
    this.#connected = true;
    if (this.active) this.#ask();
  }

  /** What the desktop had of this connection is not known any more; the windows stay. */
  disconnected(): void {
    this.#told = null;
    this.#asked = null;
    this.#fresh = true;
    this.#connected = false;
    this.#patience?.();
    this.#wonderNoMore();
    this.#ports.onChange();
  }

  stop(): void {
    this.#settling?.();
    this.#patience?.();
    this.#wonderNoMore();
    this.#settling = null;
    this.#patience = null;
  }

  #ask(): void {
    this.#settling?.();
    this.#settling = null;
    if (!this.#connected || this.#told === null || this.#asked !== null) return;
    if (this.#wanted.length === 1 && this.#accepted.length === 1) return; // noVNC does that
    const screens = screensFor(this.#wanted);
    if (sameScreens(screens, this.#told.screens)) {
      this.#accepted = this.#wanted;
      this.#ports.onChange();
      return;
    }
    this.#asked = this.#wanted;
    this.#patience = this.#ports.setTimer(() => {
      if (this.#asked !== null) this.#answered('unanswered');
      this.#ports.onChange();
    }, ANSWER_MS);
    this.#ports.send(screens);
  }

  #answered(status: DisplaysNotice['status'] | 'unanswered'): void {
    const asked = this.#asked ?? [];
    this.#asked = null;
    this.#patience?.();
    if (status === 'done') this.#accepted = asked;
    else this.#refused(asked, status);
    if (this.#wanted !== asked) this.#ask();
  }

  #refused(asked: Arrangement, why: Refusal): void {
    const before = new Map(this.#accepted.map((display) => [display.slot, display]));
    const without = asked.filter(({ slot }) => !before.has(slot)).map(({ slot }) => slot);
    // Fewer screens are refused by nobody who means well: asking again and again would help nobody either.
    const fewer = without.length === 0 && asked.length < this.#accepted.length;
    const kept = this.#wanted.filter(({ slot }) => !without.includes(slot));
    this.#wanted = fewer ? kept : kept.map((display) => before.get(display.slot) ?? display);
    this.#accepted = fewer ? this.#wanted : this.#accepted;
    this.#ports.onRefused(why);
    if (without.length > 0) this.#ports.onWithout(without, why);
  }

  #wonderNoMore(): void {
    this.#wondering?.();
    this.#wondering = null;
  }

  /** Another viewer, or a program in the session: nobody fights about it. */
  #othersArranged(): void {
    if (this.#asked !== null) return; // the answer to that comes after it
    const screens = this.#told?.screens ?? [];
    const gone = this.#accepted.filter(({ id, slot }) => slot !== MAIN_SLOT && !screens.some((screen) => screen.id === id));
    for (const { slot } of gone) {
      this.#wanted = removeDisplay(this.#wanted, slot);
      this.#accepted = removeDisplay(this.#accepted, slot);
    }
    if (gone.length > 0)
      this.#ports.onWithout(
        gone.map(({ slot }) => slot),
        'taken',
      );
  }
}
