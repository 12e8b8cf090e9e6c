// Every recording of the spool that is on its way to the storage.
import type { RecordingSpool } from '../spool/spool.ts';
import { SpoolUpload, type UploadPorts } from '../spool/upload.ts';

export interface RunningUpload {
  /** There is something new in the spool. */
  wake(): void;
  /** Resolves when all of it is stored, or when uploads end. */
  readonly done: Promise<void>;
}

export class Uploads {
  readonly #ports: UploadPorts;
  readonly #signal: AbortSignal;
  readonly #running = new Map<string, RunningUpload>();

  /** @param signal ends them; what is not stored stays in the spool */
  constructor(ports: UploadPorts, signal: AbortSignal) {
    this.#ports = ports;
    this.#signal = signal;
  }

  get size(): number {
    return this.#running.size;
  }

  /** Once for each recording, however often it is called. */
  start({ folder }: RecordingSpool): RunningUpload {
    const there = this.#running.get(folder);
    if (there !== undefined) return there;
    const upload = new SpoolUpload(folder, this.#ports);
    const done = upload
      .run(this.#signal)
      .catch((error: unknown) => {
        if (!this.#signal.aborted) this.#ports.failed(error);
      })
      .finally(() => this.#running.delete(folder));
    const running = { wake: () => upload.wake(), done };
    this.#running.set(folder, running);
    return running;
  }

  async ended(): Promise<void> {
    await Promise.allSettled([...this.#running.values()].map(({ done }) => done));
  }
}
