// What the page asks about recordings and does with them.
import type {
  RecordingDetail,
  RecordingList,
  RecordingMark,
  RecordingMarkList,
  RecordingSegment,
  RecordingSegmentList,
  RecordingView,
  SessionRecording,
} from '../../../../../schemas/api/recordings.ts';
import type { RecordingsSearch } from '../../routes/search.ts';

export type {
  RecordingDetail,
  RecordingList,
  RecordingMark,
  RecordingSegment,
  RecordingSegmentList,
  RecordingView,
  SessionRecording,
};

interface SessionName {
  readonly namespace: string;
  readonly name: string;
}

export interface RecordingsApi {
  recordings(filter: RecordingsSearch, cursor: string | null, signal: AbortSignal): Promise<RecordingList>;
  recording(id: string, signal: AbortSignal): Promise<RecordingDetail>;
  recordingSegments(id: string, cursor: string | null, signal: AbortSignal): Promise<RecordingSegmentList>;
  /** All that are closed. */
  everySegment(id: string, signal: AbortSignal): Promise<readonly RecordingSegment[]>;
  /** All marks, up to a hundred thousand. */
  everyMark(id: string, signal: AbortSignal): Promise<readonly RecordingMark[]>;
  holdRecording(id: string, hold: { readonly held: boolean; readonly reason: string }): Promise<void>;
  deleteRecording(id: string, reason: string): Promise<void>;
  sessionRecording(session: SessionName, signal: AbortSignal): Promise<SessionRecording>;
  /** Begins or ends a recording by hand. */
  recordSession(session: SessionName, record: boolean): Promise<void>;
  consentToRecording(session: SessionName, agreed: boolean): Promise<void>;
}

interface RecordingsApiPorts {
  get<T>(path: string, signal: AbortSignal): Promise<T>;
  post(path: string, body: unknown): Promise<unknown>;
}

const PAGE = 50;
const DAY_MS = 86_400_000;

export function recordingsApi({ get, post }: RecordingsApiPorts): RecordingsApi {
  return {
    recordings: (filter, cursor, signal) => get(`/api/v1/recordings?${queryOf(filter, cursor)}`, signal),
    recording: (id, signal) => get(recordingPath(id), signal),
    recordingSegments: (id, cursor, signal) =>
      get(`${recordingPath(id)}/segments${cursor === null ? '' : `?continue=${encodeURIComponent(cursor)}`}`, signal),
    everySegment: (id, signal) =>
      everyPage((cursor) => get<RecordingSegmentList>(`${recordingPath(id)}/segments?limit=2000${cursor}`, signal)),
    everyMark: (id, signal) =>
      everyPage((cursor) => get<RecordingMarkList>(`${recordingPath(id)}/events?limit=5000${cursor}`, signal)),
    holdRecording: async (id, hold) => void (await post(`${recordingPath(id)}/hold`, hold)),
    deleteRecording: async (id, reason) => void (await post(`${recordingPath(id)}/deletion`, { reason })),
    sessionRecording: (session, signal) => get(ofSession(session), signal),
    recordSession: async (session, record) => void (await post(ofSession(session), { record })),
    consentToRecording: async (session, agreed) => void (await post(`${ofSession(session)}/consent`, { agreed })),
  };
}

const MAX_PAGES = 20;

async function everyPage<T>(
  read: (
    cursor: string,
  ) => Promise<{ readonly metadata: { readonly continue?: string | undefined }; readonly items: readonly T[] }>,
): Promise<readonly T[]> {
  const all: T[] = [];
  let cursor = '';
  for (let count = 0; count < MAX_PAGES; count += 1) {
    const { items, metadata } = await read(cursor);
    all.push(...items);
    if (metadata.continue === undefined) break;
    cursor = `&continue=${encodeURIComponent(metadata.continue)}`;
  }
  return all;
}

/** Of a recording, in the API. */
export function recordingPath(id: string): string {
  return `/api/v1/recordings/${encodeURIComponent(id)}`;
}

function ofSession({ namespace, name }: SessionName): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/sessions/${encodeURIComponent(name)}/recording`;
}

/** Days are those of the reader: from the first moment of the one to the last of the other. */
function queryOf(filter: RecordingsSearch, cursor: string | null): URLSearchParams {
  const { session, person, team, template, state, from, to } = filter; // an address may have more in it
  const query = new URLSearchParams({ limit: String(PAGE) });
  const words = { session, person, team, template, state };
  for (const [name, value] of Object.entries(words)) if (value !== undefined) query.set(name, value);
  if (from !== undefined) query.set('from', startOfDay(from).toISOString());
  if (to !== undefined) query.set('to', new Date(startOfDay(to).getTime() + DAY_MS - 1).toISOString());
  if (cursor !== null) query.set('continue', cursor);
  return query;
}

/** @param day `2026-11-28` */
function startOfDay(day: string): Date {
  return new Date(`${day}T00:00:00`);
}
