// Uploads on their way: each belongs to one person and one session, grows by parts, and is forgotten when it is left alone. They
// live in the replica that began them (docs/adr/0023).
import { randomBytes } from 'node:crypto';
import type { UploadedFile } from '../../schemas/api/files.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { HomePath } from '../dlp/files/home-path.ts';
import type { FileSpool, SpooledFile } from './spool.ts';

export interface UploadOwner {
  readonly sessionUid: string;
  readonly person: string;
}

export interface Upload extends UploadOwner {
  readonly id: string;
  readonly path: HomePath;
  readonly bytes: number;
  /** What the browser says it is. */
  readonly declared: string;
  readonly file: SpooledFile;
  /** The part that comes now; a later one takes its place. */
  receiving: AbortController | undefined;
  committing: boolean;
  /** Kept for a while: whoever did not hear the answer asks again. */
  done: UploadedFile | undefined;
  usedAt: number;
}

export interface UploadsPorts {
  readonly spool: FileSpool;
  /** Milliseconds of a clock that nobody sets. */
  readonly now: () => number;
}

const IDLE_MS = 30 * 60_000;
/** Of one person in one session at a time. */
const MAX_OPEN = 16;

export class Uploads {
  readonly #ports: UploadsPorts;
  readonly #uploads = new Map<string, Upload>();

  constructor(ports: UploadsPorts) {
    this.#ports = ports;
  }

  /** @throws StreamSpaceError `FileSpoolFull` */
  async begin(owner: UploadOwner, wish: Pick<Upload, 'path' | 'bytes' | 'declared'>): Promise<Upload> {
    await this.sweep();
    const file = await this.#ports.spool.create(wish.bytes, owner.person);
    // Counted after the last wait, so many that begin at once are not each the first.
    const open = [...this.#uploads.values()].filter((upload) => upload.done === undefined && isOf(upload, owner)).length;
    if (open >= MAX_OPEN) {
      await file[Symbol.asyncDispose]();
      throw new StreamSpaceError('FileSpoolFull', `${open} of your uploads are on their way already`);
    }
    const upload: Upload = {
      ...owner,
      ...wish,
      id: randomBytes(16).toString('hex'),
      file,
      receiving: undefined,
      committing: false,
      done: undefined,
      usedAt: this.#ports.now(),
    };
    this.#uploads.set(upload.id, upload);
    return upload;
  }

  /** @throws StreamSpaceError `UploadNotFound`, also for what is somebody else's */
  get(id: string, owner: UploadOwner): Upload {
    const upload = this.#uploads.get(id);
    if (upload === undefined || !isOf(upload, owner))
      throw new StreamSpaceError('UploadNotFound', 'there is no such upload here');
    upload.usedAt = this.#ports.now();
    return upload;
  }

  /**
   * Takes a part that begins at `offset`, not beyond what is there; what is there already does no harm. A part that is cut off
   * counts as far as it came. @throws StreamSpaceError `UploadOffsetWrong`, `FileSizeDenied`
   */
  async receive(upload: Upload, offset: number, content: AsyncIterable<Uint8Array>, maxBytes: number): Promise<void> {
    upload.receiving?.abort(new StreamSpaceError('UploadOffsetWrong', 'another part of this upload has come since'));
    const here = new AbortController();
    upload.receiving = here;
    if (upload.file.sealed || offset > upload.file.bytes)
      throw new StreamSpaceError('UploadOffsetWrong', `the upload has come to ${upload.file.bytes} bytes`);
    let position = offset;
    for await (const chunk of content) {
      here.signal.throwIfAborted();
      if (position - offset + chunk.length > maxBytes)
        throw new StreamSpaceError('RequestTooLarge', `a part has at most ${maxBytes} bytes`);
      if (position + chunk.length > upload.bytes)
        throw new StreamSpaceError('FileSizeDenied', `more came than the ${upload.bytes} bytes that were announced`);
      await upload.file.write(chunk, position);
      position += chunk.length;
      upload.usedAt = this.#ports.now();
    }
  }

  /**
   * Runs the end of an upload, once; a repeat gives what the first one gave. From here on no part is taken: one that still comes
   * could put other bytes in the place of those that were judged. @throws what `finish` throws; then it may be tried again
   */
  async finish(upload: Upload, finish: () => Promise<UploadedFile>): Promise<UploadedFile> {
    if (upload.done !== undefined) return upload.done;
    if (upload.committing) throw new StreamSpaceError('RequestInProgress', 'this upload is being written');
    if (upload.file.bytes < upload.bytes)
      throw new StreamSpaceError('UploadIncomplete', `${upload.file.bytes} of ${upload.bytes} bytes have come`);
    upload.committing = true;
    upload.receiving?.abort(new StreamSpaceError('UploadOffsetWrong', 'the upload is being written'));
    try {
      await upload.file.seal();
      upload.done = await finish();
      await upload.file[Symbol.asyncDispose]();
      return upload.done;
    } finally {
      upload.committing = false;
      upload.usedAt = this.#ports.now();
    }
  }

  /** @throws StreamSpaceError `RequestInProgress` while it is written */
  async end(upload: Upload): Promise<void> {
    if (upload.committing) throw new StreamSpaceError('RequestInProgress', 'this upload is being written');
    await this.#drop(upload);
  }

  async #drop(upload: Upload): Promise<void> {
    upload.receiving?.abort(new StreamSpaceError('UploadNotFound', 'the upload has ended'));
    this.#uploads.delete(upload.id);
    await upload.file[Symbol.asyncDispose]();
  }

  async endAll(): Promise<void> {
    for (const upload of [...this.#uploads.values()]) await this.#drop(upload);
  }

  /** Forgets what was left alone. */
  async sweep(): Promise<void> {
    const before = this.#ports.now() - IDLE_MS;
    for (const upload of [...this.#uploads.values()]) if (upload.usedAt < before && !upload.committing) await this.end(upload);
  }
}

function isOf(upload: UploadOwner, { sessionUid, person }: UploadOwner): boolean {
  return upload.sessionUid === sessionUid && upload.person === person;
}
