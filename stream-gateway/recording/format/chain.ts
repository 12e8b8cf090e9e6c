// The chain of hashes: each link says which segments came before, so none can be taken out, changed or moved alone.
import { createHash } from 'node:crypto';

/** Before the first segment: another one for every recording. */
export function chainStart(recordingId: string): Buffer {
  return createHash('sha256').update(`streamspace.io/recording/v1 ${recordingId}`).digest();
}

/** @param previous 32 bytes @param segment the SHA-256 of the file */
export function nextChain(previous: Buffer, segment: Buffer): Buffer {
  return createHash('sha256').update(previous).update(segment).digest();
}
