// Favourites, recent templates and the chosen team: kept on this device until the gateway keeps them for the person.

export interface Personal {
  readonly favourites: readonly string[];
  /** Newest first. */
  readonly recents: readonly string[];
  readonly team: string | null;
}

export type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>;

const MAX_RECENTS = 8;
const EMPTY: Personal = { favourites: [], recents: [], team: null };

export function toggleFavourite(personal: Personal, template: string): Personal {
  const { favourites } = personal;
  return {
    ...personal,
    favourites: favourites.includes(template) ? favourites.filter((other) => other !== template) : [...favourites, template],
  };
}

export function addRecent(personal: Personal, template: string): Personal {
  return { ...personal, recents: [template, ...personal.recents.filter((other) => other !== template)].slice(0, MAX_RECENTS) };
}

/** What cannot be read counts as nothing: it is a convenience, never a reason to fail. */
export function readPersonal(storage: Storage, person: string): Personal {
  try {
    const value: unknown = JSON.parse(storage.getItem(keyOf(person)) ?? 'null');
    if (typeof value !== 'object' || value === null) return EMPTY;
    return {
      favourites: 'favourites' in value ? strings(value.favourites) : [],
      recents: 'recents' in value ? strings(value.recents) : [],
      team: 'team' in value && typeof value.team === 'string' ? value.team : null,
    };
  } catch {
    return EMPTY;
  }
}

export function writePersonal(storage: Storage, person: string, personal: Personal): void {
  try {
    storage.setItem(keyOf(person), JSON.stringify(personal));
  } catch {
    // Full or forbidden: the page works without.
  }
}

const keyOf = (person: string): string => `streamspace.personal.${person}`;
const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
