// Who is in a session, and what those who control it by a right of their own decide about the others.
import * as z from 'zod';
import type { Database } from '../../../../runtime/db/database.ts';
import { RESOURCES } from '../../../../runtime/kube/resources.ts';
import { controlDecision, controlRequest, participantList, visitDecision } from '../../../../schemas/api/sharing.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import type { SessionJson } from '../../../sessions/kinds-json.ts';
import { UNTOUCHED } from '../../../sharing/live-seat.ts';
import { type MakeSharePorts, requireControl } from '../../../sharing/make-share.ts';
import type { Presence } from '../../../sharing/presence.ts';
import { guestName, personHere } from '../../../sharing/presence-notice.ts';
import { putOut } from '../../../sharing/put-out.ts';
import type { Shares } from '../../../sharing/shares.ts';
import { askForControl, decideControl, listSeats } from '../../../store/seats.ts';
import { decideVisit, listWaiting } from '../../../store/visits.ts';
import { type Route, route } from '../../route.ts';
import { objectPath } from '../parameters.ts';

export interface ParticipantPorts extends Pick<MakeSharePorts, 'client' | 'decisions'> {
  readonly db: Database;
  readonly shares: Shares;
  readonly presence: Pick<Presence, 'ring'>;
}

const seatPath = objectPath.extend({ id: z.uuid() });
const objectOf = ({ namespace, name }: z.infer<typeof objectPath>): string => `Session/${namespace}/${name}`;
const gone = (): StreamSpaceError =>
  new StreamSpaceError('ControlNotAsked', 'nobody with this id is in the session whom this could be done to');

/** @throws ShareModeNotAllowed */
export function requireControlAllowed(shares: Shares, namespace: string, session: string): void {
  if (!shares.policyOf(namespace, session).modes.includes('Control'))
    throw new StreamSpaceError('ShareModeNotAllowed', 'the policy does not allow others to have control');
}

export function participantRoutes(ports: ParticipantPorts): readonly Route[] {
  const { client, decisions, db, shares, presence } = ports;
  return [
    route({
      method: 'get',
      path: '/namespaces/{namespace}/sessions/{name}/participants',
      operationId: 'listParticipants',
      summary: 'Who is in the session now, over all replicas of the gateway.',
      tag: 'Sharing',
      params: objectPath,
      responses: { 200: { name: 'ParticipantList', schema: participantList } },
      async handle({ person, params: { namespace, name } }) {
        if (!(await decisions.ask(person, { verb: 'observe', resource: 'sessions', namespace, name })))
          throw new StreamSpaceError('Forbidden', `${person.name} may not observe session ${namespace}/${name}`);
        const uid = (await client.get<SessionJson>(RESOURCES.sessions, namespace, name)).metadata.uid ?? '';
        const [rows, waiting] = await Promise.all([listSeats(db, [uid]), listWaiting(db, [uid])]);
        return {
          status: 200,
          body: {
            items: rows.filter(({ kicked }) => !kicked).map((row) => personHere(row, { ...UNTOUCHED, ...shares.stateOf(row) })),
            waiting: waiting.map((guest) => ({ id: guest.id, name: guestName(guest.person) })),
          },
        };
      },
    }),
    route({
      method: 'patch',
      path: '/namespaces/{namespace}/sessions/{name}/participants/{id}',
      operationId: 'decideControl',
      summary: 'Gives somebody who is there control, or takes it.',
      tag: 'Sharing',
      params: seatPath,
      body: { name: 'ControlDecision', schema: controlDecision },
      responses: { 204: null },
      audit: 'control.given',
      object: objectOf,
      async handle({ person, params, body }) {
        const session = await requireControl(ports, person, params);
        if (body.control === 'Given') requireControlAllowed(shares, params.namespace, params.name);
        const whom = await decideControl(db, params.id, session.metadata.uid ?? '', body.control);
        if (whom === undefined) throw gone();
        presence.ring(session.metadata.uid ?? '');
        const type = body.control === 'Given' ? 'control.given' : 'control.taken';
        return { status: 204, audited: { type, object: objectOf(params), details: { participant: whom } } };
      },
    }),
    route({
      method: 'delete',
      path: '/namespaces/{namespace}/sessions/{name}/participants/{id}',
      operationId: 'kickParticipant',
      summary: 'Puts somebody out of the session; whoever came through a share does not come back through it.',
      tag: 'Sharing',
      params: seatPath,
      responses: { 204: null },
      audit: 'participant.kicked',
      object: objectOf,
      async handle({ person, params }) {
        const session = await requireControl(ports, person, params);
        const seat = await putOut({ db, shares }, params.id, session.metadata.uid ?? '');
        if (seat === undefined) throw gone();
        presence.ring(seat.sessionUid);
        return { status: 204, audited: { object: objectOf(params), details: { participant: seat.person } } };
      },
    }),
    route({
      method: 'patch',
      path: '/namespaces/{namespace}/sessions/{name}/visits/{id}',
      operationId: 'decideVisit',
      summary: 'Lets a waiting guest in, or turns him away.',
      tag: 'Sharing',
      params: seatPath,
      body: { name: 'VisitDecision', schema: visitDecision },
      responses: { 204: null },
      audit: 'guest.admitted',
      object: objectOf,
      async handle({ person, params, body }) {
        const session = await requireControl(ports, person, params);
        const visit = await decideVisit(db, params.id, session.metadata.uid ?? '', body.state);
        if (visit === undefined) throw gone();
        presence.ring(visit.sessionUid);
        const type = body.state === 'Admitted' ? 'guest.admitted' : 'guest.denied';
        return { status: 204, audited: { type, object: objectOf(params), details: { guest: visit.person } } };
      },
    }),
    route({
      method: 'post',
      path: '/namespaces/{namespace}/sessions/{name}/control-requests',
      operationId: 'requestControl',
      summary: 'Asks whoever controls the session for control, or takes that back; for one who is in it.',
      tag: 'Sharing',
      params: objectPath,
      body: { name: 'ControlRequest', schema: controlRequest },
      responses: { 204: null },
      audit: 'control.asked',
      object: objectOf,
      async handle({ person, params, body }) {
        requireControlAllowed(shares, params.namespace, params.name);
        // One that is not there is one that he is not in: whoever asks may know no more.
        const session = await client.find<SessionJson>(RESOURCES.sessions, params.namespace, params.name);
        const seats = { sessionUid: session?.metadata.uid ?? '', person: person.name, visit: null };
        if ((await askForControl(db, seats, body)) === 0) throw gone();
        presence.ring(seats.sessionUid);
        return { status: 204, audited: { object: objectOf(params), details: { asking: body.asking } } };
      },
    }),
  ];
}
