// graphile-worker over a pool of ours: one job at a time, woken by NOTIFY. It is loaded when it is first needed, for it takes a few
// megabytes, and it neither handles the signals of the process nor ends it.
import { EventEmitter } from 'node:events';
import type { LogFunctionFactory, WorkerEvents } from 'graphile-worker';
import type pg from 'pg';
import type { Logger } from '../log/log.ts';
import { aborted, delay } from '../shutdown/shutdown.ts';

export interface JobWorkerOptions {
  readonly pool: pg.Pool;
  /** Of graphile-worker alone; made, and brought up to date, by it. */
  readonly schema: string;
  /** By task. A job whose handler rejects is tried again, later each time, until its tries are used up. */
  readonly tasks: Readonly<Record<string, (payload: unknown) => Promise<void>>>;
  /** Jobs with one of these flags are left to others; asked before each job. */
  readonly leave: () => readonly string[];
  /** For what nobody was woken for: retries, and jobs of a process that is gone. */
  readonly pollMs: number;
  readonly onFailed: (payload: unknown, error: unknown) => void;
  /** After the last try. */
  readonly onGivenUp: (payload: unknown, error: unknown) => void;
  /** The schema is as it has to be: jobs can be added. */
  readonly onReady: () => void;
  readonly log: Logger;
}

/** What is under way when the worker ends gets this long. */
const STOP_MS = 3_000;

/** Resolves after the signal; rejects when the database does not answer, or refuses. Call it again then. */
export async function workOnJobs(options: JobWorkerOptions, signal: AbortSignal): Promise<void> {
  const { pool, schema, tasks, leave, pollMs, log } = options;
  const worker = await import('graphile-worker');
  const logger = new worker.Logger(loggingTo(log));
  await worker.runMigrations({ pgPool: pool, schema, logger });
  options.onReady();
  if (signal.aborted) return;
  const failed = Promise.withResolvers<never>();
  const events: WorkerEvents = new EventEmitter();
  // It would try again by itself, but for one thing: the numbers of the tasks are asked for once, and their failure is kept for ever.
  events.on('worker:getJob:error', ({ error }) => failed.reject(error));
  events.on('job:error', ({ job, error }) => options.onFailed(job.payload, error));
  events.on('pool:listen:error', ({ error }) => log.warn({ err: error }, 'new jobs are not listened for; they are polled for'));
  events.on('job:failed', ({ job, error }) => options.onGivenUp(job.payload, error));
  const running = worker.runTaskList(
    {
      ...{ schema, logger, events, concurrency: 1, pollInterval: pollMs, noHandleSignals: true },
      forbiddenFlags: () => [...leave()],
    },
    { ...tasks },
    pool,
  );
  try {
    await Promise.race([aborted(signal), running.promise, failed.promise]);
  } finally {
    const late = new AbortController();
    const ended = Promise.resolve(running.gracefulShutdown('it is not needed any more'));
    await Promise.race([ended, delay(STOP_MS, late.signal)]).catch((error: unknown) => {
      log.debug({ err: error }, 'the job worker did not end well');
    });
    late.abort();
  }
}

/** What matters of it is told by whoever calls. */
function loggingTo(log: Logger): LogFunctionFactory {
  return () => (level, message) => log.debug({ level, detail: message }, 'job worker');
}
