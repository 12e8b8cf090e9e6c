// The status of a Quota that follows from what is in use. Pure.
import { type NewCondition, setCondition } from '../../../runtime/kube/conditions.ts';
import type { Condition } from '../../../schemas/kinds/kind.ts';
import { LIMIT_NAMES, QUOTA_SUBJECTS_MAX, type Quota, type QuotaStatus } from '../../../schemas/kinds/quota.ts';
import { amountText, leftOf, textsOf } from '../../../schemas/quota/amounts.ts';
import { isOver, type PlaceUse, type QuotaUse } from '../../../schemas/quota/usage.ts';
import { LIMIT_WORDS, placeWords } from '../../../schemas/quota/words.ts';

/** More of them in a message say less. */
const TOLD_MAX = 5;

/** @param reached whether its namespace and scope let it limit anything */
export function quotaStatus(quota: Quota, use: QuotaUse, reached: boolean, now: Date): QuotaStatus {
  const { generation } = quota.metadata;
  const warnAt = [...(quota.spec.warnAt ?? [80, 95])].sort((a, b) => a - b);
  const [lowest = 101] = warnAt;
  const over = use.places.filter(isOver);
  const near = use.places.filter(({ percent }) => percent >= lowest);
  const fullest = use.places[0]?.percent ?? 0;
  const [single] = use.single ? use.places : [];
  let conditions: readonly Condition[] = quota.status?.conditions ?? [];
  for (const next of [readyOf(quota, reached), overOf(over), nearOf(near)])
    conditions = setCondition(conditions, { ...next, observedGeneration: generation }, now.toISOString());
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: [...conditions],
    used: textsOf(use.used),
    ...(single === undefined
      ? {}
      : { hard: textsOf(single.place.hard), available: textsOf(leftOf(single.place.hard, single.used)) }),
    ...(use.single ? {} : { subjects: near.slice(0, QUOTA_SUBJECTS_MAX).map(subjectOf) }),
    warned: warnAt.findLast((percent) => percent <= fullest) ?? 0,
  };
}

function subjectOf({ place, used, percent }: PlaceUse): NonNullable<QuotaStatus['subjects']>[number] {
  const { hard, subject } = place;
  return { name: subject, percent, used: textsOf(used), hard: textsOf(hard), available: textsOf(leftOf(hard, used)) };
}

function readyOf({ metadata: { namespace }, spec: { scope } }: Quota, reached: boolean): NewCondition {
  if (reached) return { type: 'Ready', status: 'True', reason: 'Accepted', message: 'it limits what it names' };
  const message = `scope ${scope} in the namespace ${namespace} limits nothing`;
  return { type: 'Ready', status: 'False', reason: 'QuotaUnreached', message };
}

function overOf(over: readonly PlaceUse[]): NewCondition {
  if (over.length === 0)
    return { type: 'OverQuota', status: 'False', reason: 'WithinLimits', message: 'nothing is above its limit' };
  return { type: 'OverQuota', status: 'True', reason: 'OverQuota', message: listed(over, true) };
}

function nearOf(near: readonly PlaceUse[]): NewCondition {
  if (near.length === 0)
    return { type: 'NearLimit', status: 'False', reason: 'BelowWarning', message: 'nothing is near its limit' };
  return { type: 'NearLimit', status: 'True', reason: 'NearLimit', message: listed(near, false) };
}

function listed(places: readonly PlaceUse[], overOnly: boolean): string {
  const told = places.slice(0, TOLD_MAX).map((each) => textOf(each, overOnly));
  const more = places.length > TOLD_MAX ? ` and ${places.length - TOLD_MAX} more` : '';
  return `${told.join('; ')}${more}`;
}

/** `7.5 of 8 cpu of member (93 %)`, of the limits that are above, or of the fullest. */
function textOf({ place, used, percent }: PlaceUse, overOnly: boolean): string {
  const parts = LIMIT_NAMES.flatMap((name) => {
    const hard = place.hard[name];
    if (
      hard === undefined ||
      (overOnly && used[name] <= hard) ||
      (!overOnly && used[name] * 100n < hard * BigInt(Math.min(percent, 100)))
    )
      return [];
    return [`${amountText(name, used[name])} of ${amountText(name, hard)} ${LIMIT_WORDS[name]}`];
  });
  return `${parts.join(', ')} ${placeWords(place)}${percent > 1_000 ? '' : ` (${percent} %)`}`;
}
