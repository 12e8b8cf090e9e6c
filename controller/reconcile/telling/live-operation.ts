// What a sync is doing now, in the status. A quick one never shows up there, a long one at most once a second, and one that
// has no news (S-086) not at all.
import type { GitSyncOperation, SyncPhase } from '../../../schemas/sync-operation.ts';

export interface LiveOperationOptions {
  readonly now: () => Date;
  /** Writes the status; a rejection is the caller's to swallow. */
  readonly save: (operation: GitSyncOperation) => Promise<void>;
}

/** Most syncs are over by then, and their outcome is all there is to tell. */
export const FIRST_MS = 500;
export const EVERY_MS = 1_000;

export class LiveOperation {
  readonly #save: LiveOperationOptions['save'];
  readonly #startedAt: string;
  #state: Omit<GitSyncOperation, 'startedAt'> = { phase: 'Resolving' };
  #news = false;
  #ended = false;
  #nextAt: number;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #told = '';

  constructor({ now, save }: LiveOperationOptions) {
    this.#save = save;
    this.#startedAt = now()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z');
    this.#nextAt = performance.now() + FIRST_MS;
  }

  /** From here on there is something to tell: a new revision, a change, or somebody who asked. */
  hasNews(): void {
    this.#news = true;
    this.#plan();
  }

  enter(phase: SyncPhase, facts: { readonly revision?: string | undefined; readonly total?: number | undefined } = {}): void {
    const revision = facts.revision ?? this.#state.revision;
    this.#state = {
      phase,
      ...(revision === undefined ? {} : { revision }),
      ...(facts.total === undefined ? {} : { done: 0, total: facts.total }),
    };
    this.#plan();
  }

  done(count: number): void {
    this.#state = { ...this.#state, done: count };
    this.#plan();
  }

  waitingFor(objects: readonly string[], total: number): void {
    const waitingFor = objects.slice(0, 5).map((id) => id.slice(0, 1024));
    this.#state = { ...this.#state, done: Math.max(0, total - objects.length), total, waitingFor };
    this.#plan();
  }

  /** Nothing is written any more once this has resolved. */
  async end(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#timer);
    await this.#writing;
  }

  #plan(): void {
    if (!this.#news || this.#ended || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#write(), Math.max(0, this.#nextAt - performance.now()));
    this.#timer.unref();
  }

  #write(): void {
    const operation: GitSyncOperation = { ...this.#state, startedAt: this.#startedAt };
    const text = JSON.stringify(operation);
    this.#nextAt = performance.now() + EVERY_MS;
    if (text === this.#told) {
      this.#timer = undefined;
      return;
    }
    this.#told = text;
    this.#writing = this.#save(operation)
      .catch(() => undefined) // only a look: the outcome is written whatever became of it
      .then(() => {
        this.#timer = undefined;
        if (JSON.stringify({ ...this.#state, startedAt: this.#startedAt }) !== text) this.#plan();
      });
  }
}
