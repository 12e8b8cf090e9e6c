// The events of a watched list (schemas/api/api.ts) and what they do to it. Pure: no socket, no clock.
import type { watchEventTypes } from '../../../../../schemas/api/api.ts';

export interface ListedObject {
  readonly metadata: {
    readonly uid: string;
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly resourceVersion: string;
  };
}

/** What a `deleted` event says of the object. */
export interface DeletedObject {
  readonly name: string;
  readonly namespace?: string | undefined;
  /** Empty where it is not known. */
  readonly uid: string;
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
  | { readonly type: 'added' | 'changed'; readonly object: T }
  | { readonly type: 'deleted'; readonly metadata: DeletedObject }
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
      return before === undefined ? undefined : remove(before, event.metadata);
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
  const known = new Map(before.items.map(({ metadata }) => [metadata.uid, metadata.resourceVersion]));
  const touched: Record<string, number> = {};
  for (const { metadata } of items) {
    const stamp = known.get(metadata.uid) === metadata.resourceVersion ? before.touched[metadata.uid] : now;
    if (stamp !== undefined) touched[metadata.uid] = stamp;
  }
  return { items, partial, touched };
}

/** An object may change without a new version, when the person's rights do; that is no reason to flash. */
export function put<T extends ListedObject>(list: LiveList<T>, object: T, now: number): LiveList<T> {
  const { uid, resourceVersion } = object.metadata;
  const index = list.items.findIndex((item) => item.metadata.uid === uid);
  if (index < 0) return { ...list, items: [...list.items, object], touched: { ...list.touched, [uid]: now } };
  const same = list.items[index]?.metadata.resourceVersion === resourceVersion;
  return { ...list, items: list.items.with(index, object), touched: same ? list.touched : { ...list.touched, [uid]: now } };
}

/** By uid; where the gateway does not know it any more (after a restart), by name. */
export function remove<T extends ListedObject>(list: LiveList<T>, { uid, name, namespace }: DeletedObject): LiveList<T> {
  const gone = ({ metadata }: T) =>
    uid === '' ? metadata.name === name && metadata.namespace === namespace : metadata.uid === uid;
  const item = list.items.find(gone);
  if (item === undefined) return list;
  const { [item.metadata.uid]: _gone, ...touched } = list.touched;
  return { ...list, items: list.items.filter((other) => other !== item), touched };
}
