// The bytes of a segment, as they were stored and hashed. There is no other way to them: the storage is the gateway's alone, so every
// view passes here, is judged anew, and is audited with its range.
import type { Response } from 'express';
import * as z from 'zod';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { AuditEvent } from '../../../schemas/events.ts';
import type { Identity } from '../../auth/identity.ts';
import { noRecording, requireWatch, type WatchPorts } from '../../recording/library/access.ts';
import type { ReadSegment } from '../../recording/library/objects.ts';
import { findRecording, findSegment, type Segment } from '../../store/recordings/read.ts';
import type { Recording } from '../../store/recordings/recording.ts';
import { noteView } from '../../store/recordings/views.ts';
import { rangeOf } from '../byte-range.ts';
import { localsOf } from '../locals.ts';
import { type Route, route } from '../route.ts';
import { type RecordingPorts, recordingPath } from './recordings.ts';

export interface RecordingBytesPorts extends RecordingPorts, Pick<WatchPorts, 'signedInLately'> {
  readonly readSegment: ReadSegment;
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

export function recordingBytesRoutes(ports: RecordingBytesPorts): readonly Route[] {
  const { db, asking, signedInLately, readSegment } = ports;
  return [
    route({
      method: 'get',
      path: '/recordings/{id}/segments/{number}',
      operationId: 'getRecordingSegment',
      summary: 'The bytes of a closed segment, or a range of them; the ETag is their SHA-256.',
      tag: 'Recordings',
      params: segmentPath,
      responses: { 200: BYTES, 206: BYTES },
      async handle({ identity, params: { id, number }, headers, signal }) {
        const recording = await findRecording(db, id);
        if (recording === undefined) throw noRecording(id);
        const download = isDownload(identity, headers['sec-fetch-dest']);
        await requireWatch({ ask: asking.ask, signedInLately }, identity, recording, download);
        const segment = await findSegment(db, id, number);
        if (segment === undefined) throw new StreamSpaceError('NotFound', `recording ${id} has no closed segment ${number}`);
        const etag = `"${segment.sha256}"`;
        const range =
          headers['if-range'] === undefined || headers['if-range'] === etag ? rangeOf(headers.range, segment.bytes) : 'whole';
        if (range === 'unsatisfiable') return unsatisfiable(segment.bytes, etag);
        const options = range === 'whole' ? { signal } : { signal, range };
        const bytes = await readSegment(recording, segment, options);
        return async (res) => {
          // Before the first byte: a view that cannot be written down does not take place.
          await note(ports, identity, recording, segment, download, res);
          res.setHeader('ETag', etag).setHeader('Accept-Ranges', 'bytes').type('application/octet-stream');
          res.setHeader('Content-Disposition', `attachment; filename="${id}-${number}.rec"`);
          if (range !== 'whole')
            res.status(206).setHeader('Content-Range', `bytes ${range.from}-${range.to - 1}/${segment.bytes}`);
          res.end(bytes);
        };
      },
    }),
  ];
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
  { number, startMs, durationMs }: Segment,
  download: boolean,
  res: Response,
): Promise<void> {
  const range = { startMs, endMs: startMs + durationMs };
  const viewing = { person: person.name, segment: number, ...range, download, at: now() };
  if (!(await noteView(db, id, viewing))) return;
  const { sourceAddress, requestId } = localsOf(res);
  await audit({
    type: 'recording.viewed',
    actor: person.name,
    result: 'success',
    object: `Recording/${session.namespace}/${id}`,
    ...{ sourceAddress, requestId },
    details: { session: session.name, segment: number, ...range, download },
  });
}
