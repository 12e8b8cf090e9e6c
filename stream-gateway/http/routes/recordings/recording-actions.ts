// What people do with recordings that are there: hold, release, delete; each with a reason and the right of that name.
import type { Database } from '../../../../runtime/db/database.ts';
import { recordingDeletion, recordingHold, recordingView } from '../../../../schemas/api/recordings.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import { presentRecording } from '../../../recording/library/present.ts';
import type { Person } from '../../../store/people.ts';
import type { Recording } from '../../../store/recordings/recording.ts';
import { hold, markDeleted, release } from '../../../store/recordings/retention.ts';
import { type Route, route } from '../../route.ts';
import { type RecordingPorts, readableRecording, recordingPath } from './recordings.ts';

export interface RecordingActionPorts extends RecordingPorts {
  readonly db: Database;
  readonly now: () => Date;
  /** Something is to be deleted. */
  readonly wakeDeletion: () => void;
}

const named = { name: 'Recording', schema: recordingView };
const objectOf = ({ id }: { readonly id: string }): string => `Recording/-/${id}`;

export function recordingActionRoutes(ports: RecordingActionPorts): readonly Route[] {
  const { db, now, wakeDeletion } = ports;
  return [
    route({
      method: 'post',
      path: '/recordings/{id}/hold',
      operationId: 'holdRecording',
      summary: 'Keeps a recording whatever its retention says, or lifts that.',
      tag: 'Recordings',
      params: recordingPath,
      body: { name: 'RecordingHold', schema: recordingHold },
      responses: { 200: named },
      audit: 'recording.held',
      object: objectOf,
      async handle({ person, params: { id }, body: { held, reason } }) {
        const before = await withRight(ports, person, id, 'hold');
        const { recording, lifted } = held
          ? { recording: await hold(db, id, { by: person.name, reason, at: now() }), lifted: null }
          : await release(db, id);
        const details = { held, reason, ...(lifted === null ? {} : { heldBy: lifted.by, heldBecause: lifted.reason }) };
        return { status: 200, body: await viewOf(ports, person, recording), audited: { object: objectIn(before), details } };
      },
    }),
    route({
      method: 'post',
      path: '/recordings/{id}/deletion',
      operationId: 'deleteRecording',
      summary:
        'Deletes a recording that has ended and that nobody holds. Nobody can watch it from now on; its objects go within a minute.',
      tag: 'Recordings',
      params: recordingPath,
      body: { name: 'RecordingDeletion', schema: recordingDeletion },
      responses: { 202: named },
      audit: 'recording.deletion-requested',
      object: objectOf,
      async handle({ person, params: { id }, body: { reason } }) {
        const before = await withRight(ports, person, id, 'delete');
        const recording = await markDeleted(db, id, { by: person.name, reason, at: now() });
        wakeDeletion();
        const audited = { object: objectIn(before), details: { reason } };
        return { status: 202, body: await viewOf(ports, person, recording), audited };
      },
    }),
  ];
}

const objectIn = ({ id, session }: Recording): string => `Recording/${session.namespace}/${id}`;

/** Asked now. @throws NotFound @throws Forbidden */
async function withRight(ports: RecordingActionPorts, person: Person, id: string, verb: 'hold' | 'delete'): Promise<Recording> {
  const { recording } = await readableRecording(ports, person, id);
  const { namespace } = recording.session;
  if (await ports.asking.ask(person, { verb, resource: 'recordings', namespace })) return recording;
  throw new StreamSpaceError('Forbidden', `${person.name} may not ${verb} recordings in the namespace ${namespace}`);
}

async function viewOf(ports: RecordingActionPorts, person: Person, { id }: Recording) {
  const { recording, reader } = await readableRecording(ports, person, id);
  return presentRecording(recording, reader);
}
