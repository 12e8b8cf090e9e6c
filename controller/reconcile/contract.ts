// What queue and reconciler owe each other.
//
// The queue calls `reconcile` with a key, one call for a key at a time, keys side by side (bounded). A key that is asked
// for while its call runs is called once more afterwards; asked for ten times, once. The reconciler reads the present and
// moves it towards what is wanted: the key never says what happened. Twice is once: a second call with nothing changed
// writes nothing. An error's code decides the retry (`never` waits for an event, `backoff` from 750 ms to 15 min with
// jitter, `after` names the time); the reconciler has written it into the status before it throws.
import type { Logger } from '../../runtime/log/log.ts';

export interface ObjectKey {
  /** Left out for a cluster-wide kind. */
  readonly namespace?: string;
  readonly name: string;
}

export interface ReconcileContext {
  /** Aborted by shutdown, a lost Lease, or (reason {@link Superseded}) by a newer wish for the same key. */
  readonly signal: AbortSignal;
  /** Bound to kind and key. */
  readonly log: Logger;
}

export interface ReconcileResult {
  /** Ask again after this time; left out: on the next event only. */
  readonly requeueAfterMs?: number;
}

export interface Reconciler {
  /** `GitSync`, `Team`, ... */
  readonly kind: string;
  reconcile(key: ObjectKey, context: ReconcileContext): Promise<ReconcileResult>;
}

/** A failure that is tried again by its code, but never later than this: its cure may come from outside, such as a commit. */
export class RetryWithin extends Error {
  override readonly name = 'RetryWithin';
  readonly ms: number;

  constructor(ms: number, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.ms = ms;
  }
}

/** The abort reasons that are a stop and not a failure: nothing is reported for them. */
export class Stopped extends Error {
  override readonly name: string = 'Stopped';
}

/** A newer revision or wish makes this call pointless: it ends at the next object and runs again. */
export class Superseded extends Stopped {
  override readonly name = 'Superseded';
}
