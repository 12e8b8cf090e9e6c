// Until when what is asked for is wanted. Pure.

/**
 * What a field for a day and a time says, in the reader's zone, as the API takes it.
 * @returns undefined where it says nothing, null where that is over already
 */
export function untilOf(value: string, nowMs: number): string | null | undefined {
  if (value === '') return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) || at <= nowMs ? null : new Date(at).toISOString();
}

/** What a field for a day and a time says of a time; {@link untilOf} reads it back. Empty for what is no time. */
export function fieldOf(time: string): string {
  const at = Date.parse(time);
  if (Number.isNaN(at)) return '';
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
  return local.replace(/:00$/, ''); // the field leaves a whole minute without its seconds
}
