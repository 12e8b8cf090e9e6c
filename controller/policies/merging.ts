// How the values that several policies give to one field become one. Pure.

/** `measure`: the less, the more restrictive. */
export interface Merging<T> {
  readonly combine: (a: T, b: T) => T;
  readonly measure: (value: T) => number;
}

export const AND: Merging<boolean> = { combine: (a, b) => a && b, measure: Number };
export const MIN: Merging<number> = { combine: Math.min, measure: (value) => value };

/** In the order of the schema and each once, however they were written. */
export function intersectionOf<T>(options: readonly T[]): Merging<T[]> {
  return {
    combine: (a, b) => options.filter((option) => a.includes(option) && b.includes(option)),
    measure: (values) => new Set(values).size,
  };
}

/** By code unit: the same on every machine. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
