// Recordings in the index, as a recorder tells of them, with a time of their own.
import { createHash } from 'node:crypto';
import type { Database } from '../../runtime/db/database.ts';
import { NOT_RECORDED, type RecordingRules } from '../../schemas/kinds/policies/recording-rules.ts';
import { findRecording } from '../../stream-gateway/store/recordings/read.ts';
import type { Recording } from '../../stream-gateway/store/recordings/recording.ts';
import { newRecordingId } from '../../stream-gateway/store/recordings/recording-id.ts';
import { addSegment, begin, finish, type NewRecording, type NewSegment } from '../../stream-gateway/store/recordings/write.ts';

export const START = new Date('2030-01-01T08:00:00Z');
export const DAY_MS = 86_400_000;
export const timeAt = (ms: number): Date => new Date(START.getTime() + ms);
export const RULES: RecordingRules = { ...NOT_RECORDED, record: 'Always', retentionDays: 30 };

export async function begunRecording(db: Database, changes: Partial<NewRecording> = {}): Promise<NewRecording> {
  const id = newRecordingId(START);
  const recording: NewRecording = {
    id,
    session: { namespace: 'team-web', name: 'one', uid: `uid-${id}` },
    owner: 'member',
    team: 'web',
    template: 'streamspace/terminal',
    policy: { name: 'streamspace/all', revision: 'c0ffee', hash: 'h' },
    rules: RULES,
    startedAt: START,
    keyPrefix: `recordings/${id}`,
    ...changes,
  };
  await begin(db, recording);
  return recording;
}

export const segment = (number: number, changes: Partial<NewSegment> = {}): NewSegment => ({
  number,
  file: `segment-${number}.rec`,
  startMs: (number - 1) * 60_000,
  durationMs: 60_000,
  bytes: 1_000,
  sha256: createHash('sha256').update(`segment ${number}`).digest('hex'),
  chain: createHash('sha256').update(`chain ${number}`).digest('hex'),
  width: 800,
  height: 600,
  closed: true,
  events: [],
  ...changes,
});

export async function foundRecording(db: Database, id: string): Promise<Recording> {
  const recording = await findRecording(db, id);
  if (recording === undefined) throw new Error(`recording ${id} has no row`);
  return recording;
}

/** One that has ended, with two segments. */
export async function endedRecording(db: Database, changes: Partial<NewRecording> = {}): Promise<NewRecording> {
  const recording = await begunRecording(db, changes);
  for (const number of [1, 2]) await addSegment(db, recording.id, segment(number));
  await finish(db, recording.id, { state: 'Complete', endedAt: timeAt(120_000) });
  return recording;
}
