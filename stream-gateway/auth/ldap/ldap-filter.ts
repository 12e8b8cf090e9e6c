// Search filters (RFC 4515) from what an admin wrote and what somebody typed. Pure.

/** RFC 4515, 3: what has a meaning in a filter. Everything else may stand there as it is, in UTF-8. */
export function escapeFilterValue(value: string): string {
  return value.replace(/[\\*()\0]/g, (character) => `\\${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** @param values by placeholder; what a value looks like is never read as a placeholder again */
export function filledFilter(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return value === undefined ? placeholder : escapeFilterValue(value);
  });
}

/** The same filter for whoever it may fit: `{username}` becomes presence (`*`). */
export function filterOfAnybody(template: string): string {
  return template.replaceAll('{username}', '*');
}
