// A refusal in words: what is missing, how much of it, and what would make room. Pure.
import type { LimitName } from '../kinds/quota.ts';
import { amountText } from './amounts.ts';
import { type Freed, freedBy } from './freed.ts';
import { nextMonthMs } from './hours.ts';
import type { Holder, Shortage, Verdict } from './line.ts';
import type { Place } from './places.ts';

export const LIMIT_WORDS: Readonly<Record<LimitName, string>> = {
  sessionsRunning: 'running desktops',
  sessionsTotal: 'sessions',
  cpu: 'cpu',
  memory: 'memory',
  storage: 'storage',
  gpu: 'gpu',
  cpuHoursPerMonth: 'cpu hours a month',
};

export type Refusal = Exclude<Verdict, { readonly admitted: true }>;

/** Who asks, and when. */
export interface Asking {
  readonly key: string;
  readonly namespace: string;
  readonly nowMs: number;
}

/** More names than these say less. */
const NAMES_MAX = 3;

/**
 * `7.5 of 8 cpu of member, needs 1; there is room when one of demo-1, demo-3 stops (Quota streamspace/people)`. Sessions are named only to
 * those who may know of them: those of the same team.
 * @param asking.key `namespace/name` of the session that asks
 */
export function refusalText(refusal: Refusal, asking: Asking, holders: Iterable<Holder>): string {
  if (refusal.why === 'behind') {
    const ahead = nameOf(refusal.ahead, asking.namespace);
    const who = ahead === undefined ? 'another session' : ahead;
    return `there is room, but ${who} comes first and waits for more ${placeWords(refusal.place)} (Quota ${refusal.place.quota})`;
  }
  const told = refusal.shortages.slice(0, NAMES_MAX).map(shortageText);
  // Whatever else is missing: before the next month nothing helps.
  const first = refusal.shortages.find(({ limit }) => limit === 'cpuHoursPerMonth') ?? refusal.shortages[0];
  const freed = refusal.never ? undefined : freedBy(refusal.shortages, asking.key, [...holders]);
  if (freed !== undefined) return `${told.join('; ')}; ${freedText(freed, asking.namespace)}`;
  return `${told.join('; ')}; ${first === undefined ? '' : roomText(first, refusal, asking, holders)}`;
}

function shortageText({ place, limit, used, hard, need }: Shortage): string {
  if (limit === 'cpuHoursPerMonth')
    return `${amountText(limit, used)} of ${amountText(limit, hard)} cpu hours ${placeWords(place)} used this month (Quota ${place.quota})`;
  const amount = (value: bigint): string => amountText(limit, value);
  return `${amount(used)} of ${amount(hard)} ${LIMIT_WORDS[limit]} ${placeWords(place)} in use, needs ${amount(need)} (Quota ${place.quota})`;
}

function roomText(
  { place, limit, hard }: Shortage,
  { never }: { readonly never: boolean },
  asking: Asking,
  holders: Iterable<Holder>,
): string {
  if (never) return hard === 0n ? 'none is allowed' : 'it is more than may ever be in use';
  if (limit === 'cpuHoursPerMonth') return `the next month begins ${timeText(new Date(nextMonthMs(asking.nowMs)).toISOString())}`;
  const names: string[] = [];
  let others = 0;
  for (const { key, amounts, places } of holders) {
    if (key === asking.key || amounts[limit] === 0n || !places.some(({ id }) => id === place.id)) continue;
    const name = nameOf(key, asking.namespace);
    if (name === undefined || names.length === NAMES_MAX) others += 1;
    else names.push(name);
  }
  const ends = limit === 'sessionsTotal' || limit === 'storage' ? 'ended for good' : 'stopped';
  if (names.length === 0) return others === 0 ? 'ask for more room' : `there is room when another session is ${ends}`;
  const listed = others === 0 ? names.join(', ') : `${names.join(', ')} and ${others} more`;
  return names.length === 1 && others === 0
    ? `there is room when ${listed} is ${ends}`
    : `there is room when some of ${listed} are ${ends}`;
}

function freedText({ key, ends: { at, reason } }: Freed, namespace: string): string {
  const name = nameOf(key, namespace) ?? 'another session';
  const unless = reason === 'Idle' ? ', unless somebody uses it' : '';
  return `free at ${timeText(at)} when ${name} stops${unless}`;
}

function timeText(at: string): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC`;
}

/** Undefined where the session is of another team. */
function nameOf(key: string, namespace: string): string | undefined {
  return key.startsWith(`${namespace}/`) ? key.slice(namespace.length + 1) : undefined;
}

/** `of the platform`, `of member`. */
export function placeWords({ scope, subject, ofTeam }: Pick<Place, 'scope' | 'subject' | 'ofTeam'>): string {
  switch (scope) {
    case 'Platform':
      return 'of the platform';
    case 'Team':
      return 'of the team';
    case 'Person':
      return ofTeam ? `of ${subject} in this team` : `of ${subject}`;
    case 'Template':
      return ofTeam ? `of the template ${subject} in this team` : `of the template ${subject}`;
  }
}
