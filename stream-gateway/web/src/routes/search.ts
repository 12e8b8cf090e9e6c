// What the address says: filters, search, view. Whatever somebody types there, these give something valid.

import { SIZES, type SizeClass } from '../model/catalog.ts';
import type { ChangeTab } from '../model/git/changes.ts';
import { PLAN_CHANGES, type PlanChange } from '../model/git/git-sync.ts';
import { GROUPINGS, type Grouping, HEALTH_ORDER } from '../model/git/sync-tree.ts';
import { RECORDING_STATES } from '../model/recordings/recordings.ts';

type Raw = Readonly<Record<string, unknown>>;

export interface CatalogSearch {
  readonly q?: string;
  readonly category?: string;
  readonly size?: SizeClass;
  readonly view?: 'list';
}

export function catalogSearch(raw: Raw): CatalogSearch {
  return defined({
    q: words(raw['q']),
    category: words(raw['category']),
    size: oneOf(raw['size'], SIZES),
    view: oneOf(raw['view'], ['list'] as const),
  });
}

export const SESSION_FILTERS = ['running', 'hibernated', 'failed', 'ended'] as const;
export type SessionFilter = (typeof SESSION_FILTERS)[number];

export interface SessionsSearch {
  readonly q?: string;
  readonly show?: SessionFilter;
  readonly whose?: 'mine' | 'all';
}

export function sessionsSearch(raw: Raw): SessionsSearch {
  return defined({
    q: words(raw['q']),
    show: oneOf(raw['show'], SESSION_FILTERS),
    whose: oneOf(raw['whose'], ['mine', 'all'] as const),
  });
}

export interface ChangesSearch {
  /** Left out: those that wait for me. */
  readonly show?: Exclude<ChangeTab, 'waiting'>;
}

export function changesSearch(raw: Raw): ChangesSearch {
  return defined({ show: oneOf(raw['show'], ['mine', 'all'] as const) });
}

export const PEOPLE_STATES = ['active', 'locked'] as const;

export interface PeopleSearch {
  readonly q?: string;
  readonly state?: (typeof PEOPLE_STATES)[number];
}

export function peopleSearch(raw: Raw): PeopleSearch {
  return defined({ q: words(raw['q']), state: oneOf(raw['state'], PEOPLE_STATES) });
}

export interface DesktopSearch {
  /** Look on, although one could control. */
  readonly view?: true;
}

/** `?view`, `?view=true` and `?view=1` all ask for it. */
export function desktopSearch(raw: Raw): DesktopSearch {
  return 'view' in raw && raw['view'] !== false && raw['view'] !== 0 && raw['view'] !== 'false' ? { view: true } : {};
}

export interface RecordingsSearch {
  /** `name` or `namespace/name`. */
  readonly session?: string;
  readonly person?: string;
  readonly team?: string;
  readonly template?: string;
  readonly state?: (typeof RECORDING_STATES)[number];
  /** Days, such as `2026-11-28`. */
  readonly from?: string;
  readonly to?: string;
}

export function recordingsSearch(raw: Raw): RecordingsSearch {
  return defined({
    session: words(raw['session'], 317),
    person: words(raw['person'], 128),
    team: words(raw['team']),
    template: words(raw['template'], 317),
    state: oneOf(raw['state'], RECORDING_STATES),
    from: day(raw['from']),
    to: day(raw['to']),
  });
}

/** Whether an address narrows the list: there may be more in it than filters. */
export function narrowsRecordings({ session, person, team, template, state, from, to }: RecordingsSearch): boolean {
  return [session, person, team, template, state, from, to].some((value) => value !== undefined);
}

export interface AuditSearch {
  readonly q?: string;
  /** The event that is open. */
  readonly event?: string;
  readonly follow?: true;
}

export function auditSearch(raw: Raw): AuditSearch {
  const follow = raw['follow'] === true || raw['follow'] === 1;
  return defined({ q: words(raw['q'], 1000), event: words(raw['event'], 36), follow: follow ? (true as const) : undefined });
}

export interface AccessSearch {
  /** Left out: oneself. */
  readonly user?: string;
}

export function accessSearch(raw: Raw): AccessSearch {
  return defined({ user: words(raw['user'], 128) });
}

export const SYNC_TABS = ['overview', 'objects', 'plan', 'history'] as const;
export type SyncTab = (typeof SYNC_TABS)[number];

export interface SourceSearch {
  /** Left out: the overview. */
  readonly tab?: Exclude<SyncTab, 'overview'>;
  readonly q?: string;
  readonly health?: (typeof HEALTH_ORDER)[number];
  /** Left out: by kind. */
  readonly by?: Exclude<Grouping, 'kind'>;
  /** The object that is open, as `group/kind/namespace/name`. */
  readonly object?: string;
  readonly action?: PlanChange;
  /** The sync whose changes are open. */
  readonly sync?: string;
}

export function sourceSearch(raw: Raw): SourceSearch {
  return defined({
    tab: oneOf(raw['tab'], SYNC_TABS.filter(isNot('overview'))),
    q: words(raw['q']),
    health: oneOf(raw['health'], HEALTH_ORDER),
    by: oneOf(raw['by'], GROUPINGS.filter(isNot('kind'))),
    object: words(raw['object'], 1024),
    action: oneOf(raw['action'], PLAN_CHANGES),
    sync: words(raw['sync']),
  });
}

/** What is the case anyway does not stand in an address. */
function isNot<const D extends string>(usual: D): <T extends string>(choice: T) => choice is Exclude<T, D> {
  return <T extends string>(choice: T): choice is Exclude<T, D> => (choice as string) !== usual;
}

function words(value: unknown, maxLength = 200): string | undefined {
  // The router parses `?q=42` as a number.
  const found = typeof value === 'number' ? String(value) : value;
  return typeof found === 'string' && found !== '' ? found.slice(0, maxLength) : undefined;
}

function day(value: unknown): string | undefined {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined;
}

function oneOf<T extends string>(value: unknown, choices: readonly T[]): T | undefined {
  return choices.find((choice) => choice === value);
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Defined<T>;
}
