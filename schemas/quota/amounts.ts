// Amounts of everything that quotas count, and the sums of them. Pure.
import { type AmountTexts, LIMIT_NAMES, type LimitName, type QuotaLimits } from '../kinds/quota.ts';
import { type Milli, parseQuantity, quantityText } from './quantity.ts';

export type Amounts = Readonly<Record<LimitName, Milli>>;
/** A limit that is not there does not limit. */
export type Limits = Readonly<Partial<Record<LimitName, Milli>>>;

export const NOTHING: Amounts = { sessionsRunning: 0n, sessionsTotal: 0n, cpu: 0n, memory: 0n, storage: 0n };

const UNIT: Readonly<Record<LimitName, 'plain' | 'bytes'>> = {
  sessionsRunning: 'plain',
  sessionsTotal: 'plain',
  cpu: 'plain',
  memory: 'bytes',
  storage: 'bytes',
};

export function plus(left: Amounts, right: Amounts): Amounts {
  return {
    sessionsRunning: left.sessionsRunning + right.sessionsRunning,
    sessionsTotal: left.sessionsTotal + right.sessionsTotal,
    cpu: left.cpu + right.cpu,
    memory: left.memory + right.memory,
    storage: left.storage + right.storage,
  };
}

/** By the object: the limits of a quota are asked for with every session that counts in it. */
const PARSED = new WeakMap<QuotaLimits, Limits>();

/** @throws RangeError for a quantity that the schema does not admit */
export function limitsOf(limits: QuotaLimits): Limits {
  const known = PARSED.get(limits);
  if (known !== undefined) return known;
  const parsed: Partial<Record<LimitName, Milli>> = {};
  for (const name of LIMIT_NAMES) {
    const limit = limits[name];
    if (limit !== undefined) parsed[name] = parseQuantity(String(limit));
  }
  PARSED.set(limits, parsed);
  return parsed;
}

export function amountText(name: LimitName, value: Milli): string {
  return quantityText(value, UNIT[name]);
}

/** Those that `value` has, as text. */
export function textsOf(amounts: Limits): AmountTexts {
  const texts: AmountTexts = {};
  for (const name of LIMIT_NAMES) {
    const value = amounts[name];
    if (value !== undefined) texts[name] = amountText(name, value);
  }
  return texts;
}

/** What is left of each limit, never below 0. */
export function leftOf(hard: Limits, used: Amounts): Limits {
  const left: Partial<Record<LimitName, Milli>> = {};
  for (const name of LIMIT_NAMES) {
    const limit = hard[name];
    if (limit !== undefined) left[name] = limit > used[name] ? limit - used[name] : 0n;
  }
  return left;
}

/** How full the fullest limit is, in whole percent rounded down. Of 0 nothing is 0 % and anything is 1,000,000. */
export function percentOf(hard: Limits, used: Amounts): number {
  let most = 0n;
  for (const name of LIMIT_NAMES) {
    const limit = hard[name];
    if (limit === undefined) continue;
    const percent = limit > 0n ? (used[name] * 100n) / limit : used[name] > 0n ? 1_000_000n : 0n;
    if (percent > most) most = percent;
  }
  return Number(most > 1_000_000n ? 1_000_000n : most);
}
