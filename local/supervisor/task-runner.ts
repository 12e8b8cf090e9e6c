// Carries out one task, with backoff until it succeeds.
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { backoffMs } from './backoff.ts';
import { type Runner, type RunnerPorts, StatusHolder, wordsOf } from './runner.ts';
import type { UnitStatus } from './status.ts';
import type { Task } from './unit.ts';

export class TaskRunner implements Runner {
  readonly name: string;
  readonly dependsOn: readonly string[];
  readonly ready: Promise<void>;
  readonly #task: Task;
  readonly #ports: RunnerPorts;
  readonly #status: StatusHolder;
  readonly #stopping = new AbortController();
  readonly #done: PromiseWithResolvers<void>;
  #life: Promise<void> = Promise.resolve();

  constructor(task: Task, ports: RunnerPorts) {
    this.name = task.name;
    this.dependsOn = task.dependsOn;
    this.#task = task;
    this.#ports = ports;
    this.#status = new StatusHolder({ name: task.name, kind: 'task' }, ports);
    this.#done = Promise.withResolvers();
    this.ready = this.#done.promise;
  }

  status(): UnitStatus {
    return this.#status.value;
  }

  start(): void {
    this.#life = this.#carryOut(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error(`the task ${this.name} was stopped`));
    await this.#life;
    this.#status.update({ state: 'stopped', detail: undefined });
  }

  async #carryOut(signal: AbortSignal): Promise<void> {
    for (let failures = 1; !signal.aborted; failures += 1) {
      this.#status.update({ state: 'starting' });
      try {
        await this.#task.run({ signal, report: (line) => this.#status.update({ detail: line }) });
        this.#status.update({ state: 'done', lastError: undefined });
        this.#done.resolve();
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#status.update({ state: 'backoff', lastError: wordsOf(error), restarts: failures });
        await delay(backoffMs(failures, this.#ports.random()), signal).catch(() => undefined);
      }
    }
  }
}
