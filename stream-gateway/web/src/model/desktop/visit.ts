// The secret of a link and the pass of a visit, in this tab alone: they outlive a reload and a sign-in, and no address has them.
import type { VisitCreated } from '../../../../../schemas/api/sharing.ts';

export const SHARE_PATH = '/share';

const LINK_KEY = 'streamspace.link';
const VISIT_KEY = 'streamspace.visit';

export type TabStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
export type KeptVisit = Pick<VisitCreated, 'pass' | 'name' | 'guest' | 'session' | 'right' | 'state'>;

/** Of the address of the page: everything behind its #. A new link forgets the visit of another. */
export function takeSecret(hash: string, storage: TabStorage): string | null {
  const given = hash.replace(/^#/, '');
  if (given !== '' && given !== storage.getItem(LINK_KEY)) {
    storage.setItem(LINK_KEY, given);
    storage.removeItem(VISIT_KEY);
  }
  return storage.getItem(LINK_KEY);
}

export function keepVisit(visit: KeptVisit | null, storage: TabStorage): void {
  if (visit === null) storage.removeItem(VISIT_KEY);
  else storage.setItem(VISIT_KEY, JSON.stringify(visit));
}

export function keptVisit(storage: TabStorage): KeptVisit | null {
  const text = storage.getItem(VISIT_KEY);
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isVisit(value) ? value : null;
  } catch {
    return null;
  }
}

function isVisit(value: unknown): value is KeptVisit {
  if (typeof value !== 'object' || value === null) return false;
  const { pass, name, guest, session, right, state } = value as Readonly<Record<string, unknown>>;
  return (
    [pass, name, state].every((text) => typeof text === 'string') &&
    typeof guest === 'boolean' &&
    (right === 'control' || right === 'view') &&
    typeof session === 'object' &&
    session !== null
  );
}
