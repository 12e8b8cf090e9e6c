// The thread of all recorders, started when the first is needed. When it ends, each of its recordings is told and may start anew.
import { Worker } from 'node:worker_threads';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { FromRecorder, RecorderAnswer, RecorderInput, StartRecording, ToRecorder } from './messages.ts';
import type { RecorderNews } from './session-recorder.ts';

/** Of JavaScript's heap; first pictures are outside it. */
const THREAD_MIB = 512;

export interface RecorderLink {
  /** Nothing that has an answer. */
  post(input: Exclude<RecorderInput, { readonly type: 'start' | 'stop' }>): void;
  /** Resolves when its segment is closed and its state is in the spool. Throws as the disk does. */
  stop(state: 'Paused' | 'Complete'): Promise<void>;
}

export interface RecorderListener {
  readonly news: (news: RecorderNews) => void;
  /** The thread has ended, or it could not begin: the link is of no use any more. At most once. */
  readonly lost: (error: StreamSpaceError) => void;
}

interface Linked extends RecorderListener {
  readonly stopped: PromiseWithResolvers<void>;
}

export class RecorderThread implements AsyncDisposable {
  readonly #links = new Map<string, Linked>();
  #worker: Worker | undefined;

  /** Recordings in the thread. */
  get recordings(): number {
    return this.#links.size;
  }

  start(recording: string, options: StartRecording, listener: RecorderListener): RecorderLink {
    const linked: Linked = { ...listener, stopped: Promise.withResolvers() };
    linked.stopped.promise.catch(() => undefined);
    this.#links.set(recording, linked);
    const worker = this.#worker ?? this.#begin();
    const post = (input: RecorderInput): void => worker.postMessage({ recording, input } satisfies ToRecorder);
    post({ type: 'start', start: options });
    return {
      post,
      stop: async (state) => {
        if (this.#links.get(recording) !== linked) throw new StreamSpaceError('RecordingStopped', 'the recorder has ended');
        post({ type: 'stop', state });
        await linked.stopped.promise;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker?.terminate();
  }

  #begin(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      execArgv: ['--conditions=source'],
      resourceLimits: { maxOldGenerationSizeMb: THREAD_MIB },
    });
    this.#worker = worker;
    worker.unref();
    worker.on('message', ({ recording, answer }: FromRecorder) => this.#answered(recording, answer));
    const ended = (cause?: unknown): void => {
      if (this.#worker === worker) this.#worker = undefined;
      const error = new StreamSpaceError('RecordingStopped', 'the thread that records has ended', { cause });
      for (const recording of [...this.#links.keys()]) this.#lose(recording, error);
    };
    worker.on('error', ended);
    worker.on('exit', () => ended());
    return worker;
  }

  #answered(recording: string, answer: RecorderAnswer): void {
    const linked = this.#links.get(recording);
    switch (answer.type) {
      case 'news':
        linked?.news(answer.news);
        return;
      case 'stopped':
        this.#links.delete(recording);
        linked?.stopped.resolve();
        return;
      case 'failed':
        this.#lose(recording, new StreamSpaceError(answer.code, answer.message));
    }
  }

  #lose(recording: string, error: StreamSpaceError): void {
    const linked = this.#links.get(recording);
    this.#links.delete(recording);
    linked?.stopped.reject(error);
    linked?.lost(error);
  }
}
