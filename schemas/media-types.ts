// Patterns of media types (RFC 6838), such as `image/png` and `image/*`: what one covers, and what two lists have in common.

/** A media type without parameters in lower case, or all of a top-level type. */
export const MEDIA_TYPE_PATTERN = /^[a-z]+\/(\*|[a-z0-9][a-z0-9!#$&^_.+-]{0,126})$/;

/** @param pattern as {@link MEDIA_TYPE_PATTERN} @param type a media type, or a pattern that has to be covered whole */
export function coversType(pattern: string, type: string): boolean {
  return pattern === type || (pattern.endsWith('/*') && type.startsWith(pattern.slice(0, -1)));
}

/** The patterns that cover what both lists cover: sorted, each once, none that another one covers. */
export function commonTypes(a: readonly string[], b: readonly string[]): string[] {
  const inBoth = [
    ...a.filter((type) => b.some((pattern) => coversType(pattern, type))),
    ...b.filter((type) => a.some((pattern) => coversType(pattern, type))),
  ];
  return simplestTypes(inBoth);
}

/** The same types in as few patterns as it takes, sorted by code unit. */
export function simplestTypes(types: readonly string[]): string[] {
  const each = [...new Set(types)];
  return each.filter((type) => !each.some((other) => other !== type && coversType(other, type))).toSorted();
}
