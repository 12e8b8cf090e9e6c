// What the main window's side of several displays needs, and what the page shows of it.
import type { ObjectName } from '../../api/client.ts';
import { type Arrangement, MAIN_SLOT, type Side, type Size } from '../../model/desktop/displays.ts';
import type { Area } from './painted.ts';
import type { FurtherState, FurtherWindow } from './protocol.ts';
import type { Refusal, ScreenWishes } from './screen-wishes.ts';

export interface HostPorts {
  readonly session: ObjectName;
  /** Null: the browser does not open windows now. */
  readonly open: (slot: number, monitor: number | null) => FurtherWindow['window'] | null;
  /** Of the main window, in device pixels. */
  readonly mainSize: () => Size;
  /** Of a desktop that has one screen again; null: as it was before. */
  readonly soleSize: () => Size | null;
  readonly setTimer: (act: () => void, ms: number) => () => void;
  readonly now: () => number;
}

export type DisplayMessage = { readonly kind: 'refused'; readonly why: Refusal } | { readonly kind: 'blocked' | 'taken' };

/** What the page shows of it; another object after each change. */
export interface DisplayStatus {
  readonly active: boolean;
  /** Whether noVNC, which knows of one screen only, may ask for it. */
  readonly isSole: boolean;
  readonly arrangement: Arrangement;
  /** Of the main window; null: all of the picture. */
  readonly main: Area | null;
  readonly framebuffer: Size | null;
  /** Whether the desktop can have several screens at all. */
  readonly able: boolean;
  readonly waits: boolean;
  readonly opening: number;
  readonly message: DisplayMessage | null;
}

/** A further window, from the click that opened it until it is closed. */
export interface Opened {
  readonly side: Side;
  readonly monitor: number | null;
  window: FurtherWindow['window'];
  further: FurtherWindow | null;
  /** Since when no page has been in it: a reload, or it has gone elsewhere. */
  awaySince: number;
  without: Extract<FurtherState, { kind: 'without' }>['why'] | null;
}

export function statusOf(
  wishes: ScreenWishes,
  opened: ReadonlyMap<number, Opened>,
  { message, awaitsReturn }: { readonly message: DisplayMessage | null; readonly awaitsReturn: boolean },
): DisplayStatus {
  const { active, wanted, told, waits } = wishes;
  const slots = new Set(wanted.map(({ slot }) => slot));
  return {
    ...{ active, waits, message },
    isSole: !active && told !== null && !awaitsReturn,
    arrangement: wanted,
    main: active ? wishes.screenOf(MAIN_SLOT) : null,
    framebuffer: told === null ? null : { width: told.width, height: told.height },
    able: told !== null && told.screens.length > 0,
    opening: [...opened].filter(([slot, { without }]) => without === null && !slots.has(slot)).length,
  };
}
