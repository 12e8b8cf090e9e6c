// The main window's side of several displays: holds the further windows, gives each its part of the picture, takes its input, and
// keeps the screens of the desktop in step with them.
import type { DisplaysNotice } from '../../../../../schemas/api/displays-notices.ts';
import type { ObjectName } from '../../api/client.ts';
import {
  type Arrangement,
  addDisplay,
  arrangeBy,
  type Cell,
  freeSlot,
  MAIN_SLOT,
  removeDisplay,
  resizeDisplay,
  type Side,
  type Size,
  soleDisplay,
} from '../../model/desktop/displays.ts';
import { createAttachment } from './attachment.ts';
import { setDesktopSize } from './desktop-screens.ts';
import { type DisplayMessage, type DisplayStatus, type HostPorts, type Opened, statusOf } from './display-status.ts';
import { type Area, watchCanvas, within } from './painted.ts';
import type { Attachment, DisplayDoor, FurtherState, FurtherWindow, SharedLink } from './protocol.ts';
import { type Refusal, ScreenWishes } from './screen-wishes.ts';

/** A reload takes a second or two; a window that went elsewhere keeps no screen for longer. */
const AWAY_MS = 10_000;
const LOOK_EVERY_MS = 250;
/** Further windows look for a main window that was loaded anew, once a second when nobody sees them. */
const RETURN_MS = 3_000;
const NO_LINK: SharedLink = { viewer: null, clipboard: null, mayControl: false, policy: undefined };

export class DisplayHost implements DisplayDoor, Disposable {
  readonly session: ObjectName;
  readonly #ports: HostPorts;
  readonly #wishes: ScreenWishes;
  readonly #opened = new Map<number, Opened>();
  readonly #listeners = new Set<() => void>();
  #plan: ReadonlyMap<number, Cell> = new Map();
  #link = NO_LINK;
  #mainMonitor: number | null = null;
  /** The desktop as it was with one display. */
  #soleSize: Size | null = null;
  #unwatch: () => void = () => undefined;
  #stopLooking: (() => void) | null = null;
  /** The desktop has several screens, and the windows that they belong to may come back. */
  #awaitsReturn: (() => void) | null = null;
  #message: DisplayMessage | null = null;
  #status: DisplayStatus;
  #over = false;

