// The threads of all streams whose pixels are changed: a few, started when the first is needed. A stream stays in one.
import { Worker } from 'node:worker_threads';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { owned } from '../../pixels/owned.ts';
import type { PipelineOptions } from '../../pixels/pipeline.ts';
import type { FromPixelWorker, PixelInput, ToPixelWorker } from './messages.ts';
import { type LinkFailed, PixelLink } from './pixel-link.ts';

interface Thread {
  readonly worker: Worker;
  readonly links: Map<number, PixelLink>;
}

const EMPTY = Buffer.alloc(0);
const THREADS = 2;
/** Of JavaScript's heap; pictures are outside it. */
const THREAD_MIB = 512;

export class PixelWorkers implements AsyncDisposable {
  readonly #threads = new Set<Thread>();
  #count = 0;

  /** Streams that are in a thread now. */
  get streams(): number {
    return [...this.#threads].reduce((sum, { links }) => sum + links.size, 0);
  }

  /** @param failed called at most once; the link is of no use afterwards. Dispose it with the stream */
  link(options: PipelineOptions, failed: LinkFailed): PixelLink {
    const thread = this.#leastLoaded();
    this.#count += 1;
    const stream = this.#count;
    const link = new PixelLink({
      post: (input) => post(thread.worker, { stream, input }),
      failed,
      closed: () => thread.links.delete(stream),
    });
    thread.links.set(stream, link);
    link.start(options);
    return link;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#threads].map(({ worker }) => worker.terminate()));
  }

  #leastLoaded(): Thread {
    const [least] = [...this.#threads].toSorted((a, b) => a.links.size - b.links.size);
    return least === undefined || (least.links.size > 0 && this.#threads.size < THREADS) ? this.#start() : least;
  }

  #start(): Thread {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      execArgv: ['--conditions=source'],
      resourceLimits: { maxOldGenerationSizeMb: THREAD_MIB },
    });
    const thread: Thread = { worker, links: new Map() };
    this.#threads.add(thread);
    worker.unref();
    worker.on('message', ({ stream, answer }: FromPixelWorker) => thread.links.get(stream)?.answered(answer));
    const ended = (error?: unknown): void => {
      this.#threads.delete(thread);
      const lost = new StreamSpaceError('PictureLost', 'the thread that marks the picture has ended', { cause: error });
      for (const link of [...thread.links.values()]) link.fail('desktop', lost);
    };
    worker.on('error', ended);
    worker.on('exit', () => ended());
    return thread;
  }
}

function post(worker: Worker, message: ToPixelWorker): void {
  const { input } = message;
  if (!('bytes' in input)) {
    worker.postMessage(message);
    return;
  }
  // Of a chunk of the network others may hold a part, so what is transferred is a copy.
  const bytes = owned([asBuffer(input.bytes), EMPTY]);
  const copy: PixelInput = { ...input, bytes };
  worker.postMessage({ ...message, input: copy }, bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : []);
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}
