// S-052: an object that kubectl or another tool made is adopted with its fields. Their ownership moves to our manager, so
// that a field which leaves Git leaves the object too.
import type { KubeClient } from '../../runtime/kube/types.ts';
import { SYNC_FIELD_MANAGER } from '../../schemas/names.ts';
import { at, isJsonObject, type JsonObject, type JsonValue, textAt } from '../render/yaml/json.ts';
import type { ObjectRef } from './cluster.ts';

/** What `kubectl apply` without `--server-side` leaves behind, whenever that happens. */
const CLIENT_SIDE = new Set(['kubectl-client-side-apply', 'before-first-apply']);
/** Tools that apply whole manifests. What they own when an object is taken over was their wish, which is Git's from then on. */
const APPLIERS = new Set([
  ...CLIENT_SIDE,
  'kubectl',
  'helm',
  'argocd-controller',
  'argocd-application-controller',
  'kustomize-controller',
  'helm-controller',
]);

/** What is to be held of thousands of objects: who owns which field is more than half of a small one. */
export function withoutManagers(object: JsonObject): JsonObject {
  const metadata = at(object, 'metadata');
  if (!isJsonObject(metadata)) return object;
  const { managedFields: _managedFields, ...rest } = metadata;
  return { ...object, metadata: rest };
}

export interface Adoption {
  /** It was not ours before, and its GitSync takes fields over from others. */
  readonly takeOver: boolean;
}

/**
 * The managed fields as they should be, or `undefined` when nothing is to be moved. Pure. Once an object is ours, what somebody
 * adds with such a tool is a field that Git does not own, and is kept (S-053).
 */
export function adoptedManagers(live: JsonObject, { takeOver }: Adoption): readonly JsonValue[] | undefined {
  const list = at(live, 'metadata', 'managedFields');
  if (!Array.isArray(list)) return undefined;
  const entries = (list as readonly JsonValue[]).filter(isJsonObject);
  const isMoved = (entry: JsonObject): boolean =>
    entry['subresource'] === undefined && (takeOver ? isApplier(entry) : isClientSide(entry));
  const moved = entries.filter(isMoved);
  if (moved.length === 0) return undefined;
  const mine = entries.find((entry) => isManagedBy(entry, SYNC_FIELD_MANAGER, 'Apply') && entry['subresource'] === undefined);
  const base = mine ?? moved[0] ?? {};
  const fields = [...(mine === undefined ? [] : [mine]), ...moved].map((entry) => entry['fieldsV1']);
  const merged: JsonObject = {
    ...base,
    manager: SYNC_FIELD_MANAGER,
    operation: 'Apply',
    fieldsV1: fields.reduce(union, {}) ?? {},
  };
  return [merged, ...entries.filter((entry) => entry !== mine && !isMoved(entry))];
}

/** With the resource version as precondition: a write in between makes the next sync do it. */
export async function adoptManagers(
  client: Pick<KubeClient, 'jsonPatch'>,
  ref: ObjectRef,
  live: JsonObject,
  adoption: Adoption,
  signal: AbortSignal,
): Promise<void> {
  const managedFields = adoptedManagers(live, adoption);
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
  return CLIENT_SIDE.has(textAt(entry, 'manager') ?? '') && entry['operation'] === 'Update';
}

function isApplier(entry: JsonObject): boolean {
  return APPLIERS.has(textAt(entry, 'manager') ?? '');
}

function isManagedBy(entry: JsonObject, manager: string, operation: string): boolean {
  return entry['manager'] === manager && entry['operation'] === operation;
}

function union(a: JsonValue | undefined, b: JsonValue | undefined): JsonValue | undefined {
  if (!isJsonObject(a)) return b;
  if (!isJsonObject(b)) return a;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...keys].map((key) => [key, union(a[key], b[key]) ?? {}]));
}
