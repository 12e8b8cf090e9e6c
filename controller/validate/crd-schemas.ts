// The schemas of custom resources whose CustomResourceDefinition is in the same set: the API server does not know them yet.

import { groupOf, type Manifest } from '../render/manifest.ts';
import { at, isJsonObject, type JsonObject, textAt } from '../render/yaml/json.ts';

/** A CustomResourceDefinition of the set, as far as it is understood. */
export interface DefinedKind {
  /** By version; `undefined` for one without a schema. */
  readonly versions: ReadonlyMap<string, JsonObject | undefined>;
}

/** `group/kind` to what the set says of it. What is malformed is left to the API server. */
export function definedKinds(manifests: readonly Manifest[]): ReadonlyMap<string, DefinedKind> {
  const found = new Map<string, DefinedKind>();
  for (const { apiVersion, kind, object } of manifests) {
    if (kind !== 'CustomResourceDefinition' || apiVersion !== 'apiextensions.k8s.io/v1') continue;
    const [group, name, versions] = [
      textAt(object, 'spec', 'group'),
      textAt(object, 'spec', 'names', 'kind'),
      at(object, 'spec', 'versions'),
    ];
    if (group === undefined || name === undefined || !Array.isArray(versions)) continue;
    const known = versions.flatMap((version) => {
      const called = textAt(version, 'name');
      const schema = at(version, 'schema', 'openAPIV3Schema');
      return called === undefined ? [] : [[called, isJsonObject(schema) ? schema : undefined] as const];
    });
    found.set(`${group}/${name}`, { versions: new Map(known) });
  }
  return found;
}

export function keyOf({ apiVersion, kind }: Pick<Manifest, 'apiVersion' | 'kind'>): string {
  return `${groupOf(apiVersion)}/${kind}`;
}
