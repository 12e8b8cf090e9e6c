// How values of one field of several policies become one.

/** How the values of a field become one, and what each is measured by: the less, the more restrictive. */
export interface Merging<T> {
  readonly combine: (a: T, b: T) => T;
  readonly measure: (value: T) => number;
}
