// Times in words. The clock is an argument.

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'long' });
const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** A second after an hour was granted it still ends in an hour, and not in 59 minutes. */
const NEARLY_WHOLE = 1 / 20;

/** `just now`, `5 minutes ago`, `in 3 days`. */
export function relativeTime(at: number, now: number): string {
  const exact = (at - now) / 1000;
  for (const [unit, size] of UNITS) {
    const seconds = exact > 0 ? exact + size * NEARLY_WHOLE : exact;
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return Math.abs(exact) < 5 ? 'just now' : relative.format(Math.trunc(exact), 'second');
}

/** In the reader's own zone, to the second. */
export function exactTime(at: number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' }).format(at);
}

/** `Fri, Dec 4, 17:00`, in the reader's own zone. */
export function dayAndTime(at: number): string {
  const parts = { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const;
  return new Intl.DateTimeFormat(undefined, parts).format(at);
}

/** `0.4 s`, `12 s`, `2 min 5 s`. */
export function elapsedText(ms: number): string {
  if (ms < 10_000) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
