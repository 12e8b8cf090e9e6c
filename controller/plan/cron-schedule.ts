// A cron schedule of five fields on a clock without time zones. Pure, and quick enough to be asked at every sync; the package
// `cron` looks second by second and reads the clock, so it is the judge in the tests only.
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** The 29th of February on a given weekday comes every 28 years, or 40 where a century has none. */
const MAX_DAYS = 366 * 41;

interface Field {
  readonly values: ReadonlySet<number>;
  /** It is no `*`: a day of month and a day of week that are both given are alternatives. */
  readonly given: boolean;
}

export class CronSchedule {
  readonly #minutes: readonly number[];
  readonly #hours: readonly number[];
  readonly #days: Field;
  readonly #months: Field;
  readonly #weekdays: Field;

  /** @throws RangeError for a text that is no schedule */
  constructor(text: string) {
    const fields = text.trim().split(/\s+/);
    if (fields.length !== 5) throw new RangeError(`it has ${fields.length} fields instead of 5`);
    const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
    this.#minutes = ascending(parseField(minute, 'minute', 0, 59));
    this.#hours = ascending(parseField(hour, 'hour', 0, 23));
    this.#days = parseField(day, 'day of month', 1, 31);
    this.#months = parseField(month, 'month', 1, 12, MONTHS);
    const weekdays = parseField(weekday, 'day of week', 0, 7, WEEKDAYS);
    this.#weekdays = { ...weekdays, values: new Set([...weekdays.values].map((value) => value % 7)) };
  }

  /** The first time after `time` (milliseconds of a clock that is read as UTC); Infinity when none comes. */
  after(time: number): number {
    const first = Math.floor(time / DAY_MS) * DAY_MS;
    for (let day = first; day <= first + MAX_DAYS * DAY_MS; day += DAY_MS) {
      if (!this.#isDay(new Date(day))) continue;
      for (const hour of this.#hours)
        for (const minute of this.#minutes) {
          const found = day + (hour * 60 + minute) * MINUTE_MS;
          if (found > time) return found;
        }
    }
    return Number.POSITIVE_INFINITY;
  }

  #isDay(date: Date): boolean {
    if (!this.#months.values.has(date.getUTCMonth() + 1)) return false;
    const day = this.#days.values.has(date.getUTCDate());
    const weekday = this.#weekdays.values.has(date.getUTCDay());
    return this.#days.given && this.#weekdays.given ? day || weekday : day && weekday;
  }
}

function parseField(text: string, what: string, least: number, most: number, names: readonly string[] = []): Field {
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const match = /^(?:(\*)|([0-9A-Za-z]+)(?:-([0-9A-Za-z]+))?)(?:\/([0-9]+))?$/.exec(item);
    if (match === null) throw new RangeError(`"${item}" is no ${what}`);
    const [, all, from = '', to, step] = match;
    const first = all === undefined ? numberOf(from, what, least, most, names) : least;
    const open = all !== undefined || step !== undefined; // `5/10` begins at 5 and has no end of its own
    const last = to === undefined ? (open ? most : first) : numberOf(to, what, least, most, names);
    const by = step === undefined ? 1 : Number(step);
    if (by === 0 || last < first) throw new RangeError(`"${item}" is no ${what}`);
    for (let value = first; value <= last; value += by) values.add(value);
  }
  return { values, given: values.size < most - least + 1 };
}

function numberOf(text: string, what: string, least: number, most: number, names: readonly string[]): number {
  const named = names.indexOf(text.toUpperCase());
  const value = named === -1 ? Number(text) : named + least;
  if (!Number.isInteger(value) || value < least || value > most)
    throw new RangeError(`"${text}" is no ${what} from ${least} to ${most}`);
  return value;
}

function ascending({ values }: Field): readonly number[] {
  return [...values].toSorted((a, b) => a - b);
}
