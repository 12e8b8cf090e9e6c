// In which order those who wait for room are looked at. Pure; the same facts give the same order, whoever asks first.
//
// 1. Priority, and time: each ten minutes of waiting lift by as much as one step of priority. So a higher priority is a head start, and
//    whoever waits is passed for so long and no longer: nobody starves.
// 2. Among equals, whose turn it is: who has the fewest desktops, those counted that wait for him in front. So people take turns.
// 3. Who was created first, then by name.
import type { Amounts } from './amounts.ts';
import type { CountedSession } from './held.ts';

export interface Waiting {
  readonly key: string;
  readonly owner: string;
  /** RFC 3339; whoever was created in the same second goes by name. */
  readonly createdAt: string;
  /** Of its priority; the higher goes first. */
  readonly rank: number;
  /** Milliseconds; a clock that was set back makes it less than 0. */
  readonly waitsMs: number;
}

/** How long one has to wait to be looked at with those of the next higher priority. */
export const STEP_MS = 600_000;

function levelOf({ rank, waitsMs }: Waiting): number {
  return rank + Math.floor(Math.max(waitsMs, 0) / STEP_MS);
}

function byCreation(left: Waiting, right: Waiting): number {
  if (left.createdAt !== right.createdAt) return left.createdAt < right.createdAt ? -1 : 1;
  return left.key < right.key ? -1 : left.key > right.key ? 1 : 0;
}

/** @param running how many desktops each owner has */
export function inTurn<T extends Waiting>(waiting: readonly T[], running: ReadonlyMap<string, number>): readonly T[] {
  const levels = new Map(waiting.map((each) => [each, levelOf(each)]));
  const levelled = (left: T, right: T): number => (levels.get(right) ?? 0) - (levels.get(left) ?? 0);
  const turns = new Map<T, number>();
  const next = new Map(running);
  for (const each of waiting.toSorted((left, right) => levelled(left, right) || byCreation(left, right))) {
    const turn = next.get(each.owner) ?? 0;
    turns.set(each, turn);
    next.set(each.owner, turn + 1);
  }
  const turnOf = (each: T): number => turns.get(each) ?? 0;
  return waiting.toSorted((left, right) => levelled(left, right) || turnOf(left) - turnOf(right) || byCreation(left, right));
}

/** How many desktops each owner has. */
export function runningBy(holders: Iterable<{ readonly owner: string; readonly amounts: Amounts }>): ReadonlyMap<string, number> {
  const running = new Map<string, number>();
  for (const { owner, amounts } of holders) if (amounts.sessionsRunning > 0n) running.set(owner, (running.get(owner) ?? 0) + 1);
  return running;
}

/**
 * Since when it waits, in milliseconds: a new one since it was created, one that is resumed since it was told that there is no room.
 * @param holds it has been admitted before, and kept its home
 */
export function waitingSince({ metadata, status }: CountedSession, holds: boolean, nowMs: number): number {
  const admitted = status?.conditions?.find(({ type }) => type === 'Admitted');
  const told = admitted?.status === 'False' ? Date.parse(admitted.lastTransitionTime) : Number.NaN;
  if (holds) return Number.isNaN(told) ? nowMs : told;
  const created = Date.parse(metadata.creationTimestamp ?? '');
  return Number.isNaN(created) ? nowMs : created;
}
