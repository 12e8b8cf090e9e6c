// The catalog: templates of every namespace in which the person may read them.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import { listOf, templateView } from '../../../schemas/api/api.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { impersonationOf } from '../../auth/identity.ts';
import type { TemplateJson } from '../../sessions/kinds-json.ts';
import { listEverywhere } from '../../sessions/lists.ts';
import { type Route, route } from '../route.ts';
import { etag } from './if-match.ts';
import { type ListPorts, namespacesToLookIn, presentAll } from './list-ports.ts';
import { objectPath, watchQuery } from './parameters.ts';
import { cursorOf, wantsEvents } from './sessions/watching.ts';

export function templateRoutes(ports: ListPorts<TemplateJson>): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/templates',
      operationId: 'listTemplates',
      summary: 'Templates that the person may launch, of all namespaces. Drafts only for who may change them.',
      tag: 'Templates',
      query: watchQuery,
      responses: { 200: { name: 'TemplateList', schema: listOf(templateView) } },
      streams: true,
      async handle({ person, identity, query, headers, signal }) {
        if (wantsEvents(headers)) return ports.hub.watch(identity, { ...ports, cursor: cursorOf(headers, query) }, signal);
        const namespaces = namespacesToLookIn(ports, person);
        const { resourceVersion, items } = await listEverywhere<TemplateJson>(ports, RESOURCES.templates, {
          plural: 'templates',
          person,
          namespaces,
          signal,
        });
        return { status: 200, body: { metadata: { resourceVersion }, items: await presentAll(ports, person, items) } };
      },
    }),
    route({
      method: 'get',
      path: '/namespaces/{namespace}/templates/{name}',
      operationId: 'getTemplate',
      summary: 'One template.',
      tag: 'Templates',
      params: objectPath,
      responses: { 200: { name: 'Template', schema: templateView } },
      async handle({ person, params: { namespace, name }, signal }) {
        const asPerson = ports.client.as(impersonationOf(person));
        const template = await asPerson.get<TemplateJson>(RESOURCES.templates, namespace, name, { signal });
        const body = (await ports.accessIn(person, namespace)).present(template);
        if (body === undefined) throw new StreamSpaceError('NotFound', `there is no template ${namespace}/${name}`);
        return { status: 200, body, headers: etag(template.metadata.resourceVersion) };
      },
    }),
  ];
}
