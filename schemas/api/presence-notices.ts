// Who is in a session and where they point, as text frames on the stream of each of them. Parsed by hand: the page has no zod.

export interface PersonHere {
  /** Of the seat: somebody with two windows is here twice. */
  readonly id: string;
  readonly name: string;
  /** Without an account, under a name that he gave. */
  readonly guest: boolean;
  /** In the session by a right of his own, which nobody takes from him. */
  readonly owns: boolean;
  readonly right: 'control' | 'view';
  /** RFC 3339. */
  readonly since: string;
  /** Has typed or moved something within the last seconds. */
  readonly typing: boolean;
  /** Has asked for control. */
  readonly asking: boolean;
}

/** The whole each time, when something of it has changed. */
export interface PresenceNotice {
  readonly type: 'presence';
  /** The `id` of the reader. */
  readonly you: string;
  readonly people: readonly PersonHere[];
  /** Guests who wait to be let in; empty for whoever may not let them in. */
  readonly waiting: readonly { readonly id: string; readonly name: string }[];
  /** Input is frozen because no moderator is here; the session ends then unless one comes back. RFC 3339. */
  readonly moderatorAwayUntil: string | null;
}

/** In pixels of the desktop. Only those that have moved. */
export interface PointersNotice {
  readonly type: 'pointers';
  readonly at: readonly { readonly id: string; readonly x: number; readonly y: number }[];
}

type Fields = Readonly<Record<string, unknown>>;

export function parsePresence(value: object): PresenceNotice | undefined {
  const { you, people, waiting, moderatorAwayUntil } = value as Fields;
  if (typeof you !== 'string' || !Array.isArray(people) || !Array.isArray(waiting)) return undefined;
  if (!people.every(isPersonHere) || !waiting.every(isWaiting)) return undefined;
  return {
    type: 'presence',
    you,
    people,
    waiting,
    moderatorAwayUntil: typeof moderatorAwayUntil === 'string' ? moderatorAwayUntil : null,
  };
}

export function parsePointers(value: object): PointersNotice | undefined {
  const { at } = value as Fields;
  return Array.isArray(at) && at.every(isPointer) ? { type: 'pointers', at } : undefined;
}

function isPersonHere(value: unknown): value is PersonHere {
  if (typeof value !== 'object' || value === null) return false;
  const { id, name, guest, owns, right, since, typing, asking } = value as Fields;
  return (
    [id, name, since].every((text) => typeof text === 'string') &&
    [guest, owns, typing, asking].every((flag) => typeof flag === 'boolean') &&
    (right === 'control' || right === 'view')
  );
}

function isWaiting(value: unknown): value is PresenceNotice['waiting'][number] {
  if (typeof value !== 'object' || value === null) return false;
  const { id, name } = value as Fields;
  return typeof id === 'string' && typeof name === 'string';
}

function isPointer(value: unknown): value is PointersNotice['at'][number] {
  if (typeof value !== 'object' || value === null) return false;
  const { id, x, y } = value as Fields;
  return typeof id === 'string' && Number.isSafeInteger(x) && Number.isSafeInteger(y);
}
