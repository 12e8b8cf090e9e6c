// When there is room for what is short, by what the policies of the sessions that hold it do next. Pure.
import type { Holder, Shortage } from './line.ts';

/** The last session that has to stop for it. */
export type Freed = Holder & { readonly ends: NonNullable<Holder['ends']> };

/** @returns undefined where sessions that end by themselves do not make room enough */
export function freedBy(shortages: readonly Shortage[], asking: string, holders: readonly Holder[]): Freed | undefined {
  const ending = holders.filter(endsByItself).toSorted((a, b) => Date.parse(a.ends.at) - Date.parse(b.ends.at));
  let last: Freed | undefined;
  for (const shortage of shortages) {
    const freed = freedOf(
      shortage,
      ending.filter(({ key }) => key !== asking),
    );
    if (freed === undefined) return undefined;
    if (last === undefined || Date.parse(freed.ends.at) > Date.parse(last.ends.at)) last = freed;
  }
  return last;
}

function freedOf({ place, limit, used, hard, need }: Shortage, ending: readonly Freed[]): Freed | undefined {
  // No end gives back what was used.
  if (limit === 'cpuHoursPerMonth') return undefined;
  // A hibernated session keeps its home and its place.
  const kept = limit === 'storage' || limit === 'sessionsTotal';
  let missing = used + need - hard;
  for (const holder of ending) {
    if (kept && holder.ends.action !== 'Terminate') continue;
    if (!holder.places.some(({ id }) => id === place.id)) continue;
    missing -= holder.amounts[limit];
    if (missing <= 0n) return holder;
  }
  return undefined;
}

function endsByItself(holder: Holder): holder is Freed {
  return holder.ends !== undefined;
}
