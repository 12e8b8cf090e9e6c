// status.conditions as every kind has them: one a type, `Ready` first, and a transition time that moves with the status only.
import type { Condition } from '../../schemas/kinds/kind.ts';

export interface NewCondition {
  readonly type: string;
  readonly status: Condition['status'];
  /** A stable code. */
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number | undefined;
}

/** The same list (the very same array) when nothing changed, so that "twice is once" is a comparison. @param now RFC 3339 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  next: NewCondition,
  now: string,
): readonly Condition[] {
  const before = conditions?.find(({ type }) => type === next.type);
  const same =
    before !== undefined &&
    before.status === next.status &&
    before.reason === next.reason &&
    before.message === next.message &&
    before.observedGeneration === next.observedGeneration;
  if (conditions !== undefined && same) return conditions;
  const { observedGeneration, ...rest } = next;
  const condition: Condition = {
    ...rest,
    lastTransitionTime: before?.status === next.status ? before.lastTransitionTime : now,
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
  };
  const others = (conditions ?? []).filter(({ type }) => type !== next.type);
  return next.type === 'Ready' ? [condition, ...others] : [...others, condition];
}

export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}
