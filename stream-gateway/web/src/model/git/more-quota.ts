// More of a limit for a team, as an edit of a quota: of the override that counts for it, or by one of its own. Pure.
import type { FieldChange } from '../../../../../schemas/kinds/changes/change-edit.ts';
import { fieldChanges } from '../../../../../schemas/kinds/changes/field-changes.ts';
import type { LimitName } from '../../../../../schemas/kinds/quota.ts';

type Json = Readonly<Record<string, unknown>>;

export interface MoreWish {
  readonly team: string;
  readonly limit: LimitName;
  readonly amount: string | number;
  /** RFC 3339; undefined: it stays. */
  readonly until: string | undefined;
}

/** The override that counts for the team now: of several the first that has not ended. */
export function overrideOf(spec: Json, team: string, nowMs: number): Json | undefined {
  return overridesIn(spec).find((each) => countsFor(each, team, nowMs));
}

/** None: it is so already. */
export function moreQuota(spec: Json, { team, limit, amount, until }: MoreWish, nowMs: number): readonly FieldChange[] {
  const overrides = overridesIn(spec);
  const index = overrides.findIndex((each) => countsFor(each, team, nowMs));
  const counting = overrides[index];
  if (counting === undefined) {
    const override = {
      subject: { team },
      limits: { [limit]: amount },
      ...(until === undefined ? {} : { expiresAt: until }),
      reason: `${limit} ${amount}`,
    };
    return [{ op: 'Set', path: 'spec.overrides[]', value: JSON.stringify(override) }];
  }
  // One behind it would not count.
  const { unlimited, ...rest } = counting;
  const lifted = Array.isArray(unlimited) ? unlimited.filter((name) => name !== limit) : [];
  const wanted = {
    ...rest,
    ...(lifted.length === 0 ? {} : { unlimited: lifted }),
    limits: { ...(isRecord(counting['limits']) ? counting['limits'] : {}), [limit]: amount },
  };
  return fieldChanges(spec, { ...spec, overrides: overrides.with(index, wanted) }, [{ kind: 'field', name: 'spec' }]);
}

function overridesIn(spec: Json): readonly Json[] {
  const { overrides } = spec;
  return Array.isArray(overrides) ? overrides.filter(isRecord) : [];
}

function countsFor({ subject, expiresAt }: Json, team: string, nowMs: number): boolean {
  if (!isRecord(subject) || subject['team'] !== team) return false;
  return typeof expiresAt !== 'string' || Date.parse(expiresAt) > nowMs;
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
