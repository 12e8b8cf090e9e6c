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

/** Exactly the bytes of the range; left out: of the whole. */
export type ReadSegment = (recording: Recording, segment: Segment, options: Parameters<KeptObjects['get']>[1]) => Promise<Buffer>;

/**
 * Asks for as much as the index says that there is, so nobody sends us more.
 * @throws RecordingStorageOff where recordings are kept nowhere @throws RecordingMalformed where there is less
 */
export function segmentReader(objects: Pick<KeptObjects, 'get'> | undefined): ReadSegment {
  return async ({ id, keyPrefix }, { file, number, bytes: size }, { signal, range = { from: 0, to: size } }) => {
    if (objects === undefined)
      throw new StreamSpaceError('RecordingStorageOff', `recording ${id} lies where this gateway has no way to`);
    const bytes = await objects.get(`${keyPrefix}/${file}`, { signal, range });
    if (bytes.length !== range.to - range.from)
      throw new StreamSpaceError('RecordingMalformed', `segment ${number} of recording ${id} is shorter than it was written`);
    return bytes;
  };
}
