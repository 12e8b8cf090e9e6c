// Reading the index of recordings. Every list is in the order of one index, and a page.
import type { Queryable } from '../../../runtime/db/database.ts';
import { type Recording, type RecordingRow, type RecordingState, recordingOf } from './recording.ts';

export interface RecordingFilter {
  /** Name of a session, or `namespace/name`. */
  readonly session?: string | undefined;
  readonly sessionUid?: string | undefined;
  /** Owner or participant. */
  readonly person?: string | undefined;
  readonly team?: string | undefined;
  /** `name` or `namespace/name`. */
  readonly template?: string | undefined;
  readonly state?: RecordingState | undefined;
  /** Recorded at some time between the two. */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** What somebody may see of the list: everything, or some namespaces and what he was in himself. */
export type Horizon = 'everything' | { readonly namespaces: readonly string[]; readonly person: string };

/** Newest first. @param page.before only recordings that began before this one */
export async function listRecordings(
  db: Queryable,
  filter: RecordingFilter,
  horizon: Horizon,
  page: { readonly before: string | undefined; readonly limit: number },
): Promise<readonly Recording[]> {
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const conditions = conditionsOf(filter, bind);
  if (horizon !== 'everything') {
    const person = bind(horizon.person);
    const own = `owner = ${person} or participants @> array[${person}]`;
    conditions.push(`(namespace = any(${bind(horizon.namespaces)}) or ${own})`);
  }
  if (page.before !== undefined) conditions.push(`id < ${bind(page.before)}`);
  const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
  const sql = `select * from recordings ${where} order by id desc limit ${bind(page.limit)}`;
  return (await db.query<RecordingRow>(sql, values)).map(recordingOf);
}

function conditionsOf(filter: RecordingFilter, bind: (value: unknown) => string): string[] {
  const { session, sessionUid, person, team, template, state, from, to } = filter;
  const conditions: string[] = [];
  if (session !== undefined) {
    const [namespace, name] = session.split('/');
    if (name === undefined) conditions.push(`session = ${bind(session)}`);
    else conditions.push(`namespace = ${bind(namespace)} and session = ${bind(name)}`);
  }
  if (sessionUid !== undefined) conditions.push(`session_uid = ${bind(sessionUid)}`);
  if (person !== undefined) {
    const bound = bind(person);
    conditions.push(`(owner = ${bound} or participants @> array[${bound}])`);
  }
  if (team !== undefined) conditions.push(`team = ${bind(team)}`);
  if (template !== undefined) {
    const bound = bind(template);
    conditions.push(`(template = ${bound} or split_part(template, '/', 2) = ${bound})`);
  }
  if (state !== undefined) conditions.push(`state = ${bind(state)}`);
  if (from !== undefined) conditions.push(`coalesce(ended_at, 'infinity') >= ${bind(from)}`);
  if (to !== undefined) conditions.push(`started_at <= ${bind(to)}`);
  return conditions;
}

/** Where there are recordings at all: what rights are asked about. */
export async function namespacesOfRecordings(db: Queryable): Promise<readonly string[]> {
  // A loose index scan: as many steps as there are namespaces, however many recordings.
  const rows = await db.query<{ namespace: string }>(
    `with recursive found as (
       (select namespace from recordings order by namespace limit 1)
       union all
       select (select r.namespace from recordings r where r.namespace > found.namespace order by r.namespace limit 1)
         from found where found.namespace is not null
     ) select namespace from found where namespace is not null limit 1000`,
  );
  return rows.map(({ namespace }) => namespace);
}

export async function findRecording(db: Queryable, id: string): Promise<Recording | undefined> {
  const [row] = await db.query<RecordingRow>('select * from recordings where id = $1', [id]);
  return row === undefined ? undefined : recordingOf(row);
}

export interface Segment {
  /** From 1, without a hole. */
  readonly number: number;
  /** Name of its object below the prefix. */
  readonly file: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly bytes: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  readonly chain: string;
  readonly width: number;
  readonly height: number;
  /** False: its recorder was cut off. */
  readonly closed: boolean;
}

interface SegmentRow extends Record<string, unknown> {
  readonly number: number;
  readonly file: string;
  readonly start_ms: string;
  readonly duration_ms: string;
  readonly bytes: string;
  readonly sha256: string;
  readonly chain: string;
  readonly width: number;
  readonly height: number;
  readonly closed: boolean;
}

function segmentOf({ start_ms, duration_ms, bytes, number, file, sha256, chain, width, height, closed }: SegmentRow): Segment {
  return {
    ...{ number, file, startMs: Number(start_ms), durationMs: Number(duration_ms), bytes: Number(bytes) },
    ...{ sha256, chain, width, height, closed },
  };
}

/** In their order. */
export async function listSegments(
  db: Queryable,
  id: string,
  page: { readonly after: number; readonly limit: number },
): Promise<readonly Segment[]> {
  const sql = 'select * from recording_segments where recording = $1 and number > $2 order by number limit $3';
  return (await db.query<SegmentRow>(sql, [id, page.after, page.limit])).map(segmentOf);
}

export async function findSegment(db: Queryable, id: string, number: number): Promise<Segment | undefined> {
  const sql = 'select * from recording_segments where recording = $1 and number = $2';
  const [row] = await db.query<SegmentRow>(sql, [id, number]);
  return row === undefined ? undefined : segmentOf(row);
}

export interface StoredGap {
  readonly fromMs: number;
  readonly toMs: number | null;
  readonly code: string;
}

/** Of those that are longest ago the first thousand: more of them than that is one long story. */
export async function listGaps(db: Queryable, id: string): Promise<readonly StoredGap[]> {
  const rows = await db.query<{ from_ms: string; to_ms: string | null; code: string }>(
    'select from_ms, to_ms, code from recording_gaps where recording = $1 order by from_ms limit 1000',
    [id],
  );
  return rows.map(({ from_ms, to_ms, code }) => ({ fromMs: Number(from_ms), toMs: to_ms === null ? null : Number(to_ms), code }));
}

export interface StoredMark {
  /** Cursor of the next page. */
  readonly cursor: string;
  readonly atMs: number;
  readonly kind: string;
  readonly detail: Readonly<Record<string, string | number | boolean>>;
}

interface MarkRow extends Record<string, unknown> {
  readonly at_ms: string;
  readonly segment: number;
  readonly place: number;
  readonly kind: string;
  readonly detail: StoredMark['detail'];
}

/** By time. @param page.after the cursor of the last one before */
export async function listMarks(
  db: Queryable,
  id: string,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<readonly StoredMark[]> {
  const [atMs = '-1', segment = '0', place = '0'] = page.after?.split('.') ?? [];
  const rows = await db.query<MarkRow>(
    `select at_ms, segment, place, kind, detail from recording_events
      where recording = $1 and (at_ms, segment, place) > ($2, $3, $4) order by at_ms, segment, place limit $5`,
    [id, atMs, segment, place, page.limit],
  );
  return rows.map(({ at_ms, segment, place, kind, detail }) => ({
    cursor: `${at_ms}.${segment}.${place}`,
    ...{ atMs: Number(at_ms), kind, detail },
  }));
}
