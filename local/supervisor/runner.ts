// What a supervisor does with each unit. A runner is started once, becomes ready (again and again for a part), and is stopped
// once; it never gives up in between.
import type { UnitStatus } from './status.ts';

export interface Runner {
  readonly name: string;
  readonly dependsOn: readonly string[];
  /** Resolves when the unit is ready for the first time; never rejects. Still pending when stopped before. */
  readonly ready: Promise<void>;
  status(): UnitStatus;
  start(): void;
  /** Resolves once nothing of the unit runs any more. */
  stop(): Promise<void>;
}

export interface RunnerPorts {
  /** Wall clock in milliseconds, for status times. */
  readonly now: () => number;
  /** From 0 to 1, for jitter. */
  readonly random: () => number;
  /** Told after each change of status. */
  readonly onChange: () => void;
}

/** The part of a status that both kinds of runner keep, with the time of the last change of state. */
export class StatusHolder {
  #status: UnitStatus;
  readonly #ports: RunnerPorts;

  constructor(initial: Pick<UnitStatus, 'name' | 'kind' | 'log'>, ports: RunnerPorts) {
    this.#ports = ports;
    this.#status = { ...initial, state: 'waiting', since: this.#time(), restarts: 0 };
  }

  get value(): UnitStatus {
    return this.#status;
  }

  /** A field set to `undefined` is taken out. */
  update(change: { readonly [K in keyof UnitStatus]?: UnitStatus[K] | undefined }): void {
    const since = change.state !== undefined && change.state !== this.#status.state ? this.#time() : this.#status.since;
    const merged = Object.entries({ ...this.#status, since, ...change }).filter(([, value]) => value !== undefined);
    this.#status = Object.fromEntries(merged) as UnitStatus;
    this.#ports.onChange();
  }

  #time(): string {
    return new Date(this.#ports.now()).toISOString();
  }
}

/** What people read about a failure: its words, and its code where it has one. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  return `${code}${error.message}`.slice(0, 600);
}
