// CPU hours of sessions: reserved CPU times the time it was reserved, by month of UTC. All of it follows from what stands in a Session:
// the run that goes on began at `admission.at`, those that are over stand in `usage`, and both are written in one status. So a controller
// that was away counts what went on without it, and one that crashed counts nothing twice. Pure, in bigint.
import { type SessionStatus, USAGE_MONTHS_MAX } from '../kinds/sessions/session.ts';
import { parseQuantity } from './quantity.ts';

/** A millionth of a second of one CPU: a thousandth of a CPU for a thousandth of a second. */
export type CpuMicros = bigint;
export const MICROS_PER_HOUR: CpuMicros = 3_600_000_000n;

export type Usage = NonNullable<SessionStatus['usage']>;
type Held = Pick<NonNullable<SessionStatus['admission']>, 'at' | 'running' | 'cpu'>;

/** `2026-06`, in UTC. */
export function monthOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 7);
}

/** When the month after that of `ms` begins. */
export function nextMonthMs(ms: number): number {
  const at = new Date(ms);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1);
}

/** What a run has used until then, by month. Nothing where it begins later, as after a clock was set back. */
export function runUsage({ at, running, cpu }: Held, untilMs: number): ReadonlyMap<string, CpuMicros> {
  const used = new Map<string, CpuMicros>();
  const rate = running ? parseQuantity(cpu) : 0n;
  if (rate === 0n) return used;
  for (let fromMs = Date.parse(at); fromMs < untilMs; ) {
    const toMs = Math.min(nextMonthMs(fromMs), untilMs);
    used.set(monthOf(fromMs), BigInt(toMs - fromMs) * rate);
    fromMs = toMs;
  }
  return used;
}

/**
 * What stands in the status once the admission is `next`: where that ends a run, with it. A run that is followed by another ends when that
 * one begins, so no moment counts twice and none is left out.
 */
export function usageAfter(
  before: Pick<SessionStatus, 'admission' | 'usage'> | undefined,
  next: Held | undefined,
  nowMs: number,
): Usage | undefined {
  const run = before?.admission;
  if (run === undefined || !run.running) return before?.usage;
  if (next?.running === true && next.at === run.at) return before?.usage;
  return plusUsage(before?.usage, runUsage(run, next?.running === true ? Date.parse(next.at) : nowMs));
}

/** All that a session has used by then, by month. */
export function wholeUsage(status: Pick<SessionStatus, 'admission' | 'usage'> | undefined, untilMs: number): Usage {
  return usageAfter(status, undefined, untilMs) ?? [];
}

/** What a session has used in the month of `nowMs`. */
export function usedInMonth(status: Pick<SessionStatus, 'admission' | 'usage'> | undefined, nowMs: number): CpuMicros {
  // One of many that have never run.
  if (status?.usage === undefined && status?.admission === undefined) return 0n;
  const month = monthOf(nowMs);
  const over = status?.usage?.find((each) => each.month === month);
  const running = status?.admission?.running === true ? (runUsage(status.admission, nowMs).get(month) ?? 0n) : 0n;
  return running + (over === undefined ? 0n : parseCpuSeconds(over.cpuSeconds));
}

function plusUsage(usage: Usage | undefined, more: ReadonlyMap<string, CpuMicros>): Usage | undefined {
  if (more.size === 0) return usage;
  const sums = new Map((usage ?? []).map(({ month, cpuSeconds }) => [month, parseCpuSeconds(cpuSeconds)]));
  for (const [month, micros] of more) sums.set(month, (sums.get(month) ?? 0n) + micros);
  return [...sums]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .slice(-USAGE_MONTHS_MAX)
    .map(([month, micros]) => ({ month, cpuSeconds: cpuSecondsText(micros) }));
}

/** @throws RangeError for what the schema does not admit */
export function parseCpuSeconds(text: string): CpuMicros {
  const match = /^(\d+)(?:\.(\d{1,6}))?$/.exec(text);
  if (match === null) throw new RangeError(`"${text}" is not a number of CPU seconds`);
  const [, whole = '0', decimals = ''] = match;
  return BigInt(whole + decimals.padEnd(6, '0'));
}

/** As short as it is exact: `90`, `0.000001`. */
export function cpuSecondsText(micros: CpuMicros): string {
  const digits = micros.toString().padStart(7, '0');
  const decimals = digits.slice(-6).replace(/0+$/, '');
  return `${digits.slice(0, -6)}${decimals === '' ? '' : `.${decimals}`}`;
}
