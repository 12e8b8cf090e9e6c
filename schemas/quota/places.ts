// Which quotas a session counts in, and together with what: a place is one quota with everything it counts as one. Pure.
import { durationMs } from '../kinds/kind.ts';
import { LIMIT_NAMES, type Quota, type QuotaOverride, type QuotaScope } from '../kinds/quota.ts';
import { SYSTEM_NAMESPACE } from '../names.ts';
import { type Limits, limitsOf } from './amounts.ts';

/** By what a session is counted. */
export interface Counted {
  readonly namespace: string;
  /** Name of the Team of the namespace; undefined where it is of none. */
  readonly team: string | undefined;
  readonly owner: string;
  /** `namespace/name` of the template. */
  readonly template: string;
}

export interface Place {
  /** Differs between any two places. */
  readonly id: string;
  /** `namespace/name` of the quota. */
  readonly quota: string;
  readonly scope: QuotaScope;
  /** Whether the quota is a team's own, and counts in its namespace only. */
  readonly ofTeam: boolean;
  /** What is counted here, within the quota. */
  readonly subject: string;
  readonly hard: Limits;
  /** How long a session may run at a time, in seconds; undefined: as long as it likes. */
  readonly maxSeconds?: number | undefined;
}

type QuotaRules = Pick<Quota, 'metadata' | 'spec'>;

/** Whether a quota in this namespace limits anything. `isTeam`: whether the namespace is that of a team. */
export function isReached({ metadata, spec }: QuotaRules, isTeam: boolean): boolean {
  return metadata.namespace === SYSTEM_NAMESPACE || (isTeam && spec.scope !== 'Platform');
}

/** Every place that a session counts in. It needs room in each: the most restrictive decides, limit by limit. */
export function placesOf(quotas: Iterable<QuotaRules>, counted: Counted, nowMs: number): readonly Place[] {
  const places: Place[] = [];
  for (const quota of quotas) {
    const place = placeIn(quota, counted, nowMs);
    if (place !== undefined) places.push(place);
  }
  return places;
}

export function placeIn(quota: QuotaRules, counted: Counted, nowMs: number): Place | undefined {
  const { namespace = '', name, deletionTimestamp } = quota.metadata;
  if (deletionTimestamp !== undefined) return undefined;
  if (namespace !== SYSTEM_NAMESPACE && namespace !== counted.namespace) return undefined;
  if (!isReached(quota, counted.team !== undefined)) return undefined;
  const subject = subjectIn(quota.spec, counted);
  if (subject === undefined) return undefined;
  const id = `${namespace}/${name}`;
  const override = overrideFor(quota.spec, counted, nowMs);
  const longest = override?.maxDuration ?? quota.spec.maxDuration;
  return {
    id: `${id} ${subject}`, // no name of an object has a space
    quota: id,
    scope: quota.spec.scope,
    ofTeam: namespace !== SYSTEM_NAMESPACE,
    subject,
    hard: hardWith(quota.spec, override),
    ...(longest === undefined ? {} : { maxSeconds: durationMs(longest) / 1_000 }),
  };
}

function subjectIn({ scope, templates }: Quota['spec'], { namespace, owner, template }: Counted): string | undefined {
  switch (scope) {
    case 'Platform':
      return '';
    case 'Team':
      return namespace;
    case 'Person':
      return owner;
    case 'Template': {
      const plain = template.slice(template.indexOf('/') + 1);
      return templates === undefined || templates.some((name) => name === template || name === plain) ? template : undefined;
    }
  }
}

/** The first for the subject that has not ended. */
function overrideFor({ overrides = [] }: Quota['spec'], { owner, team }: Counted, nowMs: number): QuotaOverride | undefined {
  return overrides.find(
    ({ subject, expiresAt }) =>
      (subject.user === undefined ? subject.team === team : subject.user === owner) &&
      (expiresAt === undefined || nowMs < Date.parse(expiresAt)),
  );
}

function hardWith({ limits }: Quota['spec'], override: QuotaOverride | undefined): Limits {
  const own = limitsOf(limits);
  if (override === undefined) return own;
  const merged = { ...own, ...limitsOf(override.limits ?? {}) };
  const lifted = new Set<string>(override.unlimited ?? []);
  return Object.fromEntries(LIMIT_NAMES.filter((name) => !lifted.has(name)).map((name) => [name, merged[name]]));
}

/** Whether it says anything of how long a session may run. */
export function limitsDuration({ spec }: Pick<Quota, 'spec'>): boolean {
  return [spec, ...(spec.overrides ?? [])].some(({ maxDuration }) => maxDuration !== undefined);
}

/** When the next override ends, so that whoever waits for it or works by it looks again. Milliseconds; undefined: none does. */
export function nextEndMs(quotas: Iterable<QuotaRules>, nowMs: number): number | undefined {
  let next: number | undefined;
  for (const { spec } of quotas)
    for (const { expiresAt } of spec.overrides ?? []) {
      const end = expiresAt === undefined ? Number.NaN : Date.parse(expiresAt);
      if (end > nowMs && (next === undefined || end < next)) next = end;
    }
  return next;
}
