// Where recordings are kept: what a folder and an object storage have in common.
import { StreamSpaceError } from '../../../schemas/errors.ts';

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
}

export interface PutOptions {
  readonly signal: AbortSignal;
  /** Default false: what is there already must be the same bytes, so sending twice does no harm and nobody overwrites. */
  readonly replace?: boolean;
}

/** Keys are names with `/` between, see {@link checkKey}. Every method may throw StorageFailed. */
export interface ObjectStorage {
  /** Whole or not at all, and there to stay when it resolves. @throws StorageFull, ObjectExists (other bytes are there) */
  put(key: string, bytes: Buffer, options: PutOptions): Promise<void>;
  /** @param range from the byte `from` up to, without, `to` @throws ObjectMissing */
  get(key: string, options: { readonly signal: AbortSignal; readonly range?: ByteRange }): Promise<Buffer>;
  /** Everything whose key begins with `prefix/`, in the order of the keys. */
  list(prefix: string, options: { readonly signal: AbortSignal }): AsyncIterable<StoredObject>;
  /** What is not there is deleted already. */
  delete(key: string, options: { readonly signal: AbortSignal }): Promise<void>;
}

export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

const PART = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/;

/** No part begins with a dot, so none leads out of a folder. @throws RangeError: keys are made by us alone */
export function checkKey(key: string): string {
  if (key.length > 900 || !key.split('/').every((part) => PART.test(part)))
    throw new RangeError(`"${key}" is no key of an object`);
  return key;
}

export function objectMissing(key: string): StreamSpaceError {
  return new StreamSpaceError('ObjectMissing', `there is no object ${key}`);
}

export function objectExists(key: string): StreamSpaceError {
  return new StreamSpaceError('ObjectExists', `object ${key} is there already, with other bytes`);
}
