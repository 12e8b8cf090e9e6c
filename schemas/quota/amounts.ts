// Amounts of everything that quotas count, and the sums of them. Pure.
import { type AmountTexts, LIMIT_NAMES, type LimitName, type QuotaLimits } from '../kinds/quota.ts';
import { MICROS_PER_HOUR } from './hours.ts';
import { type Milli, parseQuantity, quantityText } from './quantity.ts';

/** Thousandths of what is counted; of `cpuHoursPerMonth` {@link CpuMicros}, so that the sum of many short runs is exact. */
export type Amounts = Readonly<Record<LimitName, Milli>>;
/** A limit that is not there does not limit. */
export type Limits = Readonly<Partial<Record<LimitName, Milli>>>;

export const NOTHING: Amounts = {
  ...{ sessionsRunning: 0n, sessionsTotal: 0n, cpu: 0n, memory: 0n, storage: 0n },
  ...{ gpu: 0n, cpuHoursPerMonth: 0n },
};

const UNIT: Readonly<Record<LimitName, 'plain' | 'bytes' | 'hours'>> = {
  sessionsRunning: 'plain',
  sessionsTotal: 'plain',
  cpu: 'plain',
  memory: 'bytes',
  storage: 'bytes',
  gpu: 'plain',
  cpuHoursPerMonth: 'hours',
};

export function plus(left: Amounts, right: Amounts): Amounts {
  return {
    sessionsRunning: left.sessionsRunning + right.sessionsRunning,
    sessionsTotal: left.sessionsTotal + right.sessionsTotal,
    cpu: left.cpu + right.cpu,
    memory: left.memory + right.memory,
    storage: left.storage + right.storage,
    gpu: left.gpu + right.gpu,
    cpuHoursPerMonth: left.cpuHoursPerMonth + right.cpuHoursPerMonth,
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
    if (limit !== undefined)
      parsed[name] = UNIT[name] === 'hours' ? BigInt(limit) * MICROS_PER_HOUR : parseQuantity(String(limit));
  }
  PARSED.set(limits, parsed);
  return parsed;
}

export function amountText(name: LimitName, value: Milli): string {
  const unit = UNIT[name];
  // Two decimals of an hour are half a minute, and what is begun is not used yet.
  if (unit === 'hours') return quantityText(((value * 100n) / MICROS_PER_HOUR) * 10n, 'plain');
  return quantityText(value, unit);
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
  let most = 0;
  for (const name of LIMIT_NAMES) most = Math.max(most, percentOfLimit(hard[name], used[name]));
  return most;
}

/** Of one limit; 0 where it does not limit. */
export function percentOfLimit(limit: Milli | undefined, used: Milli): number {
  if (limit === undefined) return 0;
  const percent = limit > 0n ? (used * 100n) / limit : used > 0n ? 1_000_000n : 0n;
  return Number(percent > 1_000_000n ? 1_000_000n : percent);
}
