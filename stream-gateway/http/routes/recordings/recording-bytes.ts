// The bytes of a segment, as they were stored and hashed. There is no other way to them: the storage is the gateway's alone, so every
// view passes here, is judged anew, and is audited with its range.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import * as z from 'zod';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import type { AuditEvent } from '../../../../schemas/events.ts';
import type { Identity } from '../../../auth/identity.ts';
import { noRecording, requireWatch, type WatchPorts } from '../../../recording/library/access.ts';
import type { ReadSegment } from '../../../recording/library/objects.ts';
import { type DataKeyOf, openedRecords, requireWhole } from '../../../recording/library/opened-segment.ts';
import { findRecording, findSegment, type Segment } from '../../../store/recordings/read.ts';
import type { Recording } from '../../../store/recordings/recording.ts';
import { noteView } from '../../../store/recordings/views.ts';
import { rangeOf } from '../../byte-range.ts';
import { localsOf } from '../../locals.ts';
import { type Route, route } from '../../route.ts';
import { type RecordingPorts, recordingPath } from './recordings.ts';

export interface RecordingBytesPorts extends RecordingPorts, Pick<WatchPorts, 'stepUp'> {
  readonly readSegment: ReadSegment;
  readonly dataKeyOf: DataKeyOf;
  readonly audit: (event: AuditEvent) => Promise<void>;
  readonly now: () => Date;
}

const BYTES = {
  name: 'RecordingSegmentBytes',
  schema: z.string().meta({ format: 'binary' }),
  mediaType: 'application/octet-stream',
};
const segmentPath = recordingPath.extend({
  number: z.coerce
    .number()
    .int()
    .min(1)
    .max(2 ** 31 - 1),
});

const RECORDS = { ...BYTES, name: 'RecordingSegmentRecords', mediaType: 'application/vnd.streamspace.records' };
const recordsQuery = z.object({
  untilMs: z.coerce.number().int().min(0).optional().describe('Milliseconds since the segment began. Left out: to its end.'),
});

export function recordingBytesRoutes(ports: RecordingBytesPorts): readonly Route[] {
  const { readSegment } = ports;
  return [
    route({
      method: 'get',
      path: '/recordings/{id}/segments/{number}',
      operationId: 'getRecordingSegment',
      summary: 'The bytes of a closed segment, or a range of them; the ETag is their SHA-256.',
      tag: 'Recordings',
      params: segmentPath,
      responses: { 200: BYTES, 206: BYTES },
      stepUp: { for: 'ViewRecording', askedBy: 'handler' },
      async handle({ identity, params: { id, number }, headers, sourceAddress: address, signal }) {
        const download = isDownload(identity, headers['sec-fetch-dest']);
        const { recording, segment } = await watched(ports, identity, { id, number }, { download, address });
        const etag = `"${segment.sha256}"`;
        const range =
          headers['if-range'] === undefined || headers['if-range'] === etag ? rangeOf(headers.range, segment.bytes) : 'whole';
        if (range === 'unsatisfiable') return unsatisfiable(segment.bytes, etag);
        const options = range === 'whole' ? { signal } : { signal, range };
        const bytes = await readSegment(recording, segment, options);
        // Of a part nothing can be told: who asks for parts has the hash of the whole in the ETag.
        if (range === 'whole') requireWhole(createHash('sha256').update(bytes).digest('hex'), segment);
        return async (res) => {
          // Before the first byte: a view that cannot be written down does not take place.
          await note(ports, identity, recording, rangeShown(segment, undefined), download, res);
          res.setHeader('ETag', etag).setHeader('Accept-Ranges', 'bytes').type('application/octet-stream');
          res.setHeader('Content-Disposition', `attachment; filename="${id}-${number}.rec"`);
          if (range !== 'whole')
            res.status(206).setHeader('Content-Range', `bytes ${range.from}-${range.to - 1}/${segment.bytes}`);
          res.end(bytes);
        };
      },
    }),
    route({
      method: 'get',
      path: '/recordings/{id}/segments/{number}/records',
      operationId: 'getRecordingSegmentRecords',
      summary: 'The records of a closed segment as a player reads them: decrypted, checked, unpacked.',
      tag: 'Recordings',
      params: segmentPath,
      query: recordsQuery,
      responses: { 200: RECORDS },
      stepUp: { for: 'ViewRecording', askedBy: 'handler' },
      async handle({ identity, params, query: { untilMs }, headers, sourceAddress: address, signal }) {
        const download = isDownload(identity, headers['sec-fetch-dest']);
        const { recording, segment } = await watched(ports, identity, params, { download, address });
        if (download && recording.keyId !== null)
          throw new StreamSpaceError(
            'RecordingDownloadOff',
            `recording ${params.id} is encrypted, and opened for the page alone`,
          );
        const key = await ports.dataKeyOf(recording, signal);
        const records = openedRecords(readSegment, recording, segment, { key, untilMs, signal });
        // What is missing or damaged at once is an answer with a code; later it can only end the answer.
        const first = await records.next();
        return async (res) => {
          await note(ports, identity, recording, rangeShown(segment, untilMs), download, res);
          res.type(RECORDS.mediaType).setHeader('Cache-Control', 'no-store');
          const chunks = async function* () {
            if (first.done !== true) yield first.value;
            yield* records;
          };
          await pipeline(Readable.from(chunks()), res).catch((error: unknown) => {
            if (!signal.aborted) throw error;
          });
        };
      },
    }),
  ];
}

/** @throws NotFound, and all that {@link requireWatch} refuses with */
async function watched(
  { db, asking, stepUp }: RecordingBytesPorts,
  identity: Identity,
  { id, number }: z.infer<typeof segmentPath>,
  how: { readonly download: boolean; readonly address: string },
): Promise<{ readonly recording: Recording; readonly segment: Segment }> {
  const recording = await findRecording(db, id);
  if (recording === undefined) throw noRecording(id);
  await requireWatch({ ask: asking.ask, stepUp }, identity, recording, how);
  const segment = await findSegment(db, id, number);
  if (segment === undefined) throw new StreamSpaceError('NotFound', `recording ${id} has no closed segment ${number}`);
  return { recording, segment };
}

/** @param untilMs since the segment began */
function rangeShown({ number, startMs, durationMs }: Segment, untilMs: number | undefined) {
  return { segment: number, startMs, endMs: startMs + Math.min(durationMs, untilMs ?? durationMs) };
}

/** A program with a key takes it along, and so does who opens the address in the browser. The page asks by `fetch`. */
function isDownload({ via }: Identity, destination: string | readonly string[] | undefined): boolean {
  return via !== 'sign-in' || destination !== 'empty';
}

function unsatisfiable(size: number, etag: string) {
  return async (res: Response): Promise<void> => {
    res.status(416).setHeader('Content-Range', `bytes */${size}`).setHeader('ETag', etag).end();
  };
}

async function note(
  { db, audit, now }: RecordingBytesPorts,
  { person }: Identity,
  { id, session }: Recording,
  range: ReturnType<typeof rangeShown>,
  download: boolean,
  res: Response,
): Promise<void> {
  const viewing = { person: person.name, ...range, download, at: now() };
  if (!(await noteView(db, id, viewing))) return;
  const { sourceAddress, requestId } = localsOf(res);
  await audit({
    type: 'recording.viewed',
    actor: person.name,
    result: 'success',
    object: `Recording/${session.namespace}/${id}`,
    ...{ sourceAddress, requestId },
    details: { session: session.name, ...range, download },
  });
}
