// GitSyncs: what is synced from where.
import { RESOURCES } from '../../../../runtime/kube/resources.ts';
import { gitSyncView, listOf } from '../../../../schemas/api/api.ts';
import { impersonationOf } from '../../../auth/identity.ts';
import type { GitSyncJson } from '../../../sessions/kinds-json.ts';
import { listEverywhere } from '../../../sessions/lists.ts';
import { presentGitSync } from '../../../sessions/views.ts';
import { type Route, route } from '../../route.ts';
import { etag } from '../if-match.ts';
import { type ListPorts, namespacesToLookIn, presentAll } from '../list-ports.ts';
import { objectPath, watchQuery } from '../parameters.ts';
import { cursorOf, wantsEvents } from '../sessions/watching.ts';

export function gitSyncRoutes(ports: ListPorts<GitSyncJson>): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/gitsyncs',
      operationId: 'listGitSyncs',
      summary: 'GitSyncs of every namespace in which the person may read them.',
      tag: 'Git',
      query: watchQuery,
      responses: { 200: { name: 'GitSyncList', schema: listOf(gitSyncView) } },
      streams: true,
      async handle({ person, identity, query, headers, signal }) {
        if (wantsEvents(headers)) return ports.hub.watch(identity, { ...ports, cursor: cursorOf(headers, query) }, signal);
        const namespaces = namespacesToLookIn(ports, person);
        const { resourceVersion, items } = await listEverywhere<GitSyncJson>(ports, RESOURCES.gitSyncs, {
          plural: 'gitsyncs',
          person,
          namespaces,
          signal,
        });
        return { status: 200, body: { metadata: { resourceVersion }, items: await presentAll(ports, person, items) } };
      },
    }),
    route({
      method: 'get',
      path: '/namespaces/{namespace}/gitsyncs/{name}',
      operationId: 'getGitSync',
      summary: 'One GitSync with its last plan.',
      tag: 'Git',
      params: objectPath,
      responses: { 200: { name: 'GitSync', schema: gitSyncView } },
      async handle({ person, params: { namespace, name }, signal }) {
        const asPerson = ports.client.as(impersonationOf(person));
        const sync = await asPerson.get<GitSyncJson>(RESOURCES.gitSyncs, namespace, name, { signal });
        const rules = await ports.decisions.rulesIn(person, namespace);
        return { status: 200, body: presentGitSync(sync, rules), headers: etag(sync.metadata.resourceVersion) };
      },
    }),
  ];
}
