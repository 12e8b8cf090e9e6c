// "Keep working": puts off the end of a session in which nobody types.
import { snoozed } from '../../../../schemas/api/snooze.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import type { Decisions } from '../../../auth/decisions.ts';
import { type SnoozePorts, snooze } from '../../../sessions/snooze.ts';
import { type Route, route } from '../../route.ts';
import { objectPath } from '../parameters.ts';

export interface SnoozeRoutePorts extends SnoozePorts {
  readonly decisions: Pick<Decisions, 'ask'>;
}

export function snoozeRoutes(ports: SnoozeRoutePorts): readonly Route[] {
  return [
    route({
      method: 'post',
      path: '/namespaces/{namespace}/sessions/{name}/snooze',
      operationId: 'snoozeSession',
      summary: 'Puts the end of an idle session off, as often as its policy lets, with the right to control it.',
      tag: 'Sessions',
      params: objectPath,
      responses: { 200: { name: 'Snoozed', schema: snoozed } },
      audit: 'session.snoozed',
      object: ({ namespace, name }) => `Session/${namespace}/${name}`,
      async handle({ person, params: { namespace, name } }) {
        if (!(await ports.decisions.ask(person, { verb: 'control', resource: 'sessions', namespace, name })))
          throw new StreamSpaceError('Forbidden', `${person.name} may not control session ${namespace}/${name}`);
        const body = await snooze(ports, { namespace, name, by: person.name });
        const details = { until: body.until, snoozes: body.snoozes };
        return { status: 200, body, audited: { object: `Session/${namespace}/${name}`, details } };
      },
    }),
  ];
}
