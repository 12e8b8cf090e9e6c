// What the recorder tells of its recordings. Everything may be told twice: a recorder that was cut off begins again where its
// log ends, and what is there already stays as it is.
import type { Database, Queryable } from '../../../runtime/db/database.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { RecordingRules } from '../../../schemas/kinds/policies/recording-rules.ts';
import type { Segment } from './read.ts';
import { type RecordedSession, type Recording, type RecordingRow, recordingOf } from './recording.ts';

export interface PolicyOfRecording {
  /** `namespace/name` of the RecordingPolicy that asks for it, where one is known. */
  readonly name?: string | undefined;
  readonly revision?: string | undefined;
  readonly hash: string;
}

export interface NewRecording {
  /** See recording-id.ts. */
  readonly id: string;
  readonly session: RecordedSession;
  readonly owner: string;
  readonly team?: string | undefined;
  /** `namespace/name`, or the name alone. */
  readonly template: string;
  readonly policy: PolicyOfRecording;
  readonly rules: RecordingRules;
  readonly startedAt: Date;
  /** Every object of the recording begins with it and `/`. */
  readonly keyPrefix: string;
  /** Of the key that the segments are encrypted with. */
  readonly keyId?: string | undefined;
}

/** Where the policy holds all of its recordings, so is this one, in the name of the policy. */
export async function begin(db: Queryable, recording: NewRecording): Promise<void> {
  const { session, policy, rules } = recording;
  const held = rules.legalHold ? `RecordingPolicy ${policy.name ?? ''}`.trim() : null;
  await db.query(
    `insert into recordings (id, namespace, session, session_uid, owner, team, template, policy, policy_revision, policy_hash,
       rules, started_at, key_prefix, key_id, hold_reason, hold_by, hold_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) on conflict (id) do nothing`,
    [
      recording.id,
      ...[session.namespace, session.name, session.uid, recording.owner, recording.team ?? null, recording.template],
      ...[policy.name ?? null, policy.revision ?? null, policy.hash, JSON.stringify(rules)],
      ...[recording.startedAt, recording.keyPrefix, recording.keyId ?? null],
      ...(held === null ? [null, null, null] : ['the policy holds its recordings', held, recording.startedAt]),
    ],
  );
}

/** Another policy is in force for a session while it is recorded: the last one decides who may watch, and for how long it is kept. */
export async function amend(db: Queryable, id: string, policy: PolicyOfRecording, rules: RecordingRules): Promise<void> {
  await db.query(
    `update recordings set policy = $2, policy_revision = $3, policy_hash = $4, rules = $5,
            hold_reason = coalesce(hold_reason, case when $6 then 'the policy holds its recordings' end),
            hold_by = coalesce(hold_by, case when $6 then $7 end), hold_at = coalesce(hold_at, case when $6 then now() end)
      where id = $1 and state = 'Recording'`,
    [
      ...[id, policy.name ?? null, policy.revision ?? null, policy.hash, JSON.stringify(rules)],
      ...[rules.legalHold, `RecordingPolicy ${policy.name ?? ''}`.trim()],
    ],
  );
}

/** Somebody has a stream of a session open: he is a participant of whatever is recorded of it now. */
export async function joined(db: Queryable, sessionUid: string, person: string): Promise<void> {
  await db.query(
    `update recordings set participants = array_append(participants, $2)
      where session_uid = $1 and state = 'Recording' and owner <> $2 and not participants @> array[$2]`,
    [sessionUid, person],
  );
}

export interface MarkedEvent {
  /** Since the recording began. */
  readonly atMs: number;
  /** Such as `input`, `clipboard`, `joined`. */
  readonly kind: string;
  /** No content. */
  readonly detail?: Readonly<Record<string, string | number | boolean>> | undefined;
}

export interface NewSegment extends Segment {
  readonly events: readonly MarkedEvent[];
}

/**
 * Call it when the object is there to stay, and not before.
 * @throws RecordingConflict another segment has this number @throws RecordingDeleted @throws NotFound
 */
export async function addSegment(db: Database, id: string, segment: NewSegment): Promise<void> {
  await db.transaction(async (tx) => {
    await lockLive(tx, id);
    const [there] = await tx.query<{ sha256: string }>(
      'select sha256 from recording_segments where recording = $1 and number = $2',
      [id, segment.number],
    );
    if (there !== undefined) {
      if (there.sha256 === segment.sha256) return;
      throw new StreamSpaceError('RecordingConflict', `segment ${segment.number} of recording ${id} is there, with another hash`);
    }
    const { number, file, startMs, durationMs, bytes, sha256, chain, width, height, closed, events } = segment;
    await tx.query(
      `insert into recording_segments (recording, number, file, start_ms, duration_ms, bytes, sha256, chain, width, height, closed)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [id, number, file, startMs, durationMs, bytes, sha256, chain, width, height, closed],
    );
    await tx.query(
      `insert into recording_events (recording, segment, place, at_ms, kind, detail)
       select $1, $2, place, (e->>'atMs')::bigint, e->>'kind', coalesce(e->'detail', '{}')
         from jsonb_array_elements($3::jsonb) with ordinality as list (e, place)`,
      [id, number, JSON.stringify(events)],
    );
    // A segment that is told late, after one that came later, does not become the end of the chain.
    await tx.query(
      `update recordings set segments = segments + 1, bytes = bytes + $2, duration_ms = greatest(duration_ms, $3),
              chain = case when $4 >= (select max(number) from recording_segments where recording = $1) then $5 else chain end
        where id = $1`,
      [id, bytes, startMs + durationMs, number, chain],
    );
  });
}

export interface Gap {
  readonly fromMs: number;
  /** Null: it is not over, or its end is not known. */
  readonly toMs: number | null;
  /** Why nothing was recorded: an error code. */
  readonly code: string;
}

/** A gap is known by its beginning; told again it has another end. */
export async function gap(db: Queryable, id: string, { fromMs, toMs, code }: Gap): Promise<void> {
  await db.query(
    `insert into recording_gaps (recording, from_ms, to_ms, code)
     select id, $2, $3, $4 from recordings where id = $1 and deleting_at is null
     on conflict (recording, from_ms) do update set to_ms = excluded.to_ms, code = excluded.code`,
    [id, fromMs, toMs, code],
  );
}

/** From its end on its retention counts. The first end that is told counts. */
export async function finish(
  db: Queryable,
  id: string,
  end: { readonly state: 'Complete' | 'Incomplete'; readonly reason?: string | undefined; readonly endedAt: Date },
): Promise<void> {
  await db.query(
    `update recordings set state = $2, reason = $3, ended_at = $4,
            retention_until = $4::timestamptz + (rules->>'retentionDays')::integer * interval '1 day'
      where id = $1 and state = 'Recording'`,
    [id, end.state, end.reason ?? null, end.endedAt],
  );
}

/** What no recorder has ended: for a gateway that starts. Oldest first. */
export async function listUnfinished(db: Queryable): Promise<readonly Recording[]> {
  const rows = await db.query<RecordingRow>(`select * from recordings where state = 'Recording' order by id`);
  return rows.map(recordingOf);
}

async function lockLive(tx: Queryable, id: string): Promise<void> {
  const [row] = await tx.query<{ deleting: boolean }>(
    'select deleting_at is not null as deleting from recordings where id = $1 for update',
    [id],
  );
  if (row === undefined) throw new StreamSpaceError('NotFound', `there is no recording ${id}`);
  if (row.deleting) throw new StreamSpaceError('RecordingDeleted', `recording ${id} was deleted`);
}
