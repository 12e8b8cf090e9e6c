// Object storage that speaks S3: AWS, MinIO, Ceph, Garage, SeaweedFS and the like. Segments are a few megabytes, so an object is
// one request: it is whole or not there, and there are no parts to be left behind.
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import {
  type ByteRange,
  checkKey,
  type ObjectStorage,
  objectExists,
  objectMissing,
  type PutOptions,
  type StoredObject,
} from './object-storage.ts';

/** More than any that we write: the manifest of a recording of months. */
const MAX_OBJECT_BYTES = 256 * 1024 * 1024;

export interface S3Options {
  readonly bucket: string;
  readonly region: string;
  /** Left out: that of AWS. */
  readonly endpoint?: string;
  /** For one request. Default 20 s: a slow storage is tried again, and the spool holds on meanwhile. */
  readonly timeoutMs?: number;
}

export class S3Storage implements ObjectStorage {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #timeoutMs: number;

  /** Credentials come from the environment, the shared file, or the identity of the pod, as for every AWS program. */
  constructor({ bucket, region, endpoint, timeoutMs = 20_000 }: S3Options) {
    this.#bucket = bucket;
    this.#timeoutMs = timeoutMs;
    this.#client = new S3Client({
      region,
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
      maxAttempts: 1, // the upload has its own retries, with the error told each time
      // Newer checksums are refused by some servers; the content is known by its SHA-256 anyway.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  async put(key: string, bytes: Buffer, { signal, replace = false }: PutOptions): Promise<void> {
    const object = { Bucket: this.#bucket, Key: checkKey(key) };
    await this.#try(key, signal, async (abortSignal) => {
      try {
        const condition = replace ? {} : { IfNoneMatch: '*' };
        await this.#client.send(new PutObjectCommand({ ...object, Body: bytes, ContentLength: bytes.length, ...condition }), {
          abortSignal,
        });
      } catch (error) {
        if (replace || statusOf(error) !== 412) throw error;
        if (!(await this.get(key, { signal })).equals(bytes)) throw objectExists(key);
      }
    });
  }

  async get(key: string, { signal, range }: { readonly signal: AbortSignal; readonly range?: ByteRange }): Promise<Buffer> {
    if (range !== undefined && range.to <= range.from) return Buffer.alloc(0);
    const Range = range === undefined ? {} : { Range: `bytes=${range.from}-${range.to - 1}` };
    return await this.#try(key, signal, async (abortSignal) => {
      const answer = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: checkKey(key), ...Range }), {
        abortSignal,
      });
      const most = range === undefined ? MAX_OBJECT_BYTES : range.to - range.from;
      return answer.Body === undefined ? Buffer.alloc(0) : await collect(answer.Body.transformToWebStream(), most, key);
    });
  }

  async *list(prefix: string, { signal }: { readonly signal: AbortSignal }): AsyncGenerator<StoredObject> {
    const query = { Bucket: this.#bucket, Prefix: `${checkKey(prefix)}/` };
    for (let token: string | undefined, more = true; more; ) {
      const answer = await this.#try(prefix, signal, (abortSignal) =>
        this.#client.send(new ListObjectsV2Command({ ...query, ...(token === undefined ? {} : { ContinuationToken: token }) }), {
          abortSignal,
        }),
      );
      for (const { Key, Size } of answer.Contents ?? []) if (Key !== undefined) yield { key: Key, bytes: Size ?? 0 };
      token = answer.NextContinuationToken;
      more = answer.IsTruncated === true && token !== undefined;
    }
  }

  async delete(key: string, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    await this.#try(key, signal, (abortSignal) =>
      this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: checkKey(key) }), { abortSignal }),
    );
  }

  async #try<T>(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await work(AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs)]));
    } catch (error) {
      signal.throwIfAborted();
      throw storageError(error, key, this.#timeoutMs);
    }
  }
}

/** A server that sends more than it was asked for is not listened to. */
async function collect(body: ReadableStream<Uint8Array>, most: number, key: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > most) throw new StreamSpaceError('StorageFailed', `the object storage sent more than was asked for at ${key}`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

function storageError(error: unknown, key: string, timeoutMs: number): unknown {
  if (error instanceof StreamSpaceError || error instanceof RangeError) return error;
  const status = statusOf(error);
  const name = error instanceof Error ? error.name : 'unknown';
  if (status === 404 && name !== 'NoSuchBucket') return objectMissing(key);
  // As MinIO and Ceph say it; AWS has no end.
  if (status === 507 || /Storage.*Full|QuotaExceeded/i.test(name))
    return new StreamSpaceError('StorageFull', `the object storage has no room for ${key}: ${name}`, { cause: error });
  const why =
    name === 'AbortError' || name === 'TimeoutError'
      ? `no answer within ${timeoutMs / 1000} s`
      : `${status ?? ''} ${name}`.trim();
  return new StreamSpaceError('StorageFailed', `the object storage failed at ${key}: ${why}`, { cause: error });
}
