// Sessions: list, watch, start, hibernate, resume, terminate, delete.

import type { Database } from '../../../../runtime/db/database.ts';
import { pathOf } from '../../../../runtime/kube/paths.ts';
import { RESOURCES } from '../../../../runtime/kube/resources.ts';
import { listOf, type SessionView, sessionCreate, sessionPatch, sessionView } from '../../../../schemas/api/api.ts';
import { GATEWAY_FIELD_MANAGER } from '../../../../schemas/names.ts';
import { impersonationOf } from '../../../auth/identity.ts';
import { createSession, visibleTemplate } from '../../../sessions/create-session.ts';
import type { SessionJson } from '../../../sessions/kinds-json.ts';
import { listEverywhere, listPage } from '../../../sessions/lists.ts';
import { type QuotaPorts, requireRoom } from '../../../sessions/quota.ts';
import { presentSession } from '../../../sessions/views.ts';
import type { Person } from '../../../store/people.ts';
import { requestInvalid } from '../../problem.ts';
import { type Route, route } from '../../route.ts';
import { etag, ifMatch } from '../if-match.ts';
import { type ListPorts, namespacesToLookIn, presentAll, requireWatch } from '../list-ports.ts';
import { inNamespace, objectPath, pageQuery, watchQuery } from '../parameters.ts';
import { cursorOf, wantsEvents } from './watching.ts';

export interface SessionPorts extends ListPorts<SessionJson> {
  readonly db: Database;
  readonly quota: QuotaPorts;
}

const named = { name: 'Session', schema: sessionView };
const listed = { name: 'SessionList', schema: listOf(sessionView) };
const objectOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `Session/${namespace}/${name}`;

