// What the main window and a further one have of each other. Both are of one origin and share a process, so these are plain
// objects and functions: no copy, no message, and the canvas of the one is read by the other.
import type { ObjectName } from '../../api/client.ts';
import type { Size } from '../../model/desktop/displays.ts';
import type { EffectivePolicyView } from '../../model/sessions/session-rules.ts';
import type { Viewer } from '../viewer.ts';
import type { Area } from './painted.ts';
import type { Refusal } from './screen-wishes.ts';

/** What a further window shows. */
export type FurtherState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'shown'; readonly screen: Area }
  | { readonly kind: 'without'; readonly why: Refusal | 'taken' | 'viewOnly' }
  /** The link of the main window is down, and comes back by itself. */
  | { readonly kind: 'disconnected' }
  /** The main window is closed or has left the desktop. */
  | { readonly kind: 'over' };

/** Of the link of the main window, as far as a further one needs it. */
export interface SharedLink {
  readonly viewer: Viewer | null;
  readonly clipboard: string | null;
  readonly mayControl: boolean;
  readonly policy: EffectivePolicyView | undefined;
}

export interface FurtherWindow {
  readonly window: Pick<Window, 'closed' | 'close' | 'focus'>;
  /** In device pixels. */
  readonly size: Size;
  readonly onChange: () => void;
  /** In pixels of the desktop. */
  readonly onPainted: (area: Area) => void;
}

/** The further window's end. After `detach`, or once it is over, nothing of it does anything. */
export interface Attachment {
  state(): FurtherState;
  link(): SharedLink;
  canvas(): HTMLCanvasElement | null;
  /** A CSS `cursor`. */
  cursor(): string;
  resize(size: Size): void;
  /** @param at in pixels of the desktop */
  point(at: { readonly x: number; readonly y: number }, buttons: number): void;
  /** @returns whether the browser is to do nothing of its own with it */
  key(type: 'keydown' | 'keyup', key: KeyboardEventInit): boolean;
  /** The window has lost the focus: nothing is held down any more. */
  releaseKeys(): void;
  detach(): void;
}

export interface DisplayDoor {
  readonly session: ObjectName;
  attach(slot: number, further: FurtherWindow): Attachment;
}

declare global {
  interface Window {
    /** Of a window that shows a desktop. */
    streamspaceDisplays?: DisplayDoor;
  }
}

/** The main window's door for this session; null: it is closed, shows something else, or is not ours to look into. */
export function doorOf(opener: unknown, { namespace, name }: ObjectName): DisplayDoor | null {
  try {
    const main = opener as Window | null;
    if (main === null || main.closed) return null;
    const door = main.streamspaceDisplays;
    return door?.session.name === name && door.session.namespace === namespace ? door : null;
  } catch {
    return null; // another origin
  }
}
