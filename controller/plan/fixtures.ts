// For tests: objects of a set and what the API server might say of them.

import { type Manifest, type ObjectId, objectId } from '../render/manifest.ts';
import type { JsonObject, JsonValue } from '../render/yaml/json.ts';
import type { Identified } from '../validate/validate.ts';
import type { PlanPolicy } from './input.ts';

export const OWNER = 'streamspace/a';

export const POLICY: PlanPolicy = {
  owner: OWNER,
  revision: undefined,
  confirmed: undefined,
  prune: { enabled: true, maxDeletionPercent: 50, never: [] },
  conflicts: 'Overwrite',
  otherSyncs: new Set(),
};

export function wantedObject(
  kind: string,
  name: string,
  extra: {
    readonly namespace?: string;
    readonly apiVersion?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly fields?: JsonObject;
  } = {},
): Identified {
  const { namespace = 'demo', apiVersion = 'v1', annotations, fields } = extra;
  const metadata: JsonObject = { name, ...(annotations === undefined ? {} : { annotations }) };
  const object: JsonObject = { apiVersion, kind, metadata, ...fields };
  const manifest: Manifest = {
    apiVersion,
    kind,
    name,
    namespace: undefined,
    object,
    position: { file: `${name}.yaml`, line: 1 },
    lineOf: () => 1,
  };
  return { id: idOfKind(kind, name, { namespace, apiVersion }), manifest, namespace: namespace === '' ? undefined : namespace };
}

export function idOfKind(kind: string, name: string, { namespace = 'demo', apiVersion = 'v1' } = {}): ObjectId {
  return objectId({ group: apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '', kind, namespace, name });
}

/** The object as the API server would give it, with our owner mark. */
export function liveObject(
  wanted: Identified,
  change: Readonly<Record<string, JsonValue>> = {},
  owner: string | undefined = OWNER,
): JsonObject {
  const metadata = wanted.manifest.object['metadata'] as JsonObject;
  const annotations = {
    ...(metadata['annotations'] as JsonObject | undefined),
    ...(owner === undefined ? {} : { 'streamspace.io/gitsync': owner }),
  };
  return {
    ...wanted.manifest.object,
    metadata: {
      ...metadata,
      annotations,
      uid: `uid-${wanted.id}`,
      resourceVersion: '7',
      generation: 2,
      managedFields: [{ manager: 'x' }],
    },
    ...change,
  };
}
