// What is left for me: shown before a launch.
import * as z from 'zod';
import type { Queryable } from '../../../../runtime/db/database.ts';
import { RESOURCES } from '../../../../runtime/kube/resources.ts';
import { quotaList, quotaView } from '../../../../schemas/api/quota.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import { dnsLabel } from '../../../../schemas/kinds/kind.ts';
import { sessionSpec } from '../../../../schemas/kinds/sessions/session.ts';
import { originOf } from '../../../access/origins.ts';
import { type VisibleTemplatePorts, visibleTemplate } from '../../../sessions/create-session.ts';
import type { GitSyncJson, QuotaJson } from '../../../sessions/kinds-json.ts';
import { listEverywhere } from '../../../sessions/lists.ts';
import { type QuotaPorts, quotaLeft } from '../../../sessions/quota.ts';
import { quotaRows } from '../../../sessions/quota-rows.ts';
import type { Person } from '../../../store/people.ts';
import { type Route, route } from '../../route.ts';

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
  readonly db: Queryable;
  readonly gitSyncs: () => Iterable<GitSyncJson>;
  /** Where the person may have something. */
  readonly namespacesOf: (person: Person) => readonly string[];
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
    route({
      method: 'get',
      path: '/quotas',
      operationId: 'listQuotas',
      summary: 'The quotas that the person may read, with what is in use of each now, and where each stands in Git.',
      tag: 'Sessions',
      responses: { 200: { name: 'QuotaList', schema: quotaList } },
      async handle({ person, signal }) {
        const namespaces = new Set(ports.namespacesOf(person));
        const wish = { plural: 'quotas', person, namespaces, signal } as const;
        const { items } = await listEverywhere<QuotaJson>(ports, RESOURCES.quotas, wish);
        const syncs = [...ports.gitSyncs()];
        const rows = await quotaRows(
          ports.quota,
          items,
          async (quota) => (await originOf(ports.db, { ...quota, kind: RESOURCES.quotas.kind }, syncs))[0] ?? null,
        );
        return { status: 200, body: { items: rows } };
      },
    }),
  ];
}
