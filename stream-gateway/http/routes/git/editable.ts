// Templates, policies, quotas, bindings, roles and teams as they stand in Git, for a dialog that asks for a change of one.
import * as z from 'zod';
import type { Queryable } from '../../../../runtime/db/database.ts';
import { RESOURCES } from '../../../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson, Resource } from '../../../../runtime/kube/types.ts';
import {
  clusterEditableKind,
  type Editable,
  type EditableKind,
  editable,
  editableKind,
  POLICY_KINDS,
} from '../../../../schemas/api/changes.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import { KINDS } from '../../../../schemas/kinds/all.ts';
import { withoutDefaults } from '../../../../schemas/kinds/defaults.ts';
import { API_GROUP, API_GROUP_VERSION } from '../../../../schemas/names.ts';
import { originOf } from '../../../access/origins.ts';
import type { Decisions } from '../../../auth/decisions.ts';
import { impersonationOf } from '../../../auth/identity.ts';
import type { GitSyncJson, TeamJson } from '../../../sessions/kinds-json.ts';
import { teamFor } from '../../../sessions/team-for.ts';
import { type Route, route } from '../../route.ts';
import { objectPath } from '../parameters.ts';

export interface EditablePorts {
  readonly client: KubeClient;
  readonly db: Queryable;
  readonly decisions: Pick<Decisions, 'ask'>;
  readonly teams: () => Iterable<TeamJson>;
  readonly gitSyncs: () => Iterable<GitSyncJson>;
}

const resourceOf = (kind: EditableKind): Resource =>
  Object.values(RESOURCES).find((resource) => resource.group === API_GROUP && resource.kind === kind) ??
  fail(`${kind} is no kind of ours`);

export const POLICY_RESOURCES: readonly Resource[] = POLICY_KINDS.map(resourceOf);

function fail(what: string): never {
  throw new RangeError(what);
}

export function editableRoutes(ports: EditablePorts): readonly Route[] {
  const { client } = ports;
  return [
    route({
      method: 'get',
      path: '/namespaces/{namespace}/editable/{kind}/{name}',
      operationId: 'getEditable',
      summary:
        'A template, policy, quota or binding as it stands in Git, to ask for a change of it. Read as the person, so for those who may read it.',
      tag: 'Changes',
      params: objectPath.extend({ kind: editableKind }),
      responses: { 200: { name: 'Editable', schema: editable } },
      async handle({ person, params: { namespace, kind, name }, signal }) {
        const asPerson = client.as(impersonationOf(person));
        const object = await asPerson.get<KubeObjectJson>(resourceOf(kind), namespace, name, { signal });
        return { status: 200, body: await present(ports, kind, object) };
      },
    }),
    route({
      method: 'get',
      path: '/editable/{kind}/{name}',
      operationId: 'getClusterEditable',
      summary:
        'A team or role as it stands in Git, to ask for a change of it. A team is for who is in it, and for who may list teams; a role is read as the person.',
      tag: 'Changes',
      params: objectPath.pick({ name: true }).extend({ kind: clusterEditableKind }),
      responses: { 200: { name: 'Editable', schema: editable } },
      async handle({ person, params: { kind, name }, signal }) {
        const object =
          kind === 'Team'
            ? await teamFor(ports, person, name)
            : await client.as(impersonationOf(person)).get<KubeObjectJson>(RESOURCES.accessRoles, undefined, name, { signal });
        return { status: 200, body: await present(ports, kind, object) };
      },
    }),
  ];
}

/** @throws ChangeObjectNotInGit */
async function present({ db, gitSyncs }: EditablePorts, kind: EditableKind, object: KubeObjectJson): Promise<Editable> {
  const { namespace, name } = object.metadata;
  const [origin] = await originOf(db, { ...object, kind }, [...gitSyncs()]);
  if (origin === undefined) {
    const place = namespace === undefined ? name : `${namespace}/${name}`;
    throw new StreamSpaceError('ChangeObjectNotInGit', `${kind} ${place} comes from no GitSync`);
  }
  const schema = KINDS.find((each) => each.kind === kind)?.spec ?? z.unknown();
  const spec = z.record(z.string(), z.unknown()).parse(withoutDefaults(schema, object['spec']));
  return { apiVersion: API_GROUP_VERSION, kind, ...(namespace === undefined ? {} : { namespace }), name, spec, origin };
}
