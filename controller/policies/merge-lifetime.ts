// Lifetimes of several SessionPolicies as one: the shortest time wins, with what its policy does then; warnings are as long as the
// longest, since they cost nobody anything. Pure; the order of the policies makes no difference.
import type { EffectivePolicy } from '../../schemas/kinds/policies/effective-policy.ts';
import {
  DEFAULT_WARN_DAYS,
  DEFAULT_WARN_SECONDS,
  type EndAction,
  type IdleAction,
  type LifetimeRules,
  type MergedLifetime,
} from '../../schemas/kinds/policies/lifetime-rules.ts';
import type { SessionPolicy } from '../../schemas/kinds/policies/session-policy.ts';
import { compare, fullName, sortedPolicies } from './merging.ts';

export interface Lifetime {
  readonly lifetime?: MergedLifetime;
  readonly origins: EffectivePolicy['origins'];
}

interface Given<T> {
  readonly from: string;
  readonly value: T;
}

/** At the same time the harsher one is done. */
const HARSHNESS: Readonly<Record<IdleAction, number>> = { Terminate: 0, Hibernate: 1, None: 2 };

/** What a Quota says of it. */
export interface QuotaDuration {
  /** `namespace/name` of the quota. */
  readonly quota: string;
  readonly seconds: number;
}

/** @param durations of the quotas that the session counts in; a run that they end is hibernated */
export function mergeLifetime(policies: readonly SessionPolicy[], durations: readonly QuotaDuration[] = []): Lifetime {
  const sorted = sortedPolicies(policies);
  const origins: EffectivePolicy['origins'] = [];

  function given<T>(of: (rules: LifetimeRules) => T | undefined): readonly Given<T>[] {
    return sorted.flatMap((policy) => {
      const value = of(policy.spec);
      return value === undefined ? [] : [{ from: `SessionPolicy/${fullName(policy)}`, value }];
    });
  }
  /** The least of a number that is there at least once. */
  function least(field: string, of: (rules: LifetimeRules) => number | undefined): number | undefined {
    const [first] = given(of).toSorted((a, b) => a.value - b.value);
    if (first !== undefined) origins.push({ field, from: first.from });
    return first?.value;
  }
  const longest = (of: (rules: LifetimeRules) => number | undefined): number | undefined =>
    given(of).reduce<number | undefined>((most, { value }) => Math.max(most ?? 0, value), undefined);

  function idleOf(): MergedLifetime['idle'] {
    const all = given(({ idle }) => idle);
    const acting = all.filter(({ value }) => value.action !== 'None');
    const first = shortest(acting.length === 0 ? all : acting, ({ afterSeconds }) => afterSeconds);
    if (first === undefined) return undefined;
    const { afterSeconds, action } = first.value;
    origins.push({ field: 'idle.afterSeconds', from: first.from }, { field: 'idle.action', from: first.from });
    // Where nobody speaks of snoozes there are none.
    const max = least('idle.snoozes.max', ({ idle }) => idle?.snoozes?.max) ?? 0;
    const seconds = least('idle.snoozes.seconds', ({ idle }) => idle?.snoozes?.seconds) ?? 10;
    const warn = longest(({ idle }) => idle?.warnSeconds) ?? DEFAULT_WARN_SECONDS;
    return {
      ...{ afterSeconds, action },
      warnSeconds: Math.max(5, Math.min(warn, Math.floor(afterSeconds / 2))),
      snoozes: { max, seconds },
    };
  }
  function durationOf(): MergedLifetime['maxDuration'] {
    const ofQuotas = durations
      .toSorted((a, b) => compare(a.quota, b.quota))
      .map(({ quota, seconds }) => ({ from: `Quota/${quota}`, value: { seconds, action: 'Hibernate' as const } }));
    const first = shortest<Pick<NonNullable<MergedLifetime['maxDuration']>, 'seconds' | 'action'>>(
      [...given(({ maxDuration }) => maxDuration), ...ofQuotas],
      ({ seconds }) => seconds,
    );
    if (first === undefined) return undefined;
    const { seconds, action } = first.value;
    origins.push({ field: 'maxDuration.seconds', from: first.from }, { field: 'maxDuration.action', from: first.from });
    const warn = longest(({ maxDuration }) => maxDuration?.warnSeconds) ?? DEFAULT_WARN_SECONDS;
    return { seconds, action, warnSeconds: Math.max(5, Math.min(warn, Math.floor(seconds / 2))) };
  }
  function schedulesOf(): MergedLifetime['schedules'] {
    const all = given(({ schedule }) => schedule);
    origins.push(...all.slice(0, 4).map(({ from }) => ({ field: 'schedule', from })));
    return all.length === 0 ? undefined : all.map(({ value }) => value).slice(0, 64);
  }
  function dormancyOf(): MergedLifetime['dormancy'] {
    const afterDays = least('dormancy.afterDays', ({ dormancy }) => dormancy?.afterDays);
    const deleteAfterDays = least('dormancy.deleteAfterDays', ({ dormancy }) => dormancy?.deleteAfterDays);
    if (afterDays === undefined && deleteAfterDays === undefined) return undefined;
    const warn = longest(({ dormancy }) => dormancy?.warnDays) ?? DEFAULT_WARN_DAYS;
    const most = deleteAfterDays === undefined ? warn : Math.max(1, Math.floor(deleteAfterDays / 2));
    return {
      ...(afterDays === undefined ? {} : { afterDays }),
      ...(deleteAfterDays === undefined ? {} : { deleteAfterDays }),
      warnDays: Math.min(warn, most),
    };
  }

  const idle = idleOf();
  const maxDuration = durationOf();
  const schedules = schedulesOf();
  const dormancy = dormancyOf();
  const lifetime: MergedLifetime = {
    ...(idle === undefined ? {} : { idle }),
    ...(maxDuration === undefined ? {} : { maxDuration }),
    ...(schedules === undefined ? {} : { schedules }),
    ...(dormancy === undefined ? {} : { dormancy }),
  };
  return Object.keys(lifetime).length === 0 ? { origins } : { lifetime, origins };
}

function shortest<T extends { readonly action: EndAction | IdleAction }>(
  all: readonly Given<T>[],
  time: (value: T) => number,
): Given<T> | undefined {
  return all.toSorted((a, b) => time(a.value) - time(b.value) || HARSHNESS[a.value.action] - HARSHNESS[b.value.action])[0];
}
