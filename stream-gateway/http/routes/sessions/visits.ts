// The way in by a link, for people with an account and without: its secret comes in the body of a POST and is in no address.

import { ticketView } from '../../../../schemas/api/api.ts';
import { visitControlRequest, visitCreate, visitCreated, visitPass, visitView } from '../../../../schemas/api/sharing.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import type { Identity } from '../../../auth/identity.ts';
import type { Presence } from '../../../sharing/presence.ts';
import { type Caller, openLink, readVisit, requireAdmitted, ticketForVisit, type VisitPorts } from '../../../sharing/visits.ts';
import { askForControl } from '../../../store/seats.ts';
import { NOBODY } from '../../nobody.ts';
import { type Route, route } from '../../route.ts';
import { requireControlAllowed } from './participants.ts';

export interface VisitRoutePorts extends VisitPorts {
  readonly presence: Pick<Presence, 'ring'>;
}

const callerOf = (identity: Identity): Caller => (identity === NOBODY ? undefined : identity);

export function visitRoutes(ports: VisitRoutePorts): readonly Route[] {
  return [
    route({
      method: 'post',
      path: '/share/visits',
      operationId: 'openLink',
      summary: 'Opens a link once: for its secret a pass, by which the visitor gets tickets until the share ends.',
      tag: 'Sharing',
      public: 'knownIfSignedIn',
      body: { name: 'VisitCreate', schema: visitCreate },
      responses: { 201: { name: 'VisitCreated', schema: visitCreated } },
      audit: 'share.used',
      refused: 'share.refused',
      async handle({ identity, body, sourceAddress }) {
        const { visit, person, object, share } = await openLink(ports, callerOf(identity), { ...body, sourceAddress });
        const details = { share, guest: visit.guest, state: visit.state };
        return { status: 201, body: visit, audited: { actor: person, object, details } };
      },
    }),
    route({
      method: 'post',
      path: '/share/visits/state',
      operationId: 'getVisit',
      summary: 'Whether a visitor has been let in; whoever waits asks again and again.',
      tag: 'Sharing',
      public: 'knownIfSignedIn',
      body: { name: 'VisitPass', schema: visitPass },
      responses: { 200: { name: 'Visit', schema: visitView } },
      handle: async ({ identity, body: { pass } }) => ({
        status: 200,
        body: (await readVisit(ports, callerOf(identity), pass)).view,
      }),
    }),
    route({
      method: 'post',
      path: '/share/tickets',
      operationId: 'createVisitTicket',
      summary: 'A ticket that opens one stream within 30 seconds, for a visitor who was let in.',
      tag: 'Sharing',
      public: 'knownIfSignedIn',
      body: { name: 'VisitPass', schema: visitPass },
      responses: { 201: { name: 'Ticket', schema: ticketView } },
      audit: 'ticket.issued',
      refused: 'share.refused',
      async handle({ identity, body: { pass } }) {
        const { ticket, right, visit } = await ticketForVisit(ports, callerOf(identity), pass);
        const object = `Session/${visit.namespace}/${visit.session}`;
        return {
          status: 201,
          body: ticket,
          audited: { actor: visit.person, object, details: { right, share: visit.share } },
        };
      },
    }),
    route({
      method: 'post',
      path: '/share/control-requests',
      operationId: 'requestControlAsVisitor',
      summary: 'Asks whoever controls the session for control, or takes that back.',
      tag: 'Sharing',
      public: 'knownIfSignedIn',
      body: { name: 'VisitControlRequest', schema: visitControlRequest },
      responses: { 204: null },
      audit: 'control.asked',
      async handle({ identity, body: { pass, asking } }) {
        const { visit } = await readVisit(ports, callerOf(identity), pass);
        requireAdmitted(visit);
        requireControlAllowed(ports.shares, visit.namespace, visit.session);
        const seats = { sessionUid: visit.sessionUid, person: visit.person, visit: visit.id };
        if ((await askForControl(ports.db, seats, { asking })) === 0)
          throw new StreamSpaceError('ControlNotAsked', 'you are not in the session');
        ports.presence.ring(visit.sessionUid);
        const object = `Session/${visit.namespace}/${visit.session}`;
        return { status: 204, audited: { actor: visit.person, object, details: { asking } } };
      },
    }),
  ];
}
