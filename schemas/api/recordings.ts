// What /api/v1 tells of recordings, and what it takes.
import * as z from 'zod';
import { recordWhen, VIEWER_ROLES } from '../kinds/policies/recording-rules.ts';

const time = z.string().meta({ format: 'date-time' });
const milliseconds = z.int().min(0).describe('Milliseconds since the recording began.');

export const RECORDING_STATES = ['Recording', 'Complete', 'Incomplete', 'Deleted'] as const;
export const recordingState = z
  .enum(RECORDING_STATES)
  .describe('`Incomplete`: ended, with a gap. `Deleted`: the pictures are gone, what they were stays.');

/** Why somebody holds, releases or deletes: it stands in the audit. */
const reason = z.string().trim().min(3).max(500).describe('For the audit, and for whoever looks later.');

export const recordingView = z.object({
  id: z.string(),
  session: z.object({ namespace: z.string(), name: z.string(), uid: z.string() }),
  owner: z.string(),
  team: z.string().nullable(),
  template: z.string(),
  policy: z.object({
    name: z.string().nullable().describe('`namespace/name` of the RecordingPolicy that asked for it.'),
    revision: z.string().nullable().describe('Its commit.'),
    hash: z.string().describe('Of the rules that were in force.'),
  }),
  state: recordingState,
  reason: z.string().nullable().describe('An error code, where it is incomplete.'),
  startedAt: time,
  endedAt: time.nullable(),
  durationMs: milliseconds.describe('Up to the end of the last closed segment: it grows while it is recorded.'),
  bytes: z.int(),
  segments: z.int(),
  chain: z.string().nullable().describe('Hash of the chain after the last segment.'),
  keyId: z.string().nullable().describe('Of the key that it is encrypted with.'),
  retentionUntil: time.nullable().describe('null: kept until somebody deletes it, or not ended yet.'),
  hold: z.object({ reason: z.string(), by: z.string(), at: time }).nullable(),
  deleted: z
    .object({ by: z.string().nullable().describe('null: its retention was over.'), reason: z.string(), at: time })
    .nullable()
    .describe('Since `at` nobody can watch it.'),
  viewers: z.array(z.string()).describe('Who may watch, of those who have the right.'),
  role: z.enum(VIEWER_ROLES).describe('As what the reader sees it.'),
  may: z.object({
    watch: z.boolean(),
    download: z.boolean(),
    hold: z.boolean(),
    delete: z.boolean(),
  }),
});
export type RecordingView = z.infer<typeof recordingView>;

/** Newest first; `metadata.continue` is the cursor of the next page, missing on the last. */
export const recordingList = z.object({
  metadata: z.object({ continue: z.string().optional() }),
  items: z.array(recordingView),
});
export type RecordingList = z.infer<typeof recordingList>;

export const recordingDetail = recordingView.extend({
  participants: z.array(z.string()).describe('Who else had the desktop open while it was recorded.'),
  gaps: z
    .array(
      z.object({
        fromMs: milliseconds,
        toMs: milliseconds.nullable().describe('null: not over, or not known.'),
        code: z.string().describe('An error code.'),
      }),
    )
    .describe('When nothing was recorded, and why.'),
  views: z
    .array(
      z.object({
        person: z.string(),
        firstAt: time,
        lastAt: time,
        startMs: milliseconds,
        endMs: milliseconds,
        segments: z.int(),
        download: z.boolean(),
      }),
    )
    .describe('Who watched it: a line for each person and day, the newest 200.'),
});
export type RecordingDetail = z.infer<typeof recordingDetail>;

const page = { metadata: z.object({ continue: z.string().optional() }) };

export const recordingSegment = z.object({
  number: z.int(),
  startMs: milliseconds,
  durationMs: z.int(),
  bytes: z.int(),
  sha256: z.string(),
  chain: z.string().describe('Hash of the chain before it and its own hash.'),
  width: z.int(),
  height: z.int(),
  closed: z.boolean().describe('false: its recorder was cut off; it is whole up to its end.'),
});
/** In their order. */
export const recordingSegmentList = z.object({ ...page, items: z.array(recordingSegment) });
export type RecordingSegment = z.infer<typeof recordingSegment>;
export type RecordingSegmentList = z.infer<typeof recordingSegmentList>;

/** Marks on the time line, by time; no content. */
export const recordingMarkList = z.object({
  ...page,
  items: z.array(
    z.object({
      atMs: milliseconds,
      kind: z.string(),
      detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    }),
  ),
});
export type RecordingMarkList = z.infer<typeof recordingMarkList>;
export type RecordingMark = RecordingMarkList['items'][number];

export const recordingHold = z.object({ held: z.boolean(), reason });
export const recordingDeletion = z.object({ reason });

/** Beginning and ending by hand. */
export const recordingWish = z.object({ record: z.boolean() });
export const recordingConsent = z.object({ agreed: z.boolean() });
/** Whether a session is recorded, as far as its owner decides it. */
export const sessionRecording = z.object({
  record: recordWhen,
  wished: z.boolean().describe('Somebody wants it recorded (`OnDemand`).'),
  consent: z.object({ person: z.string(), agreed: z.boolean(), at: time }).nullable().describe('What the owner answered last.'),
});
export type SessionRecording = z.infer<typeof sessionRecording>;
