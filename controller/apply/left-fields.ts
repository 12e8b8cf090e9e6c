// S-054: on the wire, fields that are left to others. An object is made with them and gives them up at once; one that is there is
// applied without them.

import { pathOf } from '../../runtime/kube/paths.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import { SYNC_FIELD_MANAGER } from '../../schemas/names.ts';
import { asMade, giveUpFields } from '../plan/ignored.ts';
import { isJsonObject, type JsonObject, parseJson, textAt, writeJson } from '../render/yaml/json.ts';
import type { FieldPath } from '../validate/fields.ts';
import type { Identified } from '../validate/validate.ts';
import { type ObjectRef, readExact } from './cluster.ts';
import { appliedJson, type SyncName } from './ownership.ts';

/** The body for an object that is not there. The same as the other, but where fields are left. */
export function madeJson(object: Identified, owner: SyncName): string {
  return appliedJson(asMade(object), owner);
}

/**
 * What a dry-run has to send. While we still own the fields it sends them too: without them it would say what the API server
 * makes of an object that loses them, and the apply gives them up first.
 */
export async function bodyNow(
  own: Pick<KubeClient, 'text'>,
  ref: ObjectRef,
  object: Identified,
  owner: SyncName,
  signal: AbortSignal,
): Promise<string> {
  if (object.left === undefined) return appliedJson(object, owner);
  const live = await readExact(own, ref, signal);
  const free = live !== undefined && giveUpFields(live, object.left.fields) === undefined;
  return free ? appliedJson(object, owner) : madeJson(object, owner);
}

/** @returns the object as it is then. With the resource version as precondition: a write in between makes the next sync do it. */
export async function giveUp(
  tenant: Pick<KubeClient, 'text'>,
  ref: ObjectRef,
  live: JsonObject,
  fields: readonly FieldPath[],
  signal: AbortSignal,
): Promise<JsonObject> {
  const given = giveUpFields(live, fields);
  if (given === undefined) return live;
  const patch = [
    { op: 'test', path: '/metadata/resourceVersion', value: textAt(live, 'metadata', 'resourceVersion') ?? '' },
    { op: 'replace', path: '/metadata/managedFields', value: given.managedFields },
  ];
  const text = await tenant.text({
    method: 'PATCH',
    path: pathOf(ref.resource, { namespace: ref.namespace, name: ref.name }),
    query: { fieldManager: SYNC_FIELD_MANAGER },
    body: writeJson(patch),
    contentType: 'application/json-patch+json',
    signal,
  });
  const object = parseJson(text);
  return isJsonObject(object) ? object : live;
}
