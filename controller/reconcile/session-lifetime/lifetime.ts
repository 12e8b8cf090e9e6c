// When a session ends by its policies. Pure: facts that are stored, absolute times, and now. Nothing is done that people were not
// warned of for as long as the policy says, so neither a controller that was away nor a clock that jumps ends anybody's work.
import type { EndAction, LifetimeReason, MergedLifetime } from '../../../schemas/kinds/policies/lifetime-rules.ts';
import type { SessionLifetime } from '../../../schemas/kinds/policies/session-lifetime.ts';
import { hoursAt } from '../../policies/run-hours.ts';
import { type Facts, idleFrom, isFuture, type Knowledge } from './facts.ts';

export interface Planned {
  readonly reason: LifetimeReason;
  readonly action: EndAction;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Since when people are warned of it; undefined: not yet. */
  readonly warnedSince: number | undefined;
}

export interface LifetimeVerdict {
  /** What comes first. */
  readonly next: Planned | undefined;
  /** Everything that people have to be warned of now, with the time since when they are. */
  readonly warnings: readonly { readonly reason: LifetimeReason; readonly since: number }[];
  /** It is to be done now. */
  readonly due: boolean;
  readonly unknownSince: number | undefined;
  readonly snoozedUntil: number | undefined;
  readonly dormant: boolean;
  /** When the answer may be another one without any new fact. */
  readonly lookAgainAt: number | undefined;
}

interface Deadline {
  readonly reason: LifetimeReason;
  readonly action: EndAction;
  readonly at: number;
  readonly warnMs: number;
}

const DAY_MS = 86_400_000;
type Before = Pick<SessionLifetime, 'warned' | 'unknownSince'>;

/** @param before what was written last: of what people are warned since when */
export function lifetime(facts: Facts, policy: MergedLifetime, before: Before, now: number): LifetimeVerdict {
  const known = idleFrom(facts, before.unknownSince, now);
  const { deadlines, snoozedUntil, changes } = deadlinesOf(facts, policy, known, now);
  const planned = deadlines.map((deadline) => plan(deadline, before, now));
  const [next] = planned.toSorted((a, b) => a.at - b.at);
  const warnings = planned.flatMap(({ reason, warnedSince }) =>
    warnedSince === undefined ? [] : [{ reason, since: warnedSince }],
  );
  const dormantAt = dormantFrom(facts, policy);
  const looks = [
    ...planned.flatMap(({ at, warnFrom }) => [at, warnFrom]),
    ...changes,
    ...(known.changesAt === undefined ? [] : [known.changesAt]),
    ...(dormantAt === undefined ? [] : [dormantAt]),
  ].filter((at) => at > now);
  return {
    next,
    warnings,
    due: next?.wasWarned === true && now >= next.at,
    unknownSince: known.unknownSince,
    snoozedUntil,
    dormant: dormantAt !== undefined && now >= dormantAt,
    lookAgainAt: looks.length === 0 ? undefined : Math.min(...looks),
  };
}

interface Warned extends Planned {
  readonly warnFrom: number;
  readonly wasWarned: boolean;
}

/** The end waits for the warning, however late that comes. */
function plan({ reason, action, at, warnMs }: Deadline, before: Before, now: number): Warned {
  const stored = Date.parse(before.warned?.find((each) => each.reason === reason)?.since ?? '');
  // A warning from the future was given by a clock that was wrong: it is given again.
  const wasWarned = now >= at - warnMs && stored <= now;
  const warnedSince = now < at - warnMs ? undefined : wasWarned ? stored : now;
  const end = warnedSince === undefined ? at : Math.max(at, warnedSince + warnMs);
  return { reason, action, at: end, warnedSince, warnFrom: at - warnMs, wasWarned };
}

function deadlinesOf(
  facts: Facts,
  policy: MergedLifetime,
  known: Knowledge,
  now: number,
): {
  readonly deadlines: readonly Deadline[];
  readonly snoozedUntil: number | undefined;
  readonly changes: readonly number[];
} {
  if (facts.state === 'Asleep') return { deadlines: sleeping(facts, policy, now), snoozedUntil: undefined, changes: [] };
  if (facts.state === 'Other') return { deadlines: [], snoozedUntil: undefined, changes: [] };
  const { idle, maxDuration, schedules = [] } = policy;
  const deadlines: Deadline[] = [];
  const changes: number[] = [];
  let snoozedUntil: number | undefined;
  if (idle !== undefined && idle.action !== 'None' && known.idleSince !== undefined) {
    snoozedUntil = snoozedFrom(facts, known.idleSince, 1000 * idle.snoozes.seconds, now);
    const at = Math.max(known.idleSince + 1000 * idle.afterSeconds, snoozedUntil ?? 0);
    deadlines.push({ reason: 'Idle', action: idle.action, at, warnMs: 1000 * idle.warnSeconds });
  }
  if (maxDuration !== undefined && facts.startedAt !== undefined && !isFuture(facts.startedAt, now)) {
    const { action, seconds, warnSeconds } = maxDuration;
    deadlines.push({ reason: 'MaxDuration', action, at: facts.startedAt + 1000 * seconds, warnMs: 1000 * warnSeconds });
  }
  for (const schedule of schedules) {
    const { open, nextChangeAt } = hoursAt(schedule, new Date(now));
    if (nextChangeAt !== undefined) changes.push(nextChangeAt.getTime());
    const at = open ? nextChangeAt?.getTime() : now;
    const { outside: action, warnSeconds = 60 } = schedule;
    // Several of them are one warning: the first to close counts.
    if (at !== undefined) deadlines.push({ reason: 'Schedule', action, at, warnMs: 1000 * warnSeconds });
  }
  return { deadlines: firstOfEach(deadlines), snoozedUntil, changes };
}

function firstOfEach(deadlines: readonly Deadline[]): readonly Deadline[] {
  const sorted = deadlines.toSorted((a, b) => a.at - b.at);
  return sorted.filter(({ reason }, at) => sorted.findIndex((each) => each.reason === reason) === at);
}

/** A snooze counts until the next input, which is better than any. */
function snoozedFrom({ snoozedAt }: Facts, idleSince: number, forMs: number, now: number): number | undefined {
  return snoozedAt === undefined || snoozedAt < idleSince || isFuture(snoozedAt, now) ? undefined : snoozedAt + forMs;
}

function sleeping({ hibernatedAt }: Facts, { dormancy }: MergedLifetime, now: number): readonly Deadline[] {
  const { deleteAfterDays, warnDays = 0 } = dormancy ?? {};
  if (hibernatedAt === undefined || deleteAfterDays === undefined || isFuture(hibernatedAt, now)) return [];
  const at = hibernatedAt + DAY_MS * deleteAfterDays;
  return [{ reason: 'Dormancy', action: 'Terminate', at, warnMs: DAY_MS * warnDays }];
}

function dormantFrom({ state, hibernatedAt }: Facts, { dormancy }: MergedLifetime): number | undefined {
  if (state !== 'Asleep' || hibernatedAt === undefined || dormancy?.afterDays === undefined) return undefined;
  return hibernatedAt + DAY_MS * dormancy.afterDays;
}
