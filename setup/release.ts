// Downloads one program of an official release and believes it only when its SHA-256 is the published one.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StreamSpaceError } from '../schemas/errors.ts';

/** Short: where nothing may be reached, connections are often swallowed, and there is another way. */
const ANSWER_TIMEOUT_MS = 5_000;
const WHOLE_TIMEOUT_MS = 600_000;

/** Not an error of ours: the program can be built instead. */
export class ReleaseUnreachable extends Error {
  override readonly name = 'ReleaseUnreachable';
}

export interface ReleaseOptions {
  /** The checksum is expected at the same address with `.sha256` behind it. */
  readonly url: string;
  readonly target: string;
  readonly signal: AbortSignal;
  /** Told once when the download really begins. */
  readonly onStart: () => void;
}

/** @throws ReleaseUnreachable, or StreamSpaceError `DownloadFailed` for a wrong checksum */
export async function fetchRelease({ url, target, signal, onStart }: ReleaseOptions): Promise<void> {
  const published = (await (await answerOf(`${url}.sha256`, signal)).text()).trim().split(/\s/)[0] ?? '';
  if (!/^[0-9a-f]{64}$/.test(published)) throw new ReleaseUnreachable(`${url}.sha256 is no checksum`);
  const response = await answerOf(url, signal);
  if (response.body === null) throw new ReleaseUnreachable(`${url} is empty`);
  onStart();
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const limit = AbortSignal.any([signal, AbortSignal.timeout(WHOLE_TIMEOUT_MS)]);
  try {
    await pipeline(Readable.fromWeb(response.body), hashing, createWriteStream(target), { signal: limit });
  } catch (error) {
    signal.throwIfAborted();
    throw new ReleaseUnreachable(error instanceof Error ? error.message : String(error));
  }
  if (hash.digest('hex') !== published) throw new StreamSpaceError('DownloadFailed', `${url} has not the published checksum`);
}

async function answerOf(url: string, signal: AbortSignal): Promise<Response> {
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(new Error('no answer')), ANSWER_TIMEOUT_MS);
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, waiting.signal]) });
    if (!response.ok) throw new ReleaseUnreachable(`${url} answers ${response.status}`);
    return response;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ReleaseUnreachable) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new ReleaseUnreachable(cause instanceof Error ? cause.message : String(cause));
  } finally {
    clearTimeout(timer);
  }
}
