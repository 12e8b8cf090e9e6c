// What a member of the set needs from the same set before it can be asked about: its definition, its namespace.

import { teamNamespace } from '../../schemas/kinds/team.ts';
import { API_GROUP } from '../../schemas/names.ts';
import { type ObjectId, partsOf } from '../render/manifest.ts';
import { textAt } from '../render/yaml/json.ts';
import type { Identified } from '../validate/validate.ts';

export interface Prerequisites {
  /** `group/kind` that a CustomResourceDefinition of the set defines, with its id. */
  readonly definitions: ReadonlyMap<string, ObjectId>;
  /** Namespaces that the set makes, by a Namespace or by a Team, with the id of the maker. */
  readonly namespaces: ReadonlyMap<string, ObjectId>;
}

export function prerequisitesOf(objects: readonly Identified[]): Prerequisites {
  const definitions = new Map<string, ObjectId>();
  const namespaces = new Map<string, ObjectId>();
  for (const { id, manifest } of objects) {
    const { group, kind, name } = partsOf(id);
    if (group === 'apiextensions.k8s.io' && kind === 'CustomResourceDefinition')
      definitions.set(`${textAt(manifest.object, 'spec', 'group')}/${textAt(manifest.object, 'spec', 'names', 'kind')}`, id);
    if (group === '' && kind === 'Namespace') namespaces.set(name, id);
    if (group === API_GROUP && kind === 'Team')
      namespaces.set(
        teamNamespace({ metadata: { name }, spec: { namespace: textAt(manifest.object, 'spec', 'namespace') } }),
        id,
      );
  }
  return { definitions, namespaces };
}
