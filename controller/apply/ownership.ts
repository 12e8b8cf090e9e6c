// The owner mark: an annotation with the full name, which decides, and a label, which finds. Added to the JSON as it is.
import { createHash, hash } from 'node:crypto';
import { ANNOTATIONS, LABELS } from '../../schemas/names.ts';
import { at, isJsonObject, type JsonObject, type JsonValue, withKey, writeJson } from '../render/yaml/json.ts';
import type { Identified } from '../validate/validate.ts';

export interface SyncName {
  readonly namespace: string;
  readonly name: string;
}

/** The value of the annotation: `namespace/name`. */
export function ownerMark({ namespace, name }: SyncName): string {
  return `${namespace}/${name}`;
}

/** The value of the label: `namespace.name` when it fits 63 characters, else a hash of it. */
export function ownerLabel({ namespace, name }: SyncName): string {
  const text = `${namespace}.${name}`;
  return text.length <= 63 ? text : `sha256-${createHash('sha256').update(text).digest('hex').slice(0, 40)}`;
}

/** The text of each, as it was last asked for: planning, applying and telling all need it. */
const written = new WeakMap<Identified, { readonly mark: string; readonly text: string }>();

/** What goes over the wire: the manifest, digit by digit, with namespace and owner mark. */
export function appliedJson(object: Identified, owner: SyncName): string {
  const mark = ownerMark(owner);
  const known = written.get(object);
  if (known?.mark === mark) return known.text;
  const text = markedJson(object, owner);
  written.set(object, { mark, text });
  return text;
}

/** By manifest and not by object: a file that did not change gives the same manifests, commit after commit. */
const digests = new WeakMap<JsonObject, { readonly of: string; readonly digest: string }>();

/** The {@link digestOf} of {@link appliedJson}. */
export function appliedDigest(object: Identified, owner: SyncName): string {
  const of = `${ownerMark(owner)} ${object.namespace ?? ''}`;
  const known = digests.get(object.manifest.object);
  if (known?.of === of) return known.digest;
  const digest = digestOf(appliedJson(object, owner));
  digests.set(object.manifest.object, { of, digest });
  return digest;
}

export function digestOf(text: string): string {
  return hash('sha256', text, 'base64');
}

function markedJson({ manifest, namespace }: Identified, owner: SyncName): string {
  const before = at(manifest.object, 'metadata');
  let metadata: JsonObject = isJsonObject(before) ? before : {};
  metadata = Object.fromEntries(Object.entries(metadata).filter(([key]) => key !== 'namespace' && key !== 'creationTimestamp'));
  if (namespace !== undefined) metadata = withKey(metadata, 'namespace', namespace);
  metadata = withKey(metadata, 'labels', withKey(mapping(metadata['labels']), LABELS.gitSync, ownerLabel(owner)));
  metadata = withKey(metadata, 'annotations', withKey(mapping(metadata['annotations']), ANNOTATIONS.gitSync, ownerMark(owner)));
  const { status: _status, ...rest } = manifest.object;
  return writeJson({ ...withoutAggregated(rest), metadata });
}

/**
 * The rules of an aggregated ClusterRole are written by Kubernetes itself: whoever applies the empty list that most manifests
 * carry fights with it for ever. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
 */
function withoutAggregated(object: JsonObject): JsonObject {
  if (object['kind'] !== 'ClusterRole' || object['aggregationRule'] === undefined) return object;
  const { rules: _rules, ...rest } = object;
  return rest;
}

function mapping(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