export function sessionRoutes(ports: SessionPorts): readonly Route[] {
  const { client, decisions, hub } = ports;
  const present = async (person: Person, session: SessionJson): Promise<SessionView> =>
    presentSession(session, await decisions.rulesIn(person, session.metadata.namespace ?? ''));
  return [
    route({
      method: 'get',
      path: '/sessions',
      operationId: 'listAllSessions',
      summary: 'Sessions of every namespace in which the person may read them.',
      tag: 'Sessions',
      query: watchQuery,
      responses: { 200: listed },
      streams: true,
      async handle({ person, identity, query, headers, signal }) {
        if (wantsEvents(headers)) return hub.watch(identity, { ...ports, cursor: cursorOf(headers, query) }, signal);
        const namespaces = namespacesToLookIn(ports, person);
        const { resourceVersion, items } = await listEverywhere<SessionJson>(ports, RESOURCES.sessions, {
          plural: 'sessions',
          person,
          namespaces,
          signal,
        });
        return { status: 200, body: { metadata: { resourceVersion }, items: await presentAll(ports, person, items) } };
      },
    }),
    route({
      method: 'get',
      path: '/namespaces/{namespace}/sessions',
      operationId: 'listSessions',
      summary: 'Sessions of one namespace.',
      tag: 'Sessions',
      params: inNamespace,
      query: pageQuery,
      responses: { 200: listed },
      streams: true,
      async handle({ person, identity, params: { namespace }, query, headers, signal }) {
        if (wantsEvents(headers)) {
          await requireWatch(decisions, person, 'sessions', namespace);
          return hub.watch(identity, { ...ports, namespace, cursor: cursorOf(headers, query) }, signal);
        }
        const page = await listPage<SessionJson>(client, RESOURCES.sessions, { ...query, person, namespace, signal });
        const metadata = {
          resourceVersion: page.resourceVersion,
          ...(page.continue === undefined ? {} : { continue: page.continue }),
        };
        const items = await Promise.all(page.items.map((session) => present(person, session)));
        return { status: 200, body: { metadata, items } };
      },
    }),
    route({
      method: 'post',
      path: '/namespaces/{namespace}/sessions',
      operationId: 'createSession',
      summary: 'Starts a session of a template. Without a name it gets one made of the template and five characters.',
      tag: 'Sessions',
      params: inNamespace,
      body: { name: 'SessionCreate', schema: sessionCreate },
      responses: { 201: named },
      audit: 'session.created',
      object: ({ namespace }) => `Session/${namespace}/`,
      async handle({ person, params: { namespace }, body, headers, signal }) {
        const wish = { person, namespace, body, idempotencyKey: idempotencyKeyOf(headers['idempotency-key']), signal };
        const locationOf = (name: string): string => `/api/v1/namespaces/${namespace}/sessions/${name}`;
        const created = await createSession(ports, wish, async (session) => ({
          status: 201,
          body: await present(person, session),
          location: locationOf(session.metadata.name),
        }));
        if ('repeated' in created) {
          const { status, body: first, location } = created.repeated;
          const headers = { 'Idempotency-Replayed': 'true', ...(location === null ? {} : { Location: location }) };
          const object = `Session/${namespace}/${location?.split('/').at(-1) ?? ''}`;
          return { status, body: first, headers, audited: { object, details: { repeated: true } } };
        }
        const { session } = created;
        return {
          status: 201,
          body: await present(person, session),
          headers: { Location: locationOf(session.metadata.name), ...etag(session.metadata.resourceVersion) },
          audited: {
            object: objectOf({ namespace, name: session.metadata.name }),
            details: { template: session.spec.template, owner: session.spec.owner },
          },
        };
      },
    }),
    route({
      method: 'get',
      path: '/namespaces/{namespace}/sessions/{name}',
      operationId: 'getSession',
      summary: 'One session.',
      tag: 'Sessions',
      params: objectPath,
      responses: { 200: named },
      async handle({ person, params: { namespace, name }, signal }) {
        const asPerson = client.as(impersonationOf(person));
        const session = await asPerson.get<SessionJson>(RESOURCES.sessions, namespace, name, { signal });
        return { status: 200, body: await present(person, session), headers: etag(session.metadata.resourceVersion) };
      },
    }),
    route({
      method: 'patch',
      path: '/namespaces/{namespace}/sessions/{name}',
      operationId: 'updateSession',
      summary: 'Changes the desired state: Running, Hibernated or Terminated.',
      tag: 'Sessions',
      params: objectPath,
      body: { name: 'SessionPatch', schema: sessionPatch },
      responses: { 200: named },
      audit: 'session.updated',
      object: objectOf,
      async handle({ person, params: { namespace, name }, body, headers, signal }) {
        if (body.spec.desiredState === 'Running') await requireRoomToResume(ports, person, { namespace, name }, signal);
        const resourceVersion = ifMatch(headers) ?? body.metadata?.resourceVersion;
        const { desiredState } = body.spec;
        const patch = { ...(resourceVersion === undefined ? {} : { metadata: { resourceVersion } }), spec: { desiredState } };
        const asPerson = client.as(impersonationOf(person));
        const session = await asPerson.mergePatch<SessionJson>(RESOURCES.sessions, namespace, name, patch, {
          fieldManager: GATEWAY_FIELD_MANAGER,
        });
        return {
          status: 200,
          body: await present(person, session),
          headers: etag(session.metadata.resourceVersion),
          audited: { object: objectOf({ namespace, name }), details: { desiredState } },
        };
      },
    }),
    route({
      method: 'delete',
      path: '/namespaces/{namespace}/sessions/{name}',
      operationId: 'deleteSession',
      summary: 'Ends the session and deletes its home. 202 while it is being taken down, 204 when it is gone.',
      tag: 'Sessions',
      params: objectPath,
      responses: { 202: named, 204: null },
      audit: 'session.deleted',
      object: objectOf,
      async handle({ person, params: { namespace, name }, headers }) {
        const resourceVersion = ifMatch(headers);
        // Not `client.delete`: for a person, a session that is not there is an error.
        const left = await client.as(impersonationOf(person)).json<SessionJson>({
          method: 'DELETE',
          path: pathOf(RESOURCES.sessions, { namespace, name }),
          body: JSON.stringify({
            apiVersion: 'v1',
            kind: 'DeleteOptions',
            propagationPolicy: 'Background',
            ...(resourceVersion === undefined ? {} : { preconditions: { resourceVersion } }),
          }),
        });
        return left.kind === 'Session' ? { status: 202, body: await present(person, left) } : { status: 204 };
      },
    }),
  ];
}

/** Whoever may not see it gets the answer of the API server to his change. */
async function requireRoomToResume(
  ports: SessionPorts,
  person: Person,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<void> {
  const asPerson = ports.client.as(impersonationOf(person));
  const session = await asPerson.find<SessionJson>(RESOURCES.sessions, namespace, name, { signal }).catch(() => undefined);
  // One that runs, or waits already, changes nothing.
  if (session === undefined || (session.spec.desiredState ?? 'Running') !== 'Hibernated') return;
  if (session.status?.phase !== 'Hibernated') return;
  const wish = { person, namespace, template: session.spec.template, signal };
  const template = await visibleTemplate(ports, wish).catch(() => undefined);
  if (template !== undefined) requireRoom(ports.quota, { owner: session.spec.owner, namespace, template, session });
}

function idempotencyKeyOf(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header !== 'string' || !/^[\x21-\x7e]{1,128}$/.test(header))
    throw requestInvalid('Idempotency-Key must have 1 to 128 visible characters');
  return header;
}
