// What the merges of every kind of policy share: an order that does not depend on who wrote first, and ways to combine values.
import type { KubeObject } from '../../schemas/kinds/kind.ts';
import type { PolicyTargets } from '../../schemas/kinds/policies/policy.ts';

/** A policy of any kind. */
export type TargetedPolicy = KubeObject<{ readonly targets?: PolicyTargets }, unknown>;

/** How the values of a field become one, and what each is measured by: the less, the more restrictive. */
export interface Merging<T> {
  readonly combine: (a: T, b: T) => T;
  readonly measure: (value: T) => number;
}

export const AND: Merging<boolean> = { combine: (a, b) => a && b, measure: Number };
export const OR: Merging<boolean> = { combine: (a, b) => a || b, measure: (value) => -Number(value) };
export const MIN: Merging<number> = { combine: Math.min, measure: (value) => value };
export const MAX: Merging<number> = { combine: Math.max, measure: (value) => -value };

/** In the order of the schema and each once, however they were written. */
export function intersectionOf<T>(options: readonly T[]): Merging<T[]> {
  return {
    combine: (a, b) => options.filter((option) => a.includes(option) && b.includes(option)),
    measure: (values) => new Set(values).size,
  };
}

/** `namespace/name` */
export function fullName({ metadata: { namespace = '', name } }: TargetedPolicy): string {
  return `${namespace}/${name}`;
}

export function sortedPolicies<P extends TargetedPolicy>(policies: readonly P[]): readonly P[] {
  return policies.toSorted((a, b) => compare(fullName(a), fullName(b)));
}

/** By code unit: the same on every machine. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