  constructor(ports: HostPorts) {
    this.#ports = ports;
    this.session = ports.session;
    this.#wishes = new ScreenWishes({
      send: (screens) => this.#link.viewer?.send(setDesktopSize(screens)),
      onWithout: (slots, why) => this.#without(slots, why),
      onRefused: (why) => this.#say({ kind: 'refused', why }),
      onChange: () => this.#changed(),
      setTimer: ports.setTimer,
    });
    this.#status = this.#statusNow();
  }

  readonly current = (): DisplayStatus => this.#status;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** From a click. The window is a display once its page is there. */
  open(
    side: Side,
    options: { readonly monitor?: number | null; readonly plan?: (slot: number) => ReadonlyMap<number, Cell> } = {},
  ): boolean {
    const { monitor = null, plan } = options;
    const slot = freeSlot([...this.#opened.keys()]);
    const window = this.#ports.open(slot, monitor);
    if (window === null) {
      this.#say({ kind: 'blocked' });
      return false;
    }
    this.#message = null;
    // Windows that were opened before may not be there yet.
    this.#plan = new Map([...this.#plan, ...(plan?.(slot) ?? [])]);
    this.#opened.set(slot, { side, monitor, window, further: null, awaySince: this.#ports.now(), without: null });
    this.#look();
    this.#changed();
    return true;
  }

  /** As somebody has moved them. */
  arrange(arrangement: Arrangement): void {
    this.#plan = new Map();
    this.#message = null;
    this.#wishes.want(arrangement, { atOnce: true });
  }

  /** Of the main window, where it is known; counts for what is added from now on. */
  setMainMonitor(monitor: number | null): void {
    this.#mainMonitor = monitor;
  }

  focus(slot: number): void {
    this.#opened.get(slot)?.window.focus();
  }

  close(slot: number): void {
    this.#opened.get(slot)?.window.close();
    this.#remove(slot);
  }

  resized(): void {
    if (this.#wishes.active && this.#link.mayControl)
      this.#wishes.want(resizeDisplay(this.#wishes.wanted, MAIN_SLOT, this.#ports.mainSize()));
  }

  readonly tell = (notice: DisplaysNotice): void => {
    if (this.#wishes.told === null && notice.screens.length > 1)
      this.#awaitsReturn ??= this.#ports.setTimer(() => {
        this.#awaitsReturn = null;
        this.#changed();
      }, RETURN_MS);
    this.#wishes.tell(notice);
  };

  setLink(link: SharedLink): void {
    const { viewer } = link;
    const isOther = viewer !== this.#link.viewer;
    const isGiven = link.mayControl && !this.#link.mayControl;
    this.#link = link;
    if (isOther) {
      this.#unwatch();
      if (viewer === null) this.#wishes.disconnected();
      else this.#wishes.connected();
      this.#unwatch = watchCanvas(viewer?.canvas() ?? null, {
        onPainted: (area) => this.#painted(area),
        onCursor: () => this.#tellFurther(),
      });
    }
    // Windows that could only look on until now.
    if (isGiven)
      for (const [slot, opened] of this.#opened)
        if (opened.without === 'viewOnly' && opened.further !== null) this.#admit(slot, opened, opened.further);
    this.#changed();
  }

  attach(slot: number, further: FurtherWindow): Attachment {
    const { now } = this.#ports;
    const known = this.#opened.get(slot);
    const opened: Opened = known ?? {
      ...{ side: 'right', monitor: null, window: further.window, further: null, awaySince: now(), without: null },
    };
    opened.window = further.window;
    opened.further = further;
    this.#opened.set(slot, opened);
    this.#look();
    this.#admit(slot, opened, further);
    const isHere = (): boolean => !this.#over && opened.further === further;
    return createAttachment({
      isHere,
      state: () => this.#stateOf(slot, isHere()),
      link: () => (isHere() ? this.#link : NO_LINK),
      resize: (size) => this.#wishes.want(resizeDisplay(this.#wishes.wanted, slot, size)),
      leave: () => {
        opened.further = null;
        opened.awaySince = now();
      },
    });
  }

  /** Leaving the desktop: the other windows say so, and close. */
  [Symbol.dispose](): void {
    if (this.#over) return;
    this.#over = true;
    this.#unwatch();
    this.#wishes.stop();
    this.#stopLooking?.();
    this.#awaitsReturn?.();
    this.#tellFurther();
    this.#opened.clear();
  }

  #statusNow(): DisplayStatus {
    return statusOf(this.#wishes, this.#opened, { message: this.#message, awaitsReturn: this.#awaitsReturn !== null });
  }

  #admit(slot: number, opened: Opened, { size }: FurtherWindow): void {
    const isDisplay = this.#wishes.wanted.some((display) => display.slot === slot);
    opened.without = this.#link.mayControl || isDisplay ? null : 'viewOnly';
    if (opened.without === null) this.#wanted(slot, opened, size);
  }

  #wanted(slot: number, { side, monitor }: Opened, size: Size): void {
    const { wanted, told } = this.#wishes;
    if (wanted.some((display) => display.slot === slot)) {
      this.#wishes.want(resizeDisplay(wanted, slot, size), { atOnce: true });
      return;
    }
    const main = soleDisplay(told?.screens[0]?.id ?? 0, this.#ports.mainSize());
    if (!this.#wishes.active && told !== null) this.#soleSize = { width: told.width, height: told.height };
    const before = wanted.length > 1 ? wanted : main.map((display) => ({ ...display, monitor: this.#mainMonitor }));
    const added = addDisplay(before, { slot, side, size, monitor });
    this.#wishes.want(this.#plan.has(slot) ? arrangeBy(added, this.#plan) : added, { atOnce: true });
  }

  #remove(slot: number): void {
    this.#opened.delete(slot);
    if (this.#opened.size === 0) {
      this.#stopLooking?.();
      this.#stopLooking = null;
    }
    const left = removeDisplay(this.#wishes.wanted, slot);
    if (left.length < this.#wishes.wanted.length) {
      const size = left.length === 1 ? (this.#ports.soleSize() ?? this.#soleSize) : null;
      this.#wishes.want(size === null ? left : resizeDisplay(left, MAIN_SLOT, size), { atOnce: true });
    }
    this.#changed();
  }

  /** Nothing tells that a window was closed, except looking at it. */
  #look(): void {
    this.#stopLooking ??= this.#ports.setTimer(() => {
      this.#stopLooking = null;
      for (const [slot, { window, further, awaySince }] of [...this.#opened])
        if (window.closed || (further === null && this.#ports.now() - awaySince > AWAY_MS)) this.#remove(slot);
      if (this.#opened.size > 0) this.#look();
    }, LOOK_EVERY_MS);
  }

  #without(slots: readonly number[], why: Refusal | 'taken'): void {
    for (const slot of slots) {
      const opened = this.#opened.get(slot);
      if (opened !== undefined) opened.without = why;
    }
    if (why === 'taken') this.#say({ kind: 'taken' });
  }

  #stateOf(slot: number, isHere: boolean): FurtherState {
    if (!isHere) return { kind: 'over' };
    const without = this.#opened.get(slot)?.without ?? null;
    if (without !== null) return { kind: 'without', why: without };
    if (this.#link.viewer === null) return { kind: 'disconnected' };
    const screen = this.#wishes.screenOf(slot);
    return screen === null ? { kind: 'waiting' } : { kind: 'shown', screen };
  }

  #painted(area: Area): void {
    for (const [slot, { further }] of this.#opened) {
      const screen = further === null ? null : this.#wishes.screenOf(slot);
      if (screen !== null && within(area, screen) !== null) further?.onPainted(area);
    }
  }

  #say(message: DisplayMessage): void {
    this.#message = message;
    this.#changed();
  }

  #changed(): void {
    this.#status = this.#statusNow();
    for (const listener of this.#listeners) listener();
    this.#tellFurther();
  }

  #tellFurther(): void {
    for (const { further } of [...this.#opened.values()]) further?.onChange();
  }
}
