// How far the clock of a time zone is from UTC, and when that changes. From the zones that Node brings along.

const formats = new Map<string, Intl.DateTimeFormat>();
const STEP_MS = 7 * 86_400_000;
const MAX_ZONES = 1_000;

/** Milliseconds to add to UTC. @throws RangeError for a zone that does not exist */
export function offsetAt(timeZone: string, at: number): number {
  const second = Math.floor(at / 1000) * 1000;
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(second)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return wall - second;
}

/** The first instant after `from`, up to `until`, at which another offset holds. To the second. */
export function nextOffsetChange(timeZone: string, from: number, until: number): number | undefined {
  const before = offsetAt(timeZone, from);
  for (let start = from; start < until; start += STEP_MS) {
    let high = Math.min(start + STEP_MS, until);
    if (offsetAt(timeZone, high) === before) continue;
    let low = start;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offsetAt(timeZone, middle) === before) low = middle;
      else high = middle;
    }
    return high;
  }
  return undefined;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  if (formats.size >= MAX_ZONES) formats.clear();
  formats.set(timeZone, format);
  return format;
}
