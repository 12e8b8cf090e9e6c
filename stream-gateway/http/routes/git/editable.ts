// Templates, policies and quotas as they stand in Git, for a dialog that asks for a change of one.
import * as z from 'zod';
import type { Queryable } from '../../../../runtime/db/database.ts';
import { RESOURCES } from '../../../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson, Resource } from '../../../../runtime/kube/types.ts';
import { type EditableKind, editable, editableKind, POLICY_KINDS } from '../../../../schemas/api/changes.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import { KINDS } from '../../../../schemas/kinds/all.ts';
import { withoutDefaults } from '../../../../schemas/kinds/defaults.ts';
import { API_GROUP, API_GROUP_VERSION } from '../../../../schemas/names.ts';
import { originOf } from '../../../access/origins.ts';
import { impersonationOf } from '../../../auth/identity.ts';
import type { GitSyncJson } from '../../../sessions/kinds-json.ts';
import { type Route, route } from '../../route.ts';
import { objectPath } from '../parameters.ts';

export interface EditablePorts {
  readonly client: KubeClient;
  readonly db: Queryable;
  readonly gitSyncs: () => Iterable<GitSyncJson>;
}

const resourceOf = (kind: EditableKind): Resource =>
  Object.values(RESOURCES).find((resource) => resource.group === API_GROUP && resource.kind === kind) ??
  fail(`${kind} is no kind of ours`);

export const POLICY_RESOURCES: readonly Resource[] = POLICY_KINDS.map(resourceOf);

function fail(what: string): never {
  throw new RangeError(what);
}

export function editableRoutes({ client, db, gitSyncs }: EditablePorts): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/namespaces/{namespace}/editable/{kind}/{name}',
      operationId: 'getEditable',
      summary:
        'A template, policy or quota as it stands in Git, to ask for a change of it. Read as the person, so for those who may read it.',
      tag: 'Changes',
      params: objectPath.extend({ kind: editableKind }),
      responses: { 200: { name: 'Editable', schema: editable } },
      async handle({ person, params: { namespace, kind, name }, signal }) {
        const asPerson = client.as(impersonationOf(person));
        const object = await asPerson.get<KubeObjectJson>(resourceOf(kind), namespace, name, { signal });
        const [origin] = await originOf(db, { ...object, kind }, [...gitSyncs()]);
        if (origin === undefined)
          throw new StreamSpaceError('ChangeObjectNotInGit', `${kind} ${namespace}/${name} comes from no GitSync`);
        const schema = KINDS.find((each) => each.kind === kind)?.spec ?? z.unknown();
        const spec = z.record(z.string(), z.unknown()).parse(withoutDefaults(schema, object['spec']));
        return { status: 200, body: { apiVersion: API_GROUP_VERSION, kind, namespace, name, spec, origin } };
      },
    }),
  ];
}
