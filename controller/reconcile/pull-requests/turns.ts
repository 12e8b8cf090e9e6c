// Which pull requests have their turn in a pass, and when the others have theirs. Anybody may send one from a fork that takes all the time there
// is to render it, so forks share a budget, and one that failed waits alone. Pure.
import { type Backoff, backoffMs } from '../../../runtime/kube/watch/backoff.ts';
import type { ErrorCode } from '../../../schemas/errors.ts';
import type { PullRequestRef } from '../../changes/forge/forge.ts';

/** For what failed and is of none of them. */
export const NO_NUMBER = 0;

/** Of a pass, for all plans of forks together; the one that is begun before goes on to its end. */
export const FORK_BUDGET_MS = 20_000;
const BACKOFF: Backoff = { firstMs: 5_000, maxMs: 15 * 60_000 };
const STOPPED: readonly ErrorCode[] = ['RenderTimeout', 'RenderMemory'];

/** What a plan depends on. */
export interface Stamp {
  /** Of the pull request itself and of how it is planned. */
  readonly own: string;
  /** What it is held against. */
  readonly base: string;
}

interface Planned extends Stamp {
  readonly at: number;
  /** It comes from a fork and was stopped. */
  readonly stopped: boolean;
}

interface Failed {
  readonly of: string;
  readonly failures: number;
  readonly at: number;
  readonly notBefore: number;
}

export class Turns {
  readonly #planned = new Map<number, Planned>();
  readonly #failed = new Map<number, Failed>();

  keepOnly(open: readonly { readonly number: number }[], merged: readonly { readonly number: number }[]): void {
    const numbers = new Set([NO_NUMBER, ...open.map(({ number }) => number)]);
    for (const number of this.#planned.keys()) if (!numbers.has(number)) this.#planned.delete(number);
    for (const { number } of merged) numbers.add(number);
    for (const number of this.#failed.keys()) if (!numbers.has(Math.abs(number))) this.#failed.delete(number);
  }

  /** Those of the repository first; of forks that which had its turn longest ago, so that none waits for ever. */
  inOrder(open: readonly PullRequestRef[]): readonly PullRequestRef[] {
    const turnOf = ({ number, fork }: PullRequestRef): number =>
      fork ? Math.max(this.#planned.get(number)?.at ?? 0, this.#failed.get(number)?.at ?? 0) : -1;
    return open.toSorted((a, b) => turnOf(a) - turnOf(b) || a.number - b.number);
  }

  isDue(number: number, { own, base }: Stamp): boolean {
    const before = this.#planned.get(number);
    return before === undefined || before.own !== own || (before.base !== base && !before.stopped);
  }

  /** Whether it has a plan, be it held against what was there before. */
  hasPlan(number: number, { own }: Stamp): boolean {
    return this.#planned.get(number)?.own === own;
  }

  /** What comes from a fork and could not be rendered in time is not tried again by whatever others do. */
  isStopped(number: number, { own }: Stamp): boolean {
    const before = this.#planned.get(number);
    return before?.stopped === true && before.own === own;
  }

  planned({ number, fork }: PullRequestRef, stamp: Stamp, now: Date, code: ErrorCode | undefined): void {
    const stopped = fork && code !== undefined && STOPPED.includes(code);
    this.#planned.set(number, { ...stamp, at: now.getTime(), stopped });
  }

  /**
   * @param number negative for what is told beside the plan and waits for itself
   * @param of what failed; another of the same pull request is tried at once
   */
  waitMs(number: number, of: string, now: Date): number {
    const before = this.#failed.get(number);
    return before?.of === of ? Math.max(0, before.notBefore - now.getTime()) : 0;
  }

  failed(number: number, of: string, now: Date): void {
    const before = this.#failed.get(number);
    const failures = before?.of === of ? before.failures : 0;
    // One after the other: there is nothing to scatter.
    const notBefore = now.getTime() + backoffMs(BACKOFF, failures, 0.5);
    this.#failed.set(number, { of, failures: failures + 1, at: now.getTime(), notBefore });
  }

  succeeded(number: number): void {
    this.#failed.delete(number);
  }
}
