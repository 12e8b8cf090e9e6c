// Strict checks before the cluster sees anything. Pure: every problem at once, each with its place, never the first alone.
import type { ErrorCode, SourcePosition } from '../../schemas/errors.ts';
import { formatPosition, StreamSpaceError } from '../../schemas/errors.ts';
import { API_GROUP, LABELS } from '../../schemas/names.ts';
import { describeId, groupOf, type Manifest, type ObjectId, objectId } from '../render/manifest.ts';
import { at } from '../render/yaml/json.ts';
import { type DefinedKind, definedKinds, keyOf } from './crd-schemas.ts';
import { definedProblems } from './custom-resources.ts';
import type { FieldPath } from './fields.ts';
import { orderProblems } from './order-wishes.ts';
import { fieldProblems, fieldText } from './our-kinds.ts';
import { roleCycles } from './role-cycles.ts';
import { type Scopes, scopeOf, scopesOfSet } from './scopes.ts';

/** A manifest that is known to be one object. */
export interface Identified {
  readonly id: ObjectId;
  readonly manifest: Manifest;
  /** Where it will be; `undefined` for a cluster-wide object. */
  readonly namespace: string | undefined;
  /** Fields that are left to others; `manifest` is without them. */
  readonly left?: LeftFields;
}

export interface LeftFields {
  readonly fields: readonly FieldPath[];
  /** With the fields: what the object is made from where it is not there yet. */
  readonly made: Manifest;
}

export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly object?: ObjectId;
  readonly position?: SourcePosition;
}

export interface Validated {
  /** In the order of the manifests. */
  readonly objects: readonly Identified[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

export interface ValidateOptions {
  /** Of a manifest of a namespaced kind that names none: that of the GitSync. */
  readonly defaultNamespace: string;
  /** What the API server says; empty without one. */
  readonly served: Scopes;
}

export function validateManifests(manifests: readonly Manifest[], options: ValidateOptions): Validated {
  const ofSet = scopesOfSet(manifests);
  const defined = definedKinds(manifests);
  const warnings: string[] = [];
  const problems: Problem[] = [];
  const seen = new Map<ObjectId, Identified>();
  for (const manifest of manifests) {
    const { apiVersion, kind, name, position } = manifest;
    const clusterWide = scopeOf(apiVersion, kind, options.served, ofSet) === 'Cluster';
    if (clusterWide && manifest.namespace !== undefined)
      warnings.push(
        `${formatPosition(position)}: ${kind} ${name} is cluster-wide; its namespace ${manifest.namespace} is left out`,
      );
    const namespace = clusterWide ? undefined : (manifest.namespace ?? options.defaultNamespace);
    const id = objectId({ group: groupOf(apiVersion), kind, namespace: namespace ?? '', name });
    const first = seen.get(id);
    if (first === undefined) seen.set(id, { id, manifest, namespace });
    else problems.push(duplicate(id, first.manifest.position, position));
    problems.push(...forbidden(id, manifest), ...mistakes(id, manifest, defined, options.served));
  }
  const objects = [...seen.values()];
  return { objects, problems: [...problems, ...disorder(objects), ...circles(objects)], warnings };
}

/** @throws StreamSpaceError the first problem, with all of them in its facts */
export function refuseProblems(problems: readonly Problem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  const more = problems.length === 1 ? '' : ` (and ${problems.length - 1} more)`;
  throw new StreamSpaceError(first.code, `${first.message}${more}`, {
    facts: { problems },
    ...(first.position === undefined ? {} : { position: first.position }),
  });
}

function disorder(objects: readonly Identified[]): readonly Problem[] {
  return orderProblems(objects).map(({ id, manifest, annotation, message }) => {
    const line = manifest.lineOf(['metadata', 'annotations', annotation]) ?? manifest.position.line;
    const position = { ...manifest.position, ...(line === undefined ? {} : { line }) };
    return { code: 'ManifestOrderInvalid', message: `${describeId(id)}: ${message}`, object: id, position };
  });
}

function circles(objects: readonly Identified[]): readonly Problem[] {
  return roleCycles(objects).map(({ object: { id, manifest }, code, message }) => {
    const line = manifest.lineOf(['spec', 'inherits']) ?? manifest.position.line;
    const position = { ...manifest.position, ...(line === undefined ? {} : { line }) };
    return { code, message: `${describeId(id)}: ${message}`, object: id, position };
  });
}

function duplicate(id: ObjectId, first: SourcePosition, second: SourcePosition): Problem {
  return {
    code: 'ManifestDuplicate',
    message: `${describeId(id)} stands in ${formatPosition(first)} and again in ${formatPosition(second)}`,
    object: id,
    position: second,
  };
}

/** What never comes from Git: running state, and the records of the sync itself. */
function forbidden(id: ObjectId, { apiVersion, kind, object, position }: Manifest): readonly Problem[] {
  const refuse = (message: string): readonly Problem[] => [{ code: 'ManifestForbidden', message, object: id, position }];
  if (groupOf(apiVersion) === API_GROUP && kind === 'Session') return refuse('a Session is made at run time, never from Git');
  if (apiVersion === 'v1' && kind === 'Event') return refuse('an Event is made at run time, never from Git');
  if (at(object, 'metadata', 'labels', LABELS.gitSync) !== undefined)
    return refuse(`the label ${LABELS.gitSync} is set by the sync itself; take it out`);
  return [];
}

/** In the order of the file. */
function mistakes(
  id: ObjectId,
  manifest: Manifest,
  defined: ReadonlyMap<string, DefinedKind>,
  served: Scopes,
): readonly Problem[] {
  // Of a kind that the cluster serves there may be a live object, which brings the fields that Git leaves to others.
  const whole = !served.has(keyOf(manifest));
  const problems = [...fieldProblems(manifest), ...definedProblems(manifest, defined, { whole })].map(({ field, message }) => {
    const line = manifest.lineOf(field) ?? manifest.position.line;
    return {
      code: 'ManifestInvalid' as const,
      message: `${describeId(id)}: ${fieldText(field)}: ${message}`,
      object: id,
      position: { ...manifest.position, ...(line === undefined ? {} : { line }) },
    };
  });
  return problems.toSorted((a, b) => (a.position.line ?? 0) - (b.position.line ?? 0));
}
