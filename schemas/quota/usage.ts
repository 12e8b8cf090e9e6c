// What of one quota is in use: in all, and by each subject where each is counted for itself. Pure.
import { LIMIT_NAMES, type Quota } from '../kinds/quota.ts';
import { SYSTEM_NAMESPACE } from '../names.ts';
import { type Amounts, NOTHING, percentOf, plus } from './amounts.ts';
import { type Place, placeIn } from './places.ts';
import { countedOf, heldBy, type QuotaWorld } from './world.ts';

export interface PlaceUse {
  readonly place: Place;
  readonly used: Amounts;
  /** Of the limit that it is nearest to, rounded down. */
  readonly percent: number;
}

/** More is in use than the limit. */
export function isOver({ place: { hard }, used }: PlaceUse): boolean {
  return LIMIT_NAMES.some((name) => used[name] > (hard[name] ?? used[name]));
}

export interface QuotaUse {
  readonly used: Amounts;
  /** Everything is counted together: there is one place. */
  readonly single: boolean;
  /** The fullest first. */
  readonly places: readonly PlaceUse[];
}

export function usageOf(quota: Pick<Quota, 'metadata' | 'spec'>, world: QuotaWorld): QuotaUse {
  const { namespace = '' } = quota.metadata;
  const single = quota.spec.scope === 'Platform' || (quota.spec.scope === 'Team' && namespace !== SYSTEM_NAMESPACE);
  const places = new Map<string, { readonly place: Place; used: Amounts }>();
  let used = NOTHING;
  const count = (place: Place | undefined, amounts: Amounts): void => {
    if (place === undefined) return;
    const known = places.get(place.id) ?? { place, used: NOTHING };
    known.used = plus(known.used, amounts);
    places.set(place.id, known);
    used = plus(used, amounts);
  };
  // There also while nothing is in use.
  const nobody = { namespace, team: world.teamOf(namespace), owner: '', template: '' };
  if (single) count(placeIn(quota, nobody, world.nowMs), NOTHING);
  for (const session of world.sessions) {
    const amounts = heldBy(world, session);
    const ref = session.status?.templateRef;
    if (amounts === undefined || ref === undefined) continue;
    count(placeIn(quota, countedOf(world, session, ref), world.nowMs), amounts);
  }
  for (const { used: cpuHoursPerMonth, ...of } of world.ledger.entries) {
    const place = placeIn(quota, { ...of, team: world.teamOf(of.namespace) }, world.nowMs);
    count(place, { ...NOTHING, cpuHoursPerMonth });
  }
  const all = [...places.values()].map((each) => ({ ...each, percent: percentOf(each.place.hard, each.used) }));
  all.sort((left, right) => right.percent - left.percent || (left.place.subject < right.place.subject ? -1 : 1));
  return { used, single, places: all };
}
