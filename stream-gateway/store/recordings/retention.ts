// The end of recordings: legal hold, and deletion in steps that a crash between them does not undo. First the row says that it is
// being deleted, from then on nobody watches it and no hold is set; then its objects go; then its rows, and the row itself stays as a
// tombstone. Whoever starts in the middle does the same again.
import type { Database, Queryable } from '../../../runtime/db/database.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { type Recording, type RecordingRow, recordingOf } from './recording.ts';

/** Held recordings are not deleted, by nobody. A hold that is there already stays as it is. */
export async function hold(
  db: Queryable,
  id: string,
  who: { readonly by: string; readonly reason: string; readonly at: Date },
): Promise<Recording> {
  const [row] = await db.query<RecordingRow>(
    `update recordings set hold_reason = coalesce(hold_reason, $2), hold_by = coalesce(hold_by, $3), hold_at = coalesce(hold_at, $4)
      where id = $1 and deleting_at is null returning *`,
    [id, who.reason, who.by, who.at],
  );
  if (row === undefined) throw await whyNot(db, id);
  return recordingOf(row);
}

/** @returns it as it is then, and the hold that was lifted, `null` where there was none @throws NotFound @throws RecordingDeleted */
export async function release(db: Database, id: string): Promise<{ recording: Recording; lifted: Recording['hold'] }> {
  return await db.transaction(async (tx) => {
    const [before] = await tx.query<RecordingRow>('select * from recordings where id = $1 for update', [id]);
    if (before === undefined || before.deleting_at !== null) throw await whyNot(tx, id);
    const [row] = await tx.query<RecordingRow>(
      'update recordings set hold_reason = null, hold_by = null, hold_at = null where id = $1 returning *',
      [id],
    );
    return { recording: recordingOf(row ?? before), lifted: recordingOf(before).hold };
  });
}

/**
 * From here on it is deleted, whatever happens to this process.
 * @throws RecordingHeld @throws RecordingLive @throws RecordingDeleted @throws NotFound
 */
export async function markDeleted(
  db: Queryable,
  id: string,
  who: { readonly by: string; readonly reason: string; readonly at: Date },
): Promise<Recording> {
  const [row] = await db.query<RecordingRow>(
    `update recordings set deleting_at = $4, deleted_by = $2, deleted_reason = $3
      where id = $1 and deleting_at is null and hold_reason is null and state <> 'Recording' returning *`,
    [id, who.by, who.reason, who.at],
  );
  if (row === undefined) throw await whyNot(db, id);
  return recordingOf(row);
}

async function whyNot(db: Queryable, id: string): Promise<StreamSpaceError> {
  const [row] = await db.query<RecordingRow>('select * from recordings where id = $1', [id]);
  if (row === undefined) return new StreamSpaceError('NotFound', `there is no recording ${id}`);
  if (row.deleting_at !== null) return new StreamSpaceError('RecordingDeleted', `recording ${id} was deleted`);
  if (row.hold_reason !== null)
    return new StreamSpaceError('RecordingHeld', `recording ${id} is under a legal hold of ${row.hold_by ?? ''}`);
  return new StreamSpaceError('RecordingLive', `recording ${id} has not ended`);
}

/** Marks what has been kept for long enough, as many as `limit`. @returns how many */
export async function markExpired(db: Queryable, now: Date, limit: number): Promise<number> {
  const rows = await db.query(
    `update recordings set deleting_at = $1, deleted_by = null, deleted_reason = 'its retention is over' where id in (
       select id from recordings
        where retention_until <= $1 and deleting_at is null and hold_reason is null and state <> 'Recording'
        order by retention_until limit $2 for update skip locked)
     returning id`,
    [now, limit],
  );
  return rows.length;
}

/** Long enough for the objects of a long recording; then another replica may try. */
const CLAIM = '10 minutes';

/** The oldest that is marked and that no other replica is deleting just now. */
export async function claimMarked(db: Queryable, now: Date): Promise<Recording | undefined> {
  const [row] = await db.query<RecordingRow>(
    `update recordings set claimed_until = $1::timestamptz + interval '${CLAIM}' where id = (
       select id from recordings where deleting_at is not null and deleted_at is null and coalesce(claimed_until, $1) <= $1
        order by deleting_at limit 1 for update skip locked)
     returning *`,
    [now],
  );
  return row === undefined ? undefined : recordingOf(row);
}

/** It could not be deleted now: the next round tries again. */
export async function giveBack(db: Queryable, id: string, retryAt: Date): Promise<void> {
  await db.query('update recordings set claimed_until = $2 where id = $1 and deleted_at is null', [id, retryAt]);
}

/** Its objects are gone: so are its rows, but for the tombstone. Twice is once. */
export async function bury(db: Database, id: string, at: Date): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query('delete from recording_segments where recording = $1', [id]);
    await tx.query('delete from recording_events where recording = $1', [id]);
    await tx.query('delete from recording_gaps where recording = $1', [id]);
    await tx.query(
      `update recordings set state = 'Deleted', deleted_at = $2, claimed_until = null
        where id = $1 and deleting_at is not null and deleted_at is null`,
      [id, at],
    );
  });
}
