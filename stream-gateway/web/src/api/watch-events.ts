// The events of a watched list (schemas/api/api.ts) and what they do to it. Pure: no socket, no clock.
import type { watchEventTypes } from '../../../../schemas/api/api.ts';

export interface ListedObject {
  readonly metadata: {
    readonly uid: string;
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly resourceVersion: string;
  };
}

/** A list as the page holds it. */
export interface LiveList<T extends ListedObject> {
  readonly items: readonly T[];
  /** More exist than were sent. */
  readonly partial: boolean;
  /** By uid: when it last came or changed after the first snapshot, for the flash. */
  readonly touched: Readonly<Record<string, number>>;
}

export type WatchEventType = (typeof watchEventTypes)[number];

export type WatchEvent<T extends ListedObject> =
  | {
      readonly type: 'snapshot';
      readonly list: { readonly items: readonly T[]; readonly metadata: { readonly continue?: string | undefined } };
    }
  | { readonly type: 'added' | 'changed' | 'deleted'; readonly object: T }
  | { readonly type: 'bookmark' | 'resync' };

/** The list after the event; the same list where nothing changed, so that nothing renders for it. */
export function applyWatchEvent<T extends ListedObject>(
  before: LiveList<T> | undefined,
  event: WatchEvent<T>,
  now: number,
): LiveList<T> | undefined {
  switch (event.type) {
    case 'snapshot':
      return applySnapshot(before, event.list.items, event.list.metadata.continue !== undefined, now);
    case 'added':
    case 'changed':
      return before === undefined ? undefined : put(before, event.object, now);
    case 'deleted':
      return before === undefined ? undefined : remove(before, event.object.metadata.uid);
    case 'bookmark':
    case 'resync':
      return before;
  }
}

/** A later snapshot (after a lost connection) flashes what is new in it, just as if the events had come. */
function applySnapshot<T extends ListedObject>(
  before: LiveList<T> | undefined,
  items: readonly T[],
  partial: boolean,
  now: number,
): LiveList<T> {
  if (before === undefined) return { items, partial, touched: {} };
  const known = new Map(before.items.map((item) => [item.metadata.uid, item]));
  const touched: Record<string, number> = {};
  const merged = items.map((item) => {
    const old = known.get(item.metadata.uid);
    if (old?.metadata.resourceVersion === item.metadata.resourceVersion) {
      const stamp = before.touched[item.metadata.uid];
      if (stamp !== undefined) touched[item.metadata.uid] = stamp;
      return old;
    }
    touched[item.metadata.uid] = now;
    return item;
  });
  return { items: merged, partial, touched };
}

export function put<T extends ListedObject>(list: LiveList<T>, object: T, now: number): LiveList<T> {
  const { uid, resourceVersion } = object.metadata;
  const index = list.items.findIndex((item) => item.metadata.uid === uid);
  const touched = { ...list.touched, [uid]: now };
  if (index < 0) return { ...list, items: [...list.items, object], touched };
  if (list.items[index]?.metadata.resourceVersion === resourceVersion) return list;
  return { ...list, items: list.items.with(index, object), touched };
}

export function remove<T extends ListedObject>(list: LiveList<T>, uid: string): LiveList<T> {
  if (!list.items.some((item) => item.metadata.uid === uid)) return list;
  const { [uid]: _gone, ...touched } = list.touched;
  return { ...list, items: list.items.filter((item) => item.metadata.uid !== uid), touched };
}
