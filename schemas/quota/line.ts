// Who is admitted: what is in use, who waits in which order, and whether there is room for one more. Pure, and the only place
// where it is decided: the controller admits by it, and the gateway refuses by it beforehand.
//
// The order is in turns.ts. Whoever does not fit waits, and in every place where he is short nobody behind him passes him; elsewhere
// they do. So a large one is not starved by small ones. One that could never fit holds nobody up.
import type { EndAction, LifetimeReason } from '../kinds/policies/lifetime-rules.ts';
import { LIMIT_NAMES, type LimitName } from '../kinds/quota.ts';
import { type Amounts, NOTHING, plus } from './amounts.ts';
import type { Place } from './places.ts';
import type { Milli } from './quantity.ts';
import { inTurn, type Waiting } from './turns.ts';

/** A session that holds something. */
export interface Holder {
  /** `namespace/name`. */
  readonly key: string;
  readonly owner: string;
  readonly amounts: Amounts;
  readonly places: readonly Place[];
  /** What its policies do next with it; undefined: nothing. */
  readonly ends?: { readonly action: EndAction; readonly at: string; readonly reason: LifetimeReason } | undefined;
}

/** A session that wants to start. */
export interface Applicant extends Waiting {
  readonly need: Amounts;
  readonly places: readonly Place[];
}

/** What is missing where. */
export interface Shortage {
  readonly place: Place;
  readonly limit: LimitName;
  readonly used: Milli;
  readonly hard: Milli;
  readonly need: Milli;
}

export type Verdict =
  | { readonly admitted: true }
  /** There is not enough room. `never`: not even if everybody else stopped. */
  | { readonly admitted: false; readonly why: 'short'; readonly shortages: readonly Shortage[]; readonly never: boolean }
  /** There is room, but somebody who comes first waits for it. */
  | { readonly admitted: false; readonly why: 'behind'; readonly place: Place; readonly ahead: string };

/** What is in use in each place, by its id. */
export type InUse = Map<string, Amounts>;

export function inUse(holders: Iterable<Holder>): InUse {
  const used: InUse = new Map();
  for (const holder of holders) take(used, holder.places, holder.amounts);
  return used;
}

function take(used: InUse, places: readonly Place[], amounts: Amounts): void {
  for (const { id } of places) used.set(id, plus(used.get(id) ?? NOTHING, amounts));
}

/**
 * @param used what is in use without the applicant's own need; it is changed
 * @param line who else waits, in any order; the applicant itself is passed over
 * @param running how many desktops each owner has
 */
export function judge(
  used: InUse,
  line: Iterable<Applicant>,
  applicant: Applicant,
  running: ReadonlyMap<string, number> = new Map(),
): Verdict {
  const all = inTurn([...[...line].filter(({ key }) => key !== applicant.key), applicant], running);
  /** The first who is short in a place, by its id. */
  const blocked = new Map<string, string>();
  for (const other of all) {
    if (other === applicant) break;
    const verdict = verdictOf(used, blocked, other);
    if (verdict.admitted) take(used, other.places, other.need);
    else if (verdict.why === 'short' && !verdict.never) block(blocked, other.key, verdict.shortages);
  }
  return verdictOf(used, blocked, applicant);
}

function block(blocked: Map<string, string>, key: string, shortages: readonly Shortage[]): void {
  for (const { place } of shortages) if (!blocked.has(place.id)) blocked.set(place.id, key);
}

function verdictOf(used: InUse, blocked: ReadonlyMap<string, string>, { need, places }: Applicant): Verdict {
  const shortages = places.flatMap((place) => shortagesIn(place, used.get(place.id) ?? NOTHING, need));
  if (shortages.length > 0)
    return { admitted: false, why: 'short', shortages, never: shortages.some(({ hard, need: wanted }) => wanted > hard) };
  for (const place of places) {
    const ahead = blocked.get(place.id);
    if (ahead !== undefined) return { admitted: false, why: 'behind', place, ahead };
  }
  return { admitted: true };
}

/** What is not needed is never short, also where a limit was lowered below what is in use. */
function shortagesIn(place: Place, used: Amounts, need: Amounts): readonly Shortage[] {
  return LIMIT_NAMES.flatMap((limit) => {
    const hard = place.hard[limit];
    if (hard === undefined || need[limit] === 0n || used[limit] + need[limit] <= hard) return [];
    return [{ place, limit, used: used[limit], hard, need: need[limit] }];
  });
}
