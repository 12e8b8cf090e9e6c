// The history of a GitSync, and its objects with the place each comes from. Whoever may read the GitSync may read these; a live
// object is read as the person.
import * as z from 'zod';
import type { Queryable } from '../../../../runtime/db/database.ts';
import { isStatus } from '../../../../runtime/kube/kube-status-error.ts';
import { RESOURCES } from '../../../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson, ResourceMapper } from '../../../../runtime/kube/types.ts';
import { differencesOf, project, withoutSecrets } from '../../../../runtime/kube/watch/projection.ts';
import { type ObjectDiff, objectDiff, objectExplanation, syncList, syncTree } from '../../../../schemas/api/syncs.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import { impersonationOf } from '../../../auth/identity.ts';
import type { GitSyncJson } from '../../../sessions/kinds-json.ts';
import type { Person } from '../../../store/people.ts';
import { findObject, findWanted, type GitSyncName, listObjects, listSyncs, type ObjectRow } from '../../../store/syncs.ts';
import { childrenIn, PARENTS } from '../../../syncs/children.ts';
import { type ManagedFieldJson, nameOf, objectOf, presentManagers, presentObject, presentSync } from '../../../syncs/present.ts';
import { type Route, route } from '../../route.ts';
import { objectPath } from '../parameters.ts';

export interface SyncHistoryPorts {
  readonly client: KubeClient;
  readonly mapper: ResourceMapper;
  readonly db: Queryable;
}

const historyQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  continue: z
    .string()
    .regex(/^\d{1,18}$/, 'write metadata.continue of the page before')
    .optional(),
});
const treeQuery = z.object({
  limit: z.coerce.number().int().min(1).max(2000).default(500),
  continue: z.string().max(1024).optional().describe('`metadata.continue` of the page before.'),
});

/** As it stands in an address: the core group is `core`, a cluster-wide object has the namespace `-`. */
const syncedObjectPath = objectPath.extend({
  group: z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'write an API group, or core'),
  kind: z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,62}$/, 'write a kind'),
  objectNamespace: z.string().regex(/^(-|[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)$/, 'write a namespace, or -'),
  objectName: z.string().regex(/^[^/%\s]{1,253}$/, 'write the name of an object'),
});
type SyncedObjectPath = z.infer<typeof syncedObjectPath>;

const MAX_DIFFERENCES = 200;
const OBJECT_PATH = '/namespaces/{namespace}/gitsyncs/{name}/objects/{group}/{kind}/{objectNamespace}/{objectName}';

