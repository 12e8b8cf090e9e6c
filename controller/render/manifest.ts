// What rendering gives: one wished-for object, with the place it comes from.
import { type SourcePosition, StreamSpaceError } from '../../schemas/errors.ts';
import { at, isJsonObject, type JsonObject, type JsonValue, textAt } from './yaml/json.ts';

/** `group/kind/namespace/name`. Without the version: an object served as v1beta1 and v1 is one object. */
export type ObjectId = string & { readonly __brand: 'ObjectId' };

export interface ObjectIdParts {
  /** `''` for the core group. */
  readonly group: string;
  readonly kind: string;
  /** `''` for a cluster-wide object. */
  readonly namespace: string;
  readonly name: string;
}

export function objectId({ group, kind, namespace, name }: ObjectIdParts): ObjectId {
  return `${group}/${kind}/${namespace}/${name}` as ObjectId;
}

export function partsOf(id: ObjectId): ObjectIdParts {
  const [group = '', kind = '', namespace = '', ...name] = id.split('/');
  return { group, kind, namespace, name: name.join('/') };
}

/** `Deployment team-web/api`, for people. */
export function describeId(id: ObjectId): string {
  const { kind, namespace, name } = partsOf(id);
  return namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/', 1)[0] ?? '') : '';
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** As written; `undefined` where it was left out. */
  readonly namespace: string | undefined;
  readonly object: JsonObject;
  readonly position: SourcePosition;
  /** The unit that it comes from; left out where the GitSync is the one unit. */
  readonly unit?: string;
  /** The line of a field such as `['spec', 'replicas']`, or of the nearest one above it that the source shows. */
  readonly lineOf: (field: readonly (string | number)[]) => number | undefined;
}

export interface Rendered {
  readonly manifests: readonly Manifest[];
  readonly warnings: readonly string[];
}

/**
 * Checks identity (S-039): apiVersion, kind and name, or nothing of a manifest at all.
 * @returns `undefined` for a document that is no manifest
 * @throws ManifestInvalid
 */
export function manifestOf(value: JsonValue, position: SourcePosition, lineOf: Manifest['lineOf']): Manifest | undefined {
  const fail = (message: string): never => {
    // The line says where it begins; of many documents without a name it is the number that people count.
    const where = position.document === undefined ? '' : ` (document ${position.document} of the file)`;
    throw new StreamSpaceError('ManifestInvalid', `${message}${where}`, { position });
  };
  if (!isJsonObject(value)) return undefined;
  const apiVersion = textAt(value, 'apiVersion');
  const kind = textAt(value, 'kind');
  if (at(value, 'apiVersion') === undefined && at(value, 'kind') === undefined) return undefined;
  if (apiVersion === undefined || apiVersion === '') return fail('kind without apiVersion: a manifest has both');
  if (kind === undefined || kind === '') return fail('apiVersion without kind: a manifest has both');
  const name = textAt(value, 'metadata', 'name');
  if (name === undefined || name === '') {
    if (at(value, 'metadata', 'generateName') !== undefined)
      return fail(`${kind} has only metadata.generateName; what comes from Git needs metadata.name`);
    return fail(`${kind} has no metadata.name`);
  }
  if (name.includes('/')) return fail(`metadata.name "${name}" of ${kind} has a slash`);
  const namespace = at(value, 'metadata', 'namespace');
  if (namespace !== undefined && typeof namespace !== 'string') return fail(`metadata.namespace of ${kind} ${name} is no text`);
  return { apiVersion, kind, name, namespace: namespace === '' ? undefined : namespace, object: value, position, lineOf };
}

/** The items of a `kind: List`, or the value itself. */
export function isList(value: JsonValue): boolean {
  return isJsonObject(value) && textAt(value, 'kind') === 'List' && textAt(value, 'apiVersion') === 'v1';
}
