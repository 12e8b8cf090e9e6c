// What is left for me: shown before a launch.
import * as z from 'zod';
import { quotaView } from '../../../schemas/api/quota.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { dnsLabel } from '../../../schemas/kinds/kind.ts';
import { sessionSpec } from '../../../schemas/kinds/session.ts';
import { type VisibleTemplatePorts, visibleTemplate } from '../../sessions/create-session.ts';
import { type QuotaPorts, quotaLeft } from '../../sessions/quota.ts';
import { type Route, route } from '../route.ts';

const query = z.object({
  namespace: dnsLabel.describe('The namespace of the team to start in.'),
  template: sessionSpec.shape.template
    .optional()
    .describe(
      'What to start: `name` or `namespace/name`. Left out: what is left whatever the template is, and nothing is refused.',
    ),
});

export interface QuotaRoutePorts extends VisibleTemplatePorts {
  readonly quota: QuotaPorts;
}

export function quotaRoutes(ports: QuotaRoutePorts): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/quota',
      operationId: 'getQuota',
      summary: 'What quotas leave to the person for a session of this template in this team, and why it would be refused.',
      tag: 'Sessions',
      query,
      responses: { 200: { name: 'QuotaLeft', schema: quotaView } },
      async handle({ person, query: { namespace, template: name }, signal }) {
        if (!(await ports.decisions.ask(person, { verb: 'create', resource: 'sessions', namespace })))
          throw new StreamSpaceError('Forbidden', `${person.name} may not start sessions in the namespace ${namespace}`);
        const template =
          name === undefined ? undefined : await visibleTemplate(ports, { person, namespace, template: name, signal });
        return { status: 200, body: quotaLeft(ports.quota, { owner: person.name, namespace, template }) };
      },
    }),
  ];
}
