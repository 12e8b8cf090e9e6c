// The life of one part: prepare, spawn, probe until ready, watch, and start again after a death.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { Part } from '../part.ts';
import { backoffMs, HEALTHY_AFTER_MS } from './backoff.ts';
import { closeLog, lastLine, openLog, rotateLog } from './log-file.ts';
import { forgetProcess, recordProcess } from './process-files.ts';
import { identify, killGroup, PART_OF_VARIABLE } from './process-identity.ts';
import { type Runner, type RunnerPorts, StatusHolder, wordsOf } from './runner.ts';
import type { UnitStatus } from './status.ts';

const PROBE_EVERY_MS = 50;
const PROBE_TIMEOUT_MS = 1_500;
const WATCH_EVERY_MS = 5_000;
/** So many failed probes in a row make a running part `degraded`: one may be a hiccup of a busy machine. */
const DEGRADED_AFTER = 2;

export interface PartRunnerPorts extends RunnerPorts {
  /** Folder of the records by which a later start finds what we left. */
  readonly processes: string;
  readonly logFile: string;
  readonly stateDir: string;
}

export class PartRunner implements Runner {
  readonly name: string;
  readonly dependsOn: readonly string[];
  readonly ready: Promise<void>;
  readonly #part: Part;
  readonly #ports: PartRunnerPorts;
  readonly #status: StatusHolder;
  readonly #stopping = new AbortController();
  readonly #firstReady: PromiseWithResolvers<void>;
  #child: ChildProcess | undefined;
  #life: Promise<void> = Promise.resolve();

  constructor(part: Part, ports: PartRunnerPorts) {
    this.name = part.name;
    this.dependsOn = part.dependsOn;
    this.#part = part;
    this.#ports = ports;
    this.#status = new StatusHolder({ name: part.name, kind: 'part', log: ports.logFile }, ports);
    this.#firstReady = Promise.withResolvers();
    this.ready = this.#firstReady.promise;
  }

  status(): UnitStatus {
    return this.#status.value;
  }

  start(): void {
    this.#life = this.#live(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    const { beforeStop, stopSignal = 'SIGTERM', stopTimeoutMs = 10_000 } = this.#part;
    this.#stopping.abort(new Error(`the part ${this.name} was stopped`));
    this.#status.update({ state: 'stopping' });
    const child = this.#child;
    if (child !== undefined && beforeStop !== undefined) {
      // What cannot be put away in order is put away by force afterwards (local/sweep.ts): it must not hold up the stop.
      await beforeStop(AbortSignal.timeout(stopTimeoutMs)).catch((error: unknown) => {
        this.#status.update({ lastError: wordsOf(error) });
      });
    }
    if (child !== undefined) {
      child.kill(stopSignal);
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
      }, stopTimeoutMs);
      await this.#life;
      clearTimeout(timer);
    } else await this.#life;
    this.#status.update({ state: 'stopped', pid: undefined });
  }

  async #live(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const startedAt = performance.now();
      const error = await this.#once(signal).then(
        () => new Error('ended'),
        (reason: unknown) => reason,
      );
      if (signal.aborted) return;
      failures = performance.now() - startedAt > HEALTHY_AFTER_MS ? 1 : failures + 1;
      this.#status.update({
        state: 'backoff',
        pid: undefined,
        lastError: wordsOf(error),
        restarts: this.#status.value.restarts + 1,
      });
      await delay(backoffMs(failures, this.#ports.random()), signal).catch(() => undefined);
    }
  }

  /** One life. Rejects once its process is gone, with why; resolves when it ended because we stop. */
  async #once(signal: AbortSignal): Promise<void> {
    this.#status.update({ state: 'starting' });
    await this.#part.prepare?.(signal);
    await rotateLog(this.#ports.logFile);
    signal.throwIfAborted();
    const child = this.#spawn();
    const ended = new AbortController();
    const gone = once(child, 'exit').finally(() => ended.abort(new Error('the process has ended')));
    // A program that cannot be started gives `error` and no `exit`; `once` rejects with it.
    gone.catch(() => undefined);
    const { pid } = child;
    if (pid === undefined) {
      await gone;
      return;
    }
    this.#child = child;
    this.#status.update({ pid });
    await this.#remember(pid);
    const late = await this.#watch(child, AbortSignal.any([ended.signal, signal])).catch((error: unknown) => error);
    const [code, killedBy] = (await gone) as [number | null, string | null];
    this.#child = undefined;
    // Helpers of a part that was killed (a renderer, a Git backend) would go on without it.
    killGroup(pid);
    await forgetProcess(this.#ports.processes, this.name);
    if (signal.aborted) return;
    throw late ?? (await this.#causeOfDeath(code, killedBy));
  }

  #spawn(): ChildProcess {
    const [program, ...args] = this.#part.command;
    const log = openLog(this.#ports.logFile);
    try {
      return spawn(program, args, {
        env: { ...this.#part.env, [PART_OF_VARIABLE]: this.#ports.stateDir },
        stdio: ['ignore', log, log],
        // A group of its own: a Ctrl+C in a terminal is not meant for it, and it is ended with all its helpers.
        detached: true,
        ...(this.#part.cwd === undefined ? {} : { cwd: this.#part.cwd }),
        ...(this.#part.uid === undefined ? {} : { uid: this.#part.uid }),
        ...(this.#part.gid === undefined ? {} : { gid: this.#part.gid }),
      });
    } finally {
      closeLog(log);
    }
  }

  async #remember(pid: number): Promise<void> {
    const identity = await identify(pid);
    if (identity === undefined) return;
    const { stopSignal = 'SIGTERM', stopTimeoutMs = 10_000 } = this.#part;
    await recordProcess(this.#ports.processes, { name: this.name, ...identity, stopSignal, stopTimeoutMs });
  }

  /** Probes until ready, then now and then. Ends with the process or when we stop. */
  async #watch(child: ChildProcess, signal: AbortSignal): Promise<void> {
    const timeoutMs = this.#part.readyTimeoutMs ?? 60_000;
    const until = performance.now() + timeoutMs;
    while (!(await this.#probe(signal))) {
      if (signal.aborted) return;
      if (performance.now() > until) {
        child.kill('SIGKILL');
        throw new StreamSpaceError('PartFailed', `${this.name} was not ready after ${Math.round(timeoutMs / 1000)} s`);
      }
      await sleep(PROBE_EVERY_MS);
    }
    if (signal.aborted) return;
    this.#status.update({ state: 'ready', lastError: undefined });
    this.#firstReady.resolve();
    let failed = 0;
    while (!signal.aborted) {
      await delay(WATCH_EVERY_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      failed = (await this.#probe(signal)) ? 0 : failed + 1;
      if (signal.aborted) return;
      if (failed === 0 && this.#status.value.state === 'degraded') this.#status.update({ state: 'ready' });
      if (failed === DEGRADED_AFTER) this.#status.update({ state: 'degraded' });
    }
  }

  async #probe(signal: AbortSignal): Promise<boolean> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]);
    return await this.#part.ready(limit).catch(() => false);
  }

  async #causeOfDeath(code: number | null, killedBy: string | null): Promise<StreamSpaceError> {
    // Who was killed had no time to say why: its last line is about something else.
    if (killedBy !== null) return new StreamSpaceError('PartFailed', `${this.name} was ended by ${killedBy}`);
    const last = await lastLine(this.#ports.logFile);
    const words = last === undefined ? '' : `; its log ends with: ${last}`;
    return new StreamSpaceError('PartFailed', `${this.name} exited with ${code}${words}`);
  }
}
