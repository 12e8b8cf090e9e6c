// Checkpoints in the object storage: the last one, and the next one after it. Two replicas that write the same number cannot both: the
// storage takes a name once (link, If-None-Match), which is all the lock that is needed.
import type { KeyObject } from 'node:crypto';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { ObjectStorage } from '../recording/storage/object-storage.ts';
import {
  CHECKPOINT_PREFIX,
  type Checkpoint,
  checkpointHash,
  checkpointKey,
  type MonthState,
  readCheckpoint,
  signCheckpoint,
} from './checkpoint.ts';

export type CheckpointObjects = Pick<ObjectStorage, 'get' | 'list' | 'put'>;

export interface StoredCheckpoint {
  readonly checkpoint: Checkpoint;
  /** SHA-256 of the file. */
  readonly sha256: string;
}

/** What the checkpoints say of each month, the newest word on each. */
export interface CheckpointsState {
  readonly last: StoredCheckpoint | undefined;
  readonly months: ReadonlyMap<string, MonthState>;
}

const AT_A_TIME = 16;

/** Every file, oldest first. */
export async function* readCheckpoints(
  objects: Pick<CheckpointObjects, 'get' | 'list'>,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const keys: string[] = [];
  for await (const { key } of objects.list(CHECKPOINT_PREFIX, { signal })) keys.push(key);
  for (let start = 0; start < keys.length; start += AT_A_TIME)
    yield* await Promise.all(keys.slice(start, start + AT_A_TIME).map((key) => objects.get(key, { signal })));
}

/** @param known of an earlier call; only what came since is read */
export async function checkpointsState(
  objects: CheckpointObjects,
  known: CheckpointsState | undefined,
  signal: AbortSignal,
): Promise<CheckpointsState> {
  const months = new Map(known?.months);
  let last = known?.last;
  const add = (bytes: Buffer): void => {
    const { checkpoint } = readCheckpoint(bytes);
    last = { checkpoint, sha256: checkpointHash(bytes) };
    for (const state of checkpoint.months) months.set(state.month, state);
  };
  if (last === undefined) for await (const bytes of readCheckpoints(objects, signal)) add(bytes);
  else
    for (let bytes = await next(objects, last, signal); bytes !== undefined; bytes = await next(objects, last, signal))
      add(bytes);
  return { last, months };
}

async function next(
  objects: CheckpointObjects,
  last: StoredCheckpoint | undefined,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  try {
    return await objects.get(checkpointKey((last?.checkpoint.number ?? 0) + 1), { signal });
  } catch (error) {
    if (error instanceof StreamSpaceError && error.code === 'ObjectMissing') return undefined;
    throw error;
  }
}

/** @returns undefined: another replica was faster */
export async function putCheckpoint(
  objects: CheckpointObjects,
  signingKey: KeyObject,
  content: { readonly after: StoredCheckpoint | undefined; readonly at: Date; readonly months: readonly MonthState[] },
  signal: AbortSignal,
): Promise<StoredCheckpoint | undefined> {
  const { after, at, months } = content;
  const checkpoint: Checkpoint = {
    format: 'streamspace.io/audit-checkpoint/v1',
    number: (after?.checkpoint.number ?? 0) + 1,
    previous: after?.sha256 ?? null,
    at: at.toISOString(),
    months: [...months],
  };
  const bytes = signCheckpoint(checkpoint, signingKey);
  try {
    await objects.put(checkpointKey(checkpoint.number), bytes, { signal });
    return { checkpoint, sha256: checkpointHash(bytes) };
  } catch (error) {
    if (error instanceof StreamSpaceError && error.code === 'ObjectExists') return undefined;
    throw error;
  }
}
