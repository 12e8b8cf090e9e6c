// What people do with a GitSync: ask for a sync, suspend, resume, confirm deletions. Each is a patch as the person, so the API
// server decides; who it was stands beside the wish (schemas/names.ts, `requestedBy`).
import { RESOURCES } from '../../../../runtime/kube/resources.ts';
import type { KubeClient } from '../../../../runtime/kube/types.ts';
import { type GitSyncView, gitSyncActionResult, gitSyncView } from '../../../../schemas/api/api.ts';
import { confirmation } from '../../../../schemas/api/syncs.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import type { AuditEventType } from '../../../../schemas/events.ts';
import { ANNOTATIONS, GATEWAY_FIELD_MANAGER, kubernetesUser, requestedBy } from '../../../../schemas/names.ts';
import type { Decisions } from '../../../auth/decisions.ts';
import { impersonationOf } from '../../../auth/identity.ts';
import type { GitSyncJson } from '../../../sessions/kinds-json.ts';
import { presentGitSync } from '../../../sessions/views.ts';
import type { Person } from '../../../store/people.ts';
import { type Route, route } from '../../route.ts';
import { objectPath } from '../parameters.ts';

export interface GitSyncActionPorts {
  readonly client: KubeClient;
  readonly decisions: Decisions;
  readonly now: () => Date;
}

interface Name {
  readonly namespace: string;
  readonly name: string;
}

const object = ({ namespace, name }: Name): string => `GitSync/${namespace}/${name}`;

export function gitSyncActionRoutes({ client, decisions, now }: GitSyncActionPorts): readonly Route[] {
  const patch = async (person: Person, { namespace, name }: Name, change: object): Promise<GitSyncJson> =>
    await client
      .as(impersonationOf(person))
      .mergePatch<GitSyncJson>(RESOURCES.gitSyncs, namespace, name, change, { fieldManager: GATEWAY_FIELD_MANAGER });

  const present = async (person: Person, sync: GitSyncJson): Promise<GitSyncView> =>
    presentGitSync(sync, await decisions.rulesIn(person, sync.metadata.namespace ?? ''));

  const suspension = (suspend: boolean, summary: string, audit: AuditEventType): Route =>
    route({
      method: 'post',
      path: `/namespaces/{namespace}/gitsyncs/{name}/${suspend ? 'suspend' : 'resume'}`,
      operationId: suspend ? 'suspendGitSync' : 'resumeGitSync',
      summary,
      tag: 'Git',
      params: objectPath,
      responses: { 200: { name: 'GitSync', schema: gitSyncView } },
      audit,
      object,
      handle: async ({ person, params }) => ({
        status: 200,
        body: await present(person, await patch(person, params, { spec: { suspend } })),
      }),
    });

  return [
    route({
      method: 'post',
      path: '/namespaces/{namespace}/gitsyncs/{name}/sync',
      operationId: 'requestSync',
      summary: 'Asks for a sync now; the status of the GitSync tells how it went.',
      tag: 'Git',
      params: objectPath,
      responses: { 202: { name: 'GitSyncActionResult', schema: gitSyncActionResult } },
      audit: 'gitsync.requested',
      object,
      async handle({ person, params }) {
        const requestedAt = now().toISOString();
        const annotations = {
          [ANNOTATIONS.syncRequestedAt]: requestedAt,
          [ANNOTATIONS.syncRequestedBy]: requestedBy(requestedAt, kubernetesUser(person.name)),
        };
        await patch(person, params, { metadata: { annotations } });
        return { status: 202, body: { requestedAt } };
      },
    }),
    suspension(true, 'Nothing is written from now on; drift is still told.', 'gitsync.suspended'),
    suspension(false, 'Syncs go on, beginning now.', 'gitsync.resumed'),
    route({
      method: 'post',
      path: '/namespaces/{namespace}/gitsyncs/{name}/confirm',
      operationId: 'confirmDeletions',
      summary: 'Confirms the deletions of the plan of exactly this revision.',
      tag: 'Git',
      params: objectPath,
      body: { name: 'Confirmation', schema: confirmation },
      responses: { 200: { name: 'GitSync', schema: gitSyncView } },
      audit: 'gitsync.confirmed',
      object,
      async handle({ person, params, body: { revision }, signal }) {
        const asPerson = client.as(impersonationOf(person));
        const { status } = await asPerson.get<GitSyncJson>(RESOURCES.gitSyncs, params.namespace, params.name, { signal });
        // Who has no right to confirm is told that first: the API server is asked without anything being written.
        const annotations = {
          [ANNOTATIONS.confirmDeletions]: revision,
          [ANNOTATIONS.deletionsConfirmedBy]: requestedBy(revision, kubernetesUser(person.name)),
        };
        const change = { metadata: { annotations } };
        if (status?.attempted !== revision) {
          await asPerson.mergePatch(RESOURCES.gitSyncs, params.namespace, params.name, change, {
            fieldManager: GATEWAY_FIELD_MANAGER,
            dryRun: true,
          });
          throw new StreamSpaceError(
            'PlanOutdated',
            `the plan is of revision ${status?.attempted ?? '(none)'}, not of ${revision}`,
          );
        }
        const confirmed = await patch(person, params, change);
        return { status: 200, body: await present(person, confirmed), audited: { details: { revision } } };
      },
    }),
  ];
}
