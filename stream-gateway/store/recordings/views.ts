// Who watched a recording, and which part of it.
import type { Queryable } from '../../../runtime/db/database.ts';

export interface RecordingViewing {
  readonly person: string;
  readonly segment: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly download: boolean;
  readonly at: Date;
}

/**
 * A player asks for a segment piece by piece, and again when somebody goes back: within this time that is one
 * view, unless it is of more than before (a picture of its beginning, then all of it).
 */
const ONE_VIEW = '10 minutes';

/** @returns whether it is a view of its own, to be audited */
export async function noteView(db: Queryable, recording: string, viewing: RecordingViewing): Promise<boolean> {
  const { person, segment, startMs, endMs, download, at } = viewing;
  const rows = await db.query(
    `insert into recording_views (recording, person, segment, start_ms, end_ms, download, at)
     select $1, $2, $3, $4, $5, $6, $7 where not exists (
       select from recording_views where recording = $1 and person = $2 and segment = $3 and download = $6
          and end_ms >= $5 and at > $7::timestamptz - interval '${ONE_VIEW}')
     returning seq`,
    [recording, person, segment, startMs, endMs, download, at],
  );
  return rows.length > 0;
}

export interface SummedViews {
  readonly person: string;
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** From the first to the last moment that was watched, in the recording. */
  readonly startMs: number;
  readonly endMs: number;
  readonly segments: number;
  readonly download: boolean;
}

/** Of each person and day, newest first: an hour of watching is one line. */
export async function listViews(db: Queryable, recording: string, limit: number): Promise<readonly SummedViews[]> {
  const rows = await db.query<{
    person: string;
    first_at: Date;
    last_at: Date;
    start_ms: string;
    end_ms: string;
    segments: number;
    download: boolean;
  }>(
    `select person, min(at) as first_at, max(at) as last_at, min(start_ms) as start_ms, max(end_ms) as end_ms,
            count(distinct segment)::integer as segments, download
       from recording_views where recording = $1
      group by person, download, date_trunc('day', at, 'UTC') order by max(seq) desc limit $2`,
    [recording, limit],
  );
  return rows.map(({ person, first_at, last_at, start_ms, end_ms, segments, download }) => ({
    ...{ person, firstAt: first_at, lastAt: last_at },
    ...{ startMs: Number(start_ms), endMs: Number(end_ms), segments, download },
  }));
}
