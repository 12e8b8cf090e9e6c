// What a change of limits means beside what is in use. Pure. Nothing is stopped by a lower limit, and nothing new is admitted above it.
import { LIMIT_NAMES, type LimitName, type Quota } from '../../../schemas/kinds/quota.ts';
import { API_GROUP } from '../../../schemas/names.ts';
import { readQuantity } from '../../../schemas/quota/quantity.ts';
import { inline } from '../../changes/comment/plan-comment.ts';
import type { Change, FieldDifference } from '../../plan/plan.ts';
import { partsOf } from '../../render/manifest.ts';
import type { JsonValue } from '../../render/yaml/json.ts';

type Lowered = Extract<Change, { action: 'configure' | 'replace' }>;

const LIMIT = /^spec\.limits\.(\w+)$/;

/** `namespace/name` of Quotas whose fields change. */
export function changedQuotas(changes: readonly Change[]): ReadonlyMap<string, Lowered> {
  return new Map(
    changes.flatMap((change) => {
      const { group, kind, namespace, name } = partsOf(change.id);
      const isQuota = group === API_GROUP && kind === 'Quota' && (change.action === 'configure' || change.action === 'replace');
      return isQuota ? [[`${namespace}/${name}`, change] as const] : [];
    }),
  );
}

/** A sentence for each limit that changes where it is known what is in use. */
export function quotaEffects(changed: ReadonlyMap<string, Lowered>, live: ReadonlyMap<string, Quota>): readonly string[] {
  return [...changed].flatMap(([name, { differences }]) => {
    const quota = live.get(name);
    return quota === undefined ? [] : differences.flatMap((difference) => effectOf(name, quota, difference));
  });
}

function effectOf(name: string, { status }: Quota, { path, before, after }: FieldDifference): readonly string[] {
  const limit = LIMIT_NAMES.find((each) => each === LIMIT.exec(path)?.[1]);
  if (limit === undefined) return [];
  const [was, will] = [before, after].map((value) => (value === undefined ? 'no limit' : inline(textOf(value))));
  const said = `Quota ${inline(name)}: ${limit} goes from ${was ?? ''} to ${will ?? ''}`;
  const most = after === undefined ? undefined : readQuantity(textOf(after));
  const isAbove = (used: string | undefined): boolean => (readQuantity(used ?? '') ?? 0n) > (most ?? 0n);
  const together = status?.used?.[limit];
  if (together !== undefined)
    return [`${said}; ${inline(together)} in use${most !== undefined && isAbove(together) ? `, ${OVER}` : ''}`];
  const above =
    most === undefined
      ? 0
      : (status?.subjects ?? []).filter((subject) => isHeldTo(subject, limit, before) && isAbove(subject.used[limit])).length;
  return above === 0 ? [] : [`${said}; ${above} of those it counts would be above it, ${OVER}`];
}

const OVER = 'which stops nothing, and nothing new starts until it is below';

/** One with an override of this limit keeps that. */
function isHeldTo(
  { hard }: NonNullable<NonNullable<Quota['status']>['subjects']>[number],
  limit: LimitName,
  before: JsonValue | undefined,
): boolean {
  return readQuantity(hard[limit] ?? '') === (before === undefined ? undefined : readQuantity(textOf(before)));
}

function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
