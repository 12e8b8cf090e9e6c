// A request that needs a second factor waits here while a dialog asks for it; one dialog, however many wait.
import type { StepUpNeed } from '../../../../../schemas/api/factors.ts';

export class StepUps {
  #asked: { readonly need: StepUpNeed; readonly answer: PromiseWithResolvers<boolean> } | null = null;
  readonly #listeners = new Set<() => void>();

  /** @returns whether it was given: then the request is worth repeating. Nobody there to ask: false. */
  ask(need: StepUpNeed): Promise<boolean> {
    if (this.#listeners.size === 0) return Promise.resolve(false);
    if (this.#asked === null) {
      this.#asked = { need, answer: Promise.withResolvers() };
      this.#tell();
    }
    return this.#asked.answer.promise;
  }

  settle(given: boolean): void {
    this.#asked?.answer.resolve(given);
    this.#asked = null;
    this.#tell();
  }

  readonly current = (): StepUpNeed | null => this.#asked?.need ?? null;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
