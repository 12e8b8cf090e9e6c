// S-052: an object that client-side `kubectl apply` made is adopted with its fields. Their ownership moves to our manager, so
// that a field which leaves Git leaves the object too.
import type { KubeClient } from '../../runtime/kube/types.ts';
import { SYNC_FIELD_MANAGER } from '../../schemas/names.ts';
import { at, isJsonObject, type JsonObject, type JsonValue, textAt } from '../render/json.ts';
import type { ObjectRef } from './cluster.ts';

const CLIENT_SIDE = new Set(['kubectl-client-side-apply', 'before-first-apply']);

/** The managed fields as they should be, or `undefined` when nothing is to be moved. Pure. */
export function adoptedManagers(live: JsonObject): readonly JsonValue[] | undefined {
  const list = at(live, 'metadata', 'managedFields');
  if (!Array.isArray(list)) return undefined;
  const entries = (list as readonly JsonValue[]).filter(isJsonObject);
  const moved = entries.filter((entry) => isClientSide(entry));
  if (moved.length === 0) return undefined;
  const ours = entries.find(
    (entry) => entry['manager'] === SYNC_FIELD_MANAGER && entry['operation'] === 'Apply' && entry['subresource'] === undefined,
  );
  const base = ours ?? moved[0] ?? {};
  const fields = [...(ours === undefined ? [] : [ours]), ...moved].map((entry) => entry['fieldsV1']);
  const merged: JsonObject = {
    ...base,
    manager: SYNC_FIELD_MANAGER,
    operation: 'Apply',
    fieldsV1: fields.reduce(union, {}) ?? {},
  };
  return [merged, ...entries.filter((entry) => entry !== ours && !isClientSide(entry))];
}

/** With the resource version as precondition: a write in between makes the next sync do it. */
export async function adoptManagers(client: KubeClient, ref: ObjectRef, live: JsonObject, signal: AbortSignal): Promise<void> {
  const managedFields = adoptedManagers(live);
  if (managedFields === undefined) return;
  const resourceVersion = textAt(live, 'metadata', 'resourceVersion');
  await client.jsonPatch(
    ref.resource,
    ref.namespace,
    ref.name,
    [
      { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
      { op: 'replace', path: '/metadata/managedFields', value: managedFields },
    ],
    { fieldManager: SYNC_FIELD_MANAGER, signal },
  );
}

function isClientSide(entry: JsonObject): boolean {
  return CLIENT_SIDE.has(textAt(entry, 'manager') ?? '') && entry['operation'] === 'Update' && entry['subresource'] === undefined;
}

function union(a: JsonValue | undefined, b: JsonValue | undefined): JsonValue | undefined {
  if (!isJsonObject(a)) return b;
  if (!isJsonObject(b)) return a;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...keys].map((key) => [key, union(a[key], b[key]) ?? {}]));
}
