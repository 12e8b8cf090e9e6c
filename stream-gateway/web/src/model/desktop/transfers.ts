// Files on their way, up and down, beside the page: what each has come to, and how it is paused, resumed and ended. Which request
// follows which is here; what is drawn is not.
import type { UploadView } from '../../../../../schemas/api/files.ts';
import type { Api, ObjectName } from '../../api/client.ts';
import { type ApiError, toApiError } from '../../api/problem.ts';

export type TransferState = 'running' | 'paused' | 'checking' | 'exists' | 'done' | 'failed';

export interface Transfer {
  readonly id: number;
  readonly direction: 'up' | 'down';
  readonly name: string;
  /** In the home. */
  readonly path: string;
  readonly state: TransferState;
  /** Null while nobody knows: an archive is made as it goes. */
  readonly bytes: number | null;
  readonly offset: number;
  readonly error: ApiError | null;
}

export interface TransferPorts {
  readonly api: Api;
  readonly session: ObjectName;
  /** Gives what was downloaded to the person. */
  readonly save: (content: Blob, name: string) => void;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A folder has something new in it. */
  readonly onUploaded: (path: string) => void;
}

interface Running {
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly cancel: () => void;
  stopping: AbortController;
  overwrite: boolean;
}

export const PART_BYTES = 4 * 1024 * 1024;
/** A lost connection is tried again so often in a row. */
const RETRIES = 6;

export class Transfers {
  readonly #ports: TransferPorts;
  readonly #running = new Map<number, Running>();
  readonly #listeners = new Set<() => void>();
  #transfers: readonly Transfer[] = [];
  #lastId = 0;

  constructor(ports: TransferPorts) {
    this.#ports = ports;
  }

  /** For `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The newest first. */
  readonly current = (): readonly Transfer[] => this.#transfers;

  upload(file: File, folder: string): void {
    const path = folder === '' ? file.name : `${folder}/${file.name}`;
    const id = this.#add({ direction: 'up', name: file.name, path, bytes: file.size });
    const { api, session, onUploaded } = this.#ports;
    let upload: string | undefined;
    const transfer: Running = {
      overwrite: false,
      stopping: new AbortController(),
      cancel: () => {
        if (upload !== undefined) api.cancelUpload(session, upload).catch(() => undefined); // it is forgotten by itself
      },
      run: async (signal) => {
        // Asked again after a break: what was on its way may have come, and a gateway that was restarted knows nothing of it.
        const known = upload === undefined ? undefined : await progressOf(api, session, upload, signal);
        const { id: at, offset: from } =
          known ?? (await api.beginUpload(session, { path, bytes: file.size, type: claimOf(file) }, signal));
        upload = at;
        let offset = from;
        while (offset < file.size) {
          this.#set(id, { offset });
          const bytes = file.slice(offset, offset + PART_BYTES);
          ({ offset } = await api.putUploadPart(session, { id: at, offset, bytes }, signal));
        }
        this.#set(id, { offset, state: 'checking' });
        await api.commitUpload(session, at, { overwrite: transfer.overwrite }, signal);
        onUploaded(path);
      },
    };
    this.#start(id, transfer);
  }

  download(entry: { readonly name: string; readonly kind: 'File' | 'Folder'; readonly bytes: number }, path: string): void {
    const { kind, name } = entry;
    const id = this.#add({ direction: 'down', name, path, bytes: kind === 'File' ? entry.bytes : null });
    const { api, session, save } = this.#ports;
    let parts: BlobPart[] = [];
    let offset = 0;
    let etag: string | null = null;
    this.#start(id, {
      overwrite: false,
      stopping: new AbortController(),
      cancel: () => undefined,
      run: async (signal) => {
        const from = etag === null || offset === 0 ? {} : { from: { offset, etag } };
        const response = await api.download(session, { kind, path, ...from }, signal);
        if (response.status !== 206) [parts, offset] = [[], 0];
        etag = response.headers.get('etag');
        const reader = response.body?.getReader();
        for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) {
          parts.push(read.value);
          offset += read.value.length;
          this.#set(id, { offset });
        }
        save(new Blob(parts, { type: 'application/octet-stream' }), kind === 'File' ? name : `${name}.tar`);
        parts = [];
      },
    });
  }

  pause(id: number): void {
    this.#running.get(id)?.stopping.abort();
    this.#set(id, { state: 'paused' });
  }

  resume(id: number, options: { readonly overwrite?: boolean } = {}): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    if (options.overwrite === true) running.overwrite = true;
    running.stopping = new AbortController();
    this.#start(id, running);
  }

  /** Ends it if it runs, and takes it off the list. */
  remove(id: number): void {
    const running = this.#running.get(id);
    running?.stopping.abort();
    if (this.#transfers.some((each) => each.id === id && each.state !== 'done')) running?.cancel();
    this.#running.delete(id);
    this.#transfers = this.#transfers.filter((each) => each.id !== id);
    this.#tell();
  }

  #add(transfer: Pick<Transfer, 'direction' | 'name' | 'path' | 'bytes'>): number {
    this.#lastId += 1;
    this.#transfers = [{ ...transfer, id: this.#lastId, state: 'running', offset: 0, error: null }, ...this.#transfers];
    return this.#lastId;
  }

  #start(id: number, running: Running): void {
    this.#running.set(id, running);
    this.#set(id, { state: 'running', error: null });
    const { signal } = running.stopping;
    this.#runWithRetries(running, signal).then(
      () => {
        if (!signal.aborted) this.#set(id, { state: 'done' });
      },
      (failure: unknown) => {
        if (signal.aborted) return;
        const error = toApiError(failure);
        this.#set(id, { state: error.code === 'FileExists' ? 'exists' : 'failed', error });
      },
    );
  }

  async #runWithRetries({ run }: Running, signal: AbortSignal): Promise<void> {
    for (let failed = 0; ; failed += 1) {
      try {
        return await run(signal);
      } catch (error) {
        // Only where nobody answered: what was refused is refused again.
        if (signal.aborted || toApiError(error).code !== 'GatewayUnreachable' || failed >= RETRIES) throw error;
        await this.#ports.wait(Math.min(30_000, 500 * 2 ** failed), signal);
      }
    }
  }

  #set(id: number, change: Partial<Transfer>): void {
    this.#transfers = this.#transfers.map((each) => (each.id === id ? { ...each, ...change } : each));
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Undefined where the gateway has no such upload any more. */
async function progressOf(api: Api, session: ObjectName, id: string, signal: AbortSignal): Promise<UploadView | undefined> {
  try {
    return await api.uploadProgress(session, id, signal);
  } catch (error) {
    if (toApiError(error).code === 'UploadNotFound') return undefined;
    throw error;
  }
}

/** Browsers take TypeScript for a video; a claim that is known to be wrong is better not made. */
function claimOf(file: File): string {
  return /\.(ts|mts|cts)$/i.test(file.name) && file.type === 'video/mp2t' ? '' : file.type;
}
