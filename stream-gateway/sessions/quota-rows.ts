// Quotas as a page or a command shows them: with what is in use now, by the arithmetic that admits. Pure but for the feeds that it reads.
import type { AccessOrigin } from '../../schemas/api/access.ts';
import type { QuotaRow } from '../../schemas/api/quota.ts';
import type { Quota } from '../../schemas/kinds/quota.ts';
import { leftOf, limitsOf, textsOf } from '../../schemas/quota/amounts.ts';
import { isReached } from '../../schemas/quota/places.ts';
import { isOver, type PlaceUse, usageOf } from '../../schemas/quota/usage.ts';
import { type QuotaPorts, worldOf } from './quota.ts';

const PLACES_MAX = 20;

/** @param originOf where it stands in Git, and undefined for one that does not come from there */
export async function quotaRows(
  ports: QuotaPorts,
  quotas: readonly Quota[],
  originOf: (quota: Quota) => Promise<AccessOrigin | null>,
): Promise<readonly QuotaRow[]> {
  const world = worldOf(ports);
  const rows = quotas.map(async (quota): Promise<QuotaRow> => {
    const { metadata, spec } = quota;
    const { namespace = '', name } = metadata;
    const { used, places } = usageOf(quota, world);
    const warnAt = spec.warnAt ?? [80, 95];
    const lowest = Math.min(101, ...warnAt);
    return {
      ...{ namespace, name, scope: spec.scope, templates: spec.templates ?? null, warnAt },
      reached: isReached(quota, world.teamOf(namespace) !== undefined),
      limits: textsOf(limitsOf(spec.limits)),
      maxDuration: spec.maxDuration ?? null,
      used: textsOf(used),
      places: places.slice(0, PLACES_MAX).map(presentPlace),
      placesInAll: places.length,
      overQuota: places.some(isOver),
      nearLimit: places.some(({ percent }) => percent >= lowest),
      overrides: (spec.overrides ?? []).map((override) => presentOverride(override, world.nowMs)),
      origin: await originOf(quota),
    };
  });
  return (await Promise.all(rows)).sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
}

function presentPlace({ place: { subject, hard }, percent, used }: PlaceUse): QuotaRow['places'][number] {
  return { subject, percent, used: textsOf(used), hard: textsOf(hard), available: textsOf(leftOf(hard, used)) };
}

function presentOverride(
  { subject, limits, unlimited, maxDuration, expiresAt, reason }: NonNullable<Quota['spec']['overrides']>[number],
  nowMs: number,
): QuotaRow['overrides'][number] {
  return {
    subject: subject.user === undefined ? `team ${subject.team ?? ''}` : `user ${subject.user}`,
    limits: textsOf(limitsOf(limits ?? {})),
    unlimited: unlimited ?? [],
    maxDuration: maxDuration ?? null,
    expiresAt: expiresAt ?? null,
    ended: expiresAt !== undefined && Date.parse(expiresAt) <= nowMs,
    reason,
  };
}
