// Durations as policies write them. Not the one of schemas/kinds: that file brings zod, which the page does without.

/** Milliseconds of `30s`, `1h30m`; Infinity for a text that is none. */
export function durationMs(text: string): number {
  const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  if (match === null || text === '') return Number.POSITIVE_INFINITY;
  const [, hours = '0', minutes = '0', seconds = '0'] = match;
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

/** `8 h`, `1 h 30 min`, `45 min`. */
export function durationText(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  return [...(hours === 0 ? [] : [`${hours} h`]), ...(minutes === 0 && hours > 0 ? [] : [`${minutes} min`])].join(' ');
}
