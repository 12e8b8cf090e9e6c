// Change requests: list, watch, one, ask, approve, reject, withdraw.
import { RESOURCES } from '../../../../runtime/kube/resources.ts';
import { listOf } from '../../../../schemas/api/api.ts';
import { changeApproval, changeCreate, changeRejection, changeView } from '../../../../schemas/api/changes.ts';
import { impersonationOf } from '../../../auth/identity.ts';
import type { RequireStepUp } from '../../../auth/step-up.ts';
import { type AskPorts, askForChange, reviewChange, withdrawChange } from '../../../changes/ask.ts';
import { presentChange } from '../../../changes/present.ts';
import type { ChangeRequestJson } from '../../../sessions/kinds-json.ts';
import { listEverywhere } from '../../../sessions/lists.ts';
import type { Person } from '../../../store/people.ts';
import { type Route, route } from '../../route.ts';
import { type ListPorts, namespacesToLookIn, presentAll } from '../list-ports.ts';
import { inNamespace, objectPath, watchQuery } from '../parameters.ts';
import { cursorOf, wantsEvents } from '../sessions/watching.ts';

export interface ChangeRoutePorts extends ListPorts<ChangeRequestJson>, AskPorts {
  readonly stepUp: RequireStepUp;
}

const named = { name: 'ChangeRequest', schema: changeView };
const objectOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `ChangeRequest/${namespace}/${name}`;

export function changeRoutes(ports: ChangeRoutePorts): readonly Route[] {
  const present = async (person: Person, change: ChangeRequestJson) =>
    presentChange(change, person, await ports.decisions.rulesIn(person, change.metadata.namespace ?? ''));
  return [
    route({
      method: 'get',
      path: '/changes',
      operationId: 'listChanges',
      summary: 'Change requests of every namespace in which the person may read them, without their diffs.',
      tag: 'Changes',
      query: watchQuery,
      responses: { 200: { name: 'ChangeRequestList', schema: listOf(changeView) } },
      streams: true,
      async handle({ person, identity, query, headers, signal }) {
        if (wantsEvents(headers)) return ports.hub.watch(identity, { ...ports, cursor: cursorOf(headers, query) }, signal);
        const namespaces = namespacesToLookIn(ports, person);
        const wish = { plural: 'changerequests', person, namespaces, signal } as const;
        const { resourceVersion, items } = await listEverywhere<ChangeRequestJson>(ports, RESOURCES.changeRequests, wish);
        return { status: 200, body: { metadata: { resourceVersion }, items: await presentAll(ports, person, items) } };
      },
    }),
    route({
      method: 'get',
      path: '/namespaces/{namespace}/changes/{name}',
      operationId: 'getChange',
      summary: 'One change request, with the diff of its commit.',
      tag: 'Changes',
      params: objectPath,
      responses: { 200: named },
      async handle({ person, params: { namespace, name }, signal }) {
        const asPerson = ports.client.as(impersonationOf(person));
        const change = await asPerson.get<ChangeRequestJson>(RESOURCES.changeRequests, namespace, name, { signal });
        return { status: 200, body: await present(person, change) };
      },
    }),
    route({
      method: 'post',
      path: '/namespaces/{namespace}/changes',
      operationId: 'createChange',
      summary: 'Asks for a change of objects that are kept in Git. In the namespace of a team it is for what is the team’s.',
      tag: 'Changes',
      params: inNamespace,
      body: { name: 'ChangeCreate', schema: changeCreate },
      responses: { 201: named },
      audit: 'change.requested',
      stepUp: { for: 'Approve', askedBy: 'handler' },
      object: ({ namespace }) => `ChangeRequest/${namespace}`,
      async handle({ person, identity, params: { namespace }, body, sourceAddress }) {
        const approving = (): Promise<void> => ports.stepUp(identity, sourceAddress, { for: 'Approve', namespace });
        const change = await askForChange(ports, person, namespace, body, approving);
        const objects = body.edits.map(({ object: { kind, namespace: place, name } }) =>
          [kind, place, name].filter((part) => part !== undefined).join('/'),
        );
        return {
          status: 201,
          body: await present(person, change),
          audited: {
            object: objectOf({ namespace, name: change.metadata.name }),
            details: {
              target: `${body.target.namespace}/${body.target.name}`,
              ...(objects.length === 0 ? {} : { objects: [...new Set(objects)].join(' ') }),
              ...(body.rollback === undefined ? {} : { rollback: JSON.stringify(body.rollback).slice(0, 500) }),
              reason: body.reason,
            },
          },
        };
      },
    }),
    route({
      method: 'post',
      path: '/namespaces/{namespace}/changes/{name}/approve',
      operationId: 'approveChange',
      summary: 'Approves the commit that the caller has seen. Nobody approves what he has asked for himself.',
      tag: 'Changes',
      params: objectPath,
      body: { name: 'ChangeApproval', schema: changeApproval },
      responses: { 200: named },
      audit: 'change.approved',
      stepUp: { for: 'Approve' },
      object: objectOf,
      async handle({ person, params, body: { commit, reason } }) {
        const change = await reviewChange(ports, person, params, { verdict: 'Approve', commit, reason });
        return { status: 200, body: await present(person, change), audited: { object: objectOf(params), details: { commit } } };
      },
    }),
    route({
      method: 'post',
      path: '/namespaces/{namespace}/changes/{name}/reject',
      operationId: 'rejectChange',
      summary: 'Rejects it for good.',
      tag: 'Changes',
      params: objectPath,
      body: { name: 'ChangeRejection', schema: changeRejection },
      responses: { 200: named },
      audit: 'change.rejected',
      object: objectOf,
      async handle({ person, params, body: { commit, reason } }) {
        const change = await reviewChange(ports, person, params, { verdict: 'Reject', commit, reason });
        return { status: 200, body: await present(person, change), audited: { object: objectOf(params), details: { reason } } };
      },
    }),
    route({
      method: 'post',
      path: '/namespaces/{namespace}/changes/{name}/withdraw',
      operationId: 'withdrawChange',
      summary: 'Takes it back. Only whoever asked for it can.',
      tag: 'Changes',
      params: objectPath,
      responses: { 200: named },
      audit: 'change.withdrawn',
      object: objectOf,
      async handle({ person, params }) {
        const change = await withdrawChange(ports, person, params);
        return { status: 200, body: await present(person, change) };
      },
    }),
  ];
}
