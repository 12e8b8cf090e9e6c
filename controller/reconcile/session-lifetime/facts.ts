// The stored facts of which the lifetime of a session is made, and since when nobody can have given input. Pure.
import type { Session } from '../../../schemas/kinds/sessions/session.ts';

/** Times in milliseconds since 1970. */
export interface Facts {
  readonly state: 'Awake' | 'Asleep' | 'Other';
  /** When it was last asked to run. */
  readonly startedAt?: number | undefined;
  readonly runningSince?: number | undefined;
  readonly hibernatedAt?: number | undefined;
  readonly inputAt?: number | undefined;
  /** Streams are open, and their gateway speaks again before this. */
  readonly watchedUntil?: number | undefined;
  readonly knownSince?: number | undefined;
  readonly snoozedAt?: number | undefined;
}

export interface Knowledge {
  /** Undefined: it is not known, so nobody is idle. */
  readonly idleSince: number | undefined;
  readonly unknownSince: number | undefined;
  readonly changesAt: number | undefined;
}

/** Clocks of two machines may differ by so much. What lies further ahead was written by a clock that was wrong. */
const SKEW_MS = 60_000;
/** A gateway that is silent for longer has ended, and its streams with it. */
const SILENT_MS = 3_600_000;

export function isFuture(at: number, now: number): boolean {
  return at > now + SKEW_MS;
}

export function factsOf({ metadata, spec, status = {} }: Session): Facts {
  const { phase, activity = {} } = status;
  const wished = spec.desiredState ?? 'Running';
  const deleted = metadata.deletionTimestamp !== undefined;
  const asleep = wished === 'Hibernated' && phase === 'Hibernated';
  const awake = wished === 'Running' && status.startedAt !== undefined && phase !== 'Pending' && phase !== 'Hibernated';
  return {
    state: deleted ? 'Other' : asleep ? 'Asleep' : awake ? 'Awake' : 'Other',
    startedAt: millis(status.startedAt),
    runningSince: millis(status.runningSince),
    hibernatedAt: millis(status.hibernatedAt),
    inputAt: millis(activity.inputAt),
    watchedUntil: millis(activity.watchedUntil),
    knownSince: millis(activity.knownSince),
    snoozedAt: millis(activity.snoozedAt),
  };
}

/**
 * Input that may have gone unseen counts as input: while the gateway is silent though streams are open nobody is idle, for an hour at
 * most, and then from that hour's end.
 * @param unknownSince RFC 3339: since when it has been silent, as it was written
 */
export function idleFrom(facts: Facts, unknownSince: string | undefined, now: number): Knowledge {
  const { startedAt, runningSince, inputAt, knownSince, watchedUntil } = facts;
  const silent = facts.state === 'Awake' && watchedUntil !== undefined && now > watchedUntil;
  const stored = millis(unknownSince);
  const since = !silent ? undefined : stored === undefined || isFuture(stored, now) ? now : stored;
  const times = [startedAt, runningSince, inputAt, knownSince].filter((at) => at !== undefined);
  if (times.length === 0 || times.some((at) => isFuture(at, now)))
    return { idleSince: undefined, unknownSince: since, changesAt: undefined };
  const last = Math.max(...times);
  if (since === undefined) {
    const changesAt = facts.state === 'Awake' ? watchedUntil : undefined;
    return { idleSince: last, unknownSince: undefined, changesAt: changesAt === undefined ? undefined : changesAt + 1 };
  }
  const known = since + SILENT_MS;
  return now < known
    ? { idleSince: undefined, unknownSince: since, changesAt: known }
    : { idleSince: Math.max(last, known), unknownSince: since, changesAt: undefined };
}

function millis(time: string | undefined): number | undefined {
  const at = Date.parse(time ?? '');
  return Number.isNaN(at) ? undefined : at;
}
