// The index of recordings: what there is, and what each is made of. What a person may not know of is not there.
import * as z from 'zod';
import type { Queryable } from '../../../../runtime/db/database.ts';
import {
  type RecordingView,
  recordingDetail,
  recordingList,
  recordingMarkList,
  recordingSegmentList,
  recordingState,
} from '../../../../schemas/api/recordings.ts';
import { type Asking, horizonOf, noRecording, readerOf } from '../../../recording/library/access.ts';
import { presentDetail, presentRecording, type Reader } from '../../../recording/library/present.ts';
import type { Person } from '../../../store/people.ts';
import { findRecording, listGaps, listMarks, listRecordings, listSegments } from '../../../store/recordings/read.ts';
import type { Recording } from '../../../store/recordings/recording.ts';
import { listViews } from '../../../store/recordings/views.ts';
import { type Route, route } from '../../route.ts';

export interface RecordingPorts {
  readonly db: Queryable;
  readonly asking: Asking;
}

export const recordingPath = z.object({ id: z.uuid() });

const MAX_VIEWS = 200;
const time = z.iso.datetime({ offset: true });
const name = z.string().min(1).max(253);
const listQuery = z.object({
  session: z.string().min(1).max(317).optional().describe('Name of a session, or namespace/name.'),
  sessionUid: z.string().max(64).optional().describe('A session that was made anew under the same name has another.'),
  person: z.string().max(128).optional().describe('Owner or participant.'),
  team: name.optional(),
  template: z.string().min(1).max(317).optional().describe('Name of a template, or namespace/name.'),
  state: recordingState.optional(),
  from: time.optional().describe('Recorded at this time or later.'),
  to: time.optional().describe('Recorded at this time or before.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  continue: z.uuid().optional().describe('`metadata.continue` of the page before.'),
});
const segmentsQuery = z.object({
  limit: z.coerce.number().int().min(1).max(2000).default(500),
  continue: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .optional()
    .describe('`metadata.continue` of the page before.'),
});
const marksQuery = z.object({
  limit: z.coerce.number().int().min(1).max(5000).default(1000),
  continue: z
    .string()
    .regex(/^\d{1,15}\.\d{1,9}\.\d{1,9}$/, 'write metadata.continue of the page before')
    .optional(),
});

export function recordingRoutes({ db, asking }: RecordingPorts): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/recordings',
      operationId: 'listRecordings',
      summary: 'Recordings that the person owns, was in, or has the right to know of, newest first.',
      tag: 'Recordings',
      query: listQuery,
      responses: { 200: { name: 'RecordingList', schema: recordingList } },
      async handle({ person, query }) {
        const { from, to, limit, continue: before, ...filter } = query;
        const times = { from: from === undefined ? undefined : new Date(from), to: to === undefined ? undefined : new Date(to) };
        const horizon = await horizonOf(asking, db, person);
        // One more than asked for tells whether there is another page.
        const rows = await listRecordings(db, { ...filter, ...times }, horizon, { before, limit: limit + 1 });
        const page = rows.slice(0, limit);
        const items: RecordingView[] = [];
        for (const recording of page) {
          const reader = await readerOf(asking, person, recording);
          if (reader !== undefined) items.push(presentRecording(recording, reader));
        }
        const last = rows.length > limit ? page.at(-1)?.id : undefined;
        return { status: 200, body: { metadata: last === undefined ? {} : { continue: last }, items } };
      },
    }),
    route({
      method: 'get',
      path: '/recordings/{id}',
      operationId: 'getRecording',
      summary: 'One recording, with its gaps and who watched it.',
      tag: 'Recordings',
      params: recordingPath,
      responses: { 200: { name: 'RecordingDetail', schema: recordingDetail } },
      async handle({ person, params: { id } }) {
        const { recording, reader } = await readableRecording({ db, asking }, person, id);
        const [gaps, views] = await Promise.all([listGaps(db, id), listViews(db, id, MAX_VIEWS)]);
        return { status: 200, body: presentDetail(recording, reader, { gaps, views }) };
      },
    }),
    route({
      method: 'get',
      path: '/recordings/{id}/segments',
      operationId: 'listRecordingSegments',
      summary: 'The segments that are closed, in their order: times, sizes and hashes.',
      tag: 'Recordings',
      params: recordingPath,
      query: segmentsQuery,
      responses: { 200: { name: 'RecordingSegmentList', schema: recordingSegmentList } },
      async handle({ person, params: { id }, query: { limit, continue: after = 0 } }) {
        await readableRecording({ db, asking }, person, id);
        const rows = await listSegments(db, id, { after, limit: limit + 1 });
        const page = rows.slice(0, limit);
        const last = rows.length > limit ? page.at(-1)?.number.toString() : undefined;
        const items = page.map(({ file: _, ...segment }) => segment);
        return { status: 200, body: { metadata: last === undefined ? {} : { continue: last }, items } };
      },
    }),
    route({
      method: 'get',
      path: '/recordings/{id}/events',
      operationId: 'listRecordingEvents',
      summary: 'Marks on the time line of a recording: that there was input, that a clipboard passed; no content.',
      tag: 'Recordings',
      params: recordingPath,
      query: marksQuery,
      responses: { 200: { name: 'RecordingEventList', schema: recordingMarkList } },
      async handle({ person, params: { id }, query: { limit, continue: after } }) {
        await readableRecording({ db, asking }, person, id);
        const rows = await listMarks(db, id, { after, limit: limit + 1 });
        const page = rows.slice(0, limit);
        const last = rows.length > limit ? page.at(-1)?.cursor : undefined;
        const items = page.map(({ cursor: _, ...mark }) => mark);
        return { status: 200, body: { metadata: last === undefined ? {} : { continue: last }, items } };
      },
    }),
  ];
}

/** @throws NotFound for what the person may not know of, as for what is not there */
export async function readableRecording(
  { db, asking }: RecordingPorts,
  person: Person,
  id: string,
): Promise<{ readonly recording: Recording; readonly reader: Reader }> {
  const recording = await findRecording(db, id);
  const reader = recording === undefined ? undefined : await readerOf(asking, person, recording);
  if (recording === undefined || reader === undefined) throw noRecording(id);
  return { recording, reader };
}
