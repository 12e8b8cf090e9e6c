// What the library of recordings needs of where they are kept.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { Segment } from '../../store/recordings/read.ts';
import type { Recording } from '../../store/recordings/recording.ts';

export interface KeptObjects {
  /** @param range from the byte `from` up to, without, `to` @throws ObjectMissing */
  get(
    key: string,
    options: { readonly signal: AbortSignal; readonly range?: { readonly from: number; readonly to: number } },
  ): Promise<Buffer>;
  /** Everything whose key begins with `prefix/`. */
  list(prefix: string, options: { readonly signal: AbortSignal }): AsyncIterable<{ readonly key: string }>;
  /** What is not there is deleted already. */
  delete(key: string, options: { readonly signal: AbortSignal }): Promise<void>;
}

export type ReadSegment = (recording: Recording, segment: Segment, options: Parameters<KeptObjects['get']>[1]) => Promise<Buffer>;

/** @throws RecordingStorageOff where recordings are kept nowhere */
export function segmentReader(objects: Pick<KeptObjects, 'get'> | undefined): ReadSegment {
  return async ({ id, keyPrefix }, { file }, options) => {
    if (objects === undefined)
      throw new StreamSpaceError('RecordingStorageOff', `recording ${id} lies where this gateway has no way to`);
    return await objects.get(`${keyPrefix}/${file}`, options);
  };
}