export function syncHistoryRoutes(ports: SyncHistoryPorts): readonly Route[] {
  const { client, db } = ports;
  const readable = async (person: Person, { namespace, name }: GitSyncName, signal: AbortSignal): Promise<GitSyncJson> =>
    await client.as(impersonationOf(person)).get<GitSyncJson>(RESOURCES.gitSyncs, namespace, name, { signal });
  return [
    route({
      method: 'get',
      path: '/namespaces/{namespace}/gitsyncs/{name}/history',
      operationId: 'listSyncs',
      summary: 'Syncs that changed something, failed or were asked for, newest first.',
      tag: 'Git',
      params: objectPath,
      query: historyQuery,
      responses: { 200: { name: 'SyncList', schema: syncList } },
      async handle({ person, params, query, signal }) {
        await readable(person, params, signal);
        const before = query.continue === undefined ? undefined : BigInt(query.continue);
        // One more than asked for tells whether there is another page.
        const rows = await listSyncs(db, params, { before, limit: query.limit + 1 });
        const page = rows.slice(0, query.limit);
        const last = rows.length > query.limit ? page.at(-1)?.seq : undefined;
        return { status: 200, body: { metadata: last === undefined ? {} : { continue: last }, items: page.map(presentSync) } };
      },
    }),
    route({
      method: 'get',
      path: '/namespaces/{namespace}/gitsyncs/{name}/tree',
      operationId: 'getSyncTree',
      summary: 'What Git wants in the cluster, with its health, its place in Git, and what was made of it.',
      tag: 'Git',
      params: objectPath,
      query: treeQuery,
      responses: { 200: { name: 'SyncTree', schema: syncTree } },
      async handle({ person, params, query, signal }) {
        const { metadata, status } = await readable(person, params, signal);
        const rows = await listObjects(db, metadata.uid ?? '', { after: query.continue ?? '', limit: query.limit + 1 });
        const page = rows.slice(0, query.limit);
        const parents = page.map(({ object }) => nameOf(object)).filter(({ kind }) => PARENTS.has(kind));
        const children = await childrenIn(client, person, new Set(parents.map(({ namespace }) => namespace)), signal);
        const last = rows.length > query.limit ? page.at(-1)?.object : undefined;
        return {
          status: 200,
          body: {
            metadata: last === undefined ? {} : { continue: last },
            revision: status?.revision ?? null,
            childrenLeftOut: children.leftOut,
            items: page.map((row) => ({ ...presentObject(row), children: children.of(nameOf(row.object)) })),
          },
        };
      },
    }),
    route({
      method: 'get',
      path: OBJECT_PATH,
      operationId: 'explainObject',
      summary: 'Where an object comes from: commit, file, line, who; and who else writes to it.',
      tag: 'Git',
      params: syncedObjectPath,
      responses: { 200: { name: 'ObjectExplanation', schema: objectExplanation } },
      async handle({ person, params, signal }) {
        const sync = await readable(person, params, signal);
        const row = await requireObject(db, sync, params);
        const live = await liveObject(ports, person, row, signal).catch((error: unknown) => {
          if (isStatus(error, 403)) return undefined; // what Git says of it may be known all the same
          throw error;
        });
        const managers = live && presentManagers((live.metadata.managedFields ?? []) as readonly ManagedFieldJson[]);
        const body = {
          ...presentObject(row),
          gitSync: `${params.namespace}/${params.name}`,
          url: sync.spec.url,
          applied: sync.status?.revision ?? null,
          managers: managers ?? null,
        };
        return { status: 200, body };
      },
    }),
    route({
      method: 'get',
      path: `${OBJECT_PATH}/diff`,
      operationId: 'diffObject',
      summary: 'How the live object differs from what Git wants, in the fields that stand in Git.',
      tag: 'Git',
      params: syncedObjectPath,
      responses: { 200: { name: 'ObjectDiff', schema: objectDiff } },
      async handle({ person, params, signal }) {
        const sync = await readable(person, params, signal);
        const row = await requireObject(db, sync, params);
        const [wanted, live] = await Promise.all([
          findWanted(db, sync.metadata.uid ?? '', row.object),
          liveObject(ports, person, row, signal),
        ]);
        return { status: 200, body: diffOf(row.object, wanted ?? null, live) };
      },
    }),
  ];
}

async function requireObject(db: Queryable, sync: GitSyncJson, path: SyncedObjectPath): Promise<ObjectRow> {
  const object = objectOf({
    group: path.group === 'core' ? '' : path.group,
    kind: path.kind,
    namespace: path.objectNamespace === '-' ? '' : path.objectNamespace,
    name: path.objectName,
  });
  const row = await findObject(db, sync.metadata.uid ?? '', object);
  if (row === undefined) throw new StreamSpaceError('NotFound', `${path.namespace}/${path.name} has applied no object ${object}`);
  return row;
}

/** With the rights of the person. `undefined`: it is not there, or its kind is not. */
async function liveObject(
  { client, mapper }: SyncHistoryPorts,
  person: Person,
  row: ObjectRow,
  signal: AbortSignal,
): Promise<KubeObjectJson | undefined> {
  const { group, kind, namespace, name } = nameOf(row.object);
  const resource = await mapper.resourceOf(group === '' ? row.version : `${group}/${row.version}`, kind, { signal });
  if (resource === undefined) return undefined;
  const asPerson = client.as(impersonationOf(person));
  return await asPerson.find(resource, namespace === '' ? undefined : namespace, name, { signal });
}

function diffOf(object: string, wanted: unknown, live: KubeObjectJson | undefined): ObjectDiff {
  if (wanted === null) return { object, state: live === undefined ? 'missing' : 'unknown', differences: [], wanted, live: null };
  if (live === undefined) return { object, state: 'missing', differences: [], wanted, live: null };
  const visible = withoutSecrets(live);
  const differences = differencesOf(wanted, visible, MAX_DIFFERENCES);
  return {
    object,
    state: differences.length === 0 ? 'same' : 'different',
    differences: [...differences],
    wanted,
    live: project(wanted, visible),
  };
}
