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
