// Keeps units alive: starts each when what it depends on is ready, side by side where possible, and stops them in reverse.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../runtime/log/log.ts';
import { writeFileAtomically } from '../state/files.ts';
import type { StatePaths } from '../state/state.ts';
import { rotateLog } from './log-file.ts';
import { PartRunner } from './part-runner.ts';
import type { ProcessIdentity } from './process-identity.ts';
import type { Runner } from './runner.ts';
import type { SupervisorStatus } from './status.ts';
import { TaskRunner } from './task-runner.ts';
import { dependentsOf, startOrder, type Unit } from './unit.ts';

/** Changes that come together are written together. */
const WRITE_AFTER_MS = 30;
const ROTATE_EVERY_MS = 30_000;

export interface SupervisorOptions {
  readonly units: readonly Unit[];
  readonly paths: StatePaths;
  readonly self: ProcessIdentity;
  readonly log: Logger;
}

export class Supervisor {
  readonly #runners: ReadonlyMap<string, Runner>;
  readonly #options: SupervisorOptions;
  readonly #startedAt = new Date().toISOString();
  readonly #stopping = new AbortController();
  #state: SupervisorStatus['state'] = 'starting';
  #writing: Promise<void> = Promise.resolve();
  #dirty = false;
  #stopped: Promise<void> | undefined;

  /** @throws RangeError when the units cannot be ordered */
  constructor(options: SupervisorOptions) {
    this.#options = options;
    const byName = new Map(options.units.map((unit) => [unit.name, unit]));
    const runners = new Map<string, Runner>();
    for (const name of startOrder(options.units)) {
      const unit = byName.get(name);
      if (unit !== undefined) runners.set(name, this.#runnerOf(unit));
    }
    this.#runners = runners;
  }

  /** Starts what can be started; the rest follows by itself. */
  start(): void {
    for (const runner of this.#runners.values()) void this.#startWhenPossible(runner);
    void Promise.all([...this.#runners.values()].map((runner) => runner.ready)).then(() => {
      if (this.#state === 'starting') this.#enter('ready');
    });
    void this.#rotateLogs();
    this.#changed();
  }

  status(): SupervisorStatus {
    return {
      ...this.#options.self,
      startedAt: this.#startedAt,
      state: this.#state,
      units: [...this.#runners.values()].map((runner) => runner.status()),
    };
  }

  /** Each unit once all that depend on it have stopped. Twice is once. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async #stopAll(): Promise<void> {
    this.#enter('stopping');
    this.#stopping.abort(new Error('the supervisor was stopped'));
    const dependents = dependentsOf(this.#options.units);
    const stops = new Map<string, Promise<void>>();
    // In reverse of the start order, so that the stops a unit waits for have been made before its own.
    for (const [name, runner] of [...this.#runners].reverse()) {
      const before = (dependents.get(name) ?? []).map((dependent) => stops.get(dependent));
      stops.set(
        name,
        Promise.all(before).then(() => runner.stop()),
      );
    }
    await Promise.all(stops.values());
    this.#enter('stopped');
    await this.#writing;
  }

  async #startWhenPossible(runner: Runner): Promise<void> {
    await Promise.all(runner.dependsOn.map((name) => this.#runners.get(name)?.ready));
    if (!this.#stopping.signal.aborted) runner.start();
  }

  #runnerOf(unit: Unit): Runner {
    const { paths } = this.#options;
    const ports = { now: Date.now, random: Math.random, onChange: () => this.#changed() };
    if (unit.kind === 'task') return new TaskRunner(unit, ports);
    const logFile = join(paths.logs, `${unit.name}.log`);
    return new PartRunner(unit, { ...ports, processes: paths.processes, logFile, stateDir: paths.dir });
  }

  #enter(state: SupervisorStatus['state']): void {
    this.#state = state;
    this.#options.log.info({ state }, 'supervisor');
    this.#changed();
  }

  #changed(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    this.#writing = this.#writing.then(async () => {
      await sleep(WRITE_AFTER_MS);
      this.#dirty = false;
      await writeFileAtomically(this.#options.paths.status, `${JSON.stringify(this.status(), null, 2)}\n`);
    });
    this.#writing.catch((error: unknown) => this.#options.log.error({ err: error }, 'status cannot be written'));
  }

  async #rotateLogs(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await sleep(ROTATE_EVERY_MS, undefined, { signal }).catch(() => undefined);
      for (const { log } of this.status().units) {
        if (log === undefined) continue;
        await rotateLog(log).catch((error: unknown) => this.#options.log.warn({ err: error, file: log }, 'log not rotated'));
      }
    }
  }
}
