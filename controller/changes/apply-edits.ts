// From the edits of a change request to the files as they will be: each object is looked up where it comes from, and edited there.
import { isDeepStrictEqual } from 'node:util';
import { Document } from 'yaml';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { ChangedObject, ChangeEdit, FieldChange } from '../../schemas/kinds/changes/change-edit.ts';
import type { SourceTree } from '../git/source-tree.ts';
import { groupOf, type Manifest } from '../render/manifest.ts';
import type { ConcreteRenderer } from '../render/render.ts';
import type { Unit } from '../render/unit.ts';
import { at, type JsonValue, parseJson } from '../render/yaml/json.ts';
import { findObject, type ObjectName, patchObject, withoutObject } from './edit/edit-yaml.ts';
import { applyLocated, locateChange } from './edit/json-change.ts';
import { OverlayTree } from './overlay-tree.ts';
import { patchValues, type ValuesPlace, valuesPlaceOf } from './values-file.ts';

/** A unit of the GitSync with what it gives before the change. */
export interface RenderedSource {
  readonly unit: Unit;
  /** Left out where it could not be rendered. */
  readonly renderer: ConcreteRenderer | undefined;
  readonly manifests: readonly Manifest[];
}

export interface EditContext {
  readonly tree: SourceTree;
  readonly sources: readonly RenderedSource[];
  /** Of a manifest that names none. */
  readonly defaultNamespace: string;
}

/**
 * The files that differ, and only these.
 * @throws ChangeObjectNotInGit, ChangeObjectExists, ChangeNotPlain, ChangeEmpty, and what editing refuses
 */
export async function applyEdits(
  edits: readonly ChangeEdit[],
  context: EditContext,
): Promise<ReadonlyMap<string, Uint8Array | undefined>> {
  const files = new Map<string, Uint8Array | undefined>();
  for (const edit of edits) {
    const tree = new OverlayTree(context.tree, files);
    if (edit.action === 'Create') {
      const file = newFileOf(edit, context);
      if (placeOf(edit.object, context) !== undefined || (await tree.idAt(file)) !== undefined)
        throw new StreamSpaceError('ChangeObjectExists', `${describe(edit.object)} or the file ${file} is there already`);
      files.set(file, newFile(edit));
      continue;
    }
    const places = edit.action === 'Patch' ? valuesPlacesOf(edit, context) : [];
    if (places.length > 0) {
      for (const place of places) files.set(place.file, patchValues(place, await tree.file(place.file)));
      continue;
    }
    const file = plainFileOf(edit.object, context);
    const bytes = (await tree.file(file)) ?? new Uint8Array();
    const place = findObject(file, bytes, nameOf(edit.object), context.defaultNamespace);
    if (place === undefined)
      throw new StreamSpaceError('ChangeObjectNotInGit', `${describe(edit.object)} is no longer in ${file}`);
    files.set(
      file,
      edit.action === 'Delete' ? withoutObject(file, bytes, place) : patchObject(file, bytes, place, edit.changes ?? []),
    );
  }
  return await differing(context.tree, files);
}

async function differing(tree: SourceTree, files: ReadonlyMap<string, Uint8Array | undefined>) {
  const kept = new Map<string, Uint8Array | undefined>();
  for (const [file, bytes] of files) {
    const before = await tree.file(file);
    const same = before === undefined ? bytes === undefined : bytes !== undefined && Buffer.compare(before, bytes) === 0;
    if (!same) kept.set(file, bytes);
  }
  if (kept.size === 0) throw new StreamSpaceError('ChangeEmpty', 'everything is in Git as it was asked for');
  return kept;
}

interface Placed {
  readonly source: RenderedSource;
  readonly manifest: Manifest;
}

function placeOf(
  object: ChangedObject,
  { sources, defaultNamespace }: Pick<EditContext, 'sources' | 'defaultNamespace'>,
): Placed | undefined {
  for (const source of sources) {
    const manifest = source.manifests.find((each) => isIt(each, object, defaultNamespace));
    if (manifest !== undefined) return { source, manifest };
  }
  return undefined;
}

function isIt(manifest: Manifest, { apiVersion, kind, namespace, name }: ChangedObject, defaultNamespace: string): boolean {
  if (manifest.kind !== kind || manifest.name !== name || groupOf(manifest.apiVersion) !== groupOf(apiVersion)) return false;
  return namespace === undefined || (manifest.namespace ?? defaultNamespace) === namespace;
}

/** @throws ChangeObjectNotInGit, ChangeNotPlain */
function plainFileOf(object: ChangedObject, context: EditContext): string {
  const placed = placeOf(object, context);
  if (placed === undefined)
    throw new StreamSpaceError('ChangeObjectNotInGit', `${describe(object)} does not come from this GitSync`);
  const { source, manifest } = placed;
  if (source.renderer === 'Yaml') return manifest.position.file;
  throw new StreamSpaceError(
    'ChangeNotPlain',
    `${describe(object)} is made by ${source.renderer === 'Cdk8s' ? 'a cdk8s app' : 'Kustomize'}: edit ${manifest.position.file}`,
    { position: manifest.position },
  );
}

/**
 * None for an object that no app makes of values files.
 * @throws ChangeNotPlain for a field that the app itself says, ChangeConflict for one that is not as it was seen
 */
function valuesPlacesOf({ object, changes = [] }: ChangeEdit, context: EditContext): readonly ValuesPlace[] {
  const placed = placeOf(object, context);
  if (placed?.source.renderer !== 'Cdk8s') return [];
  const { position, object: rendered } = placed.manifest;
  const places = changes.map((change) => valuesPlaceOf(placed.manifest, placed.source.unit, change));
  if (places.every((place) => place === undefined)) return [];
  // Judged by the object, which has the defaults of its kind.
  withChanges(rendered, changes);
  return places.map((place, index) => {
    if (place !== undefined) return place;
    const message = `${changes[index]?.path} of ${describe(object)} comes of no values file: edit ${position.file}`;
    throw new StreamSpaceError('ChangeNotPlain', message, { position });
  });
}

/** @throws ChangePathInvalid, ChangeConflict */
function withChanges(value: JsonValue, changes: readonly FieldChange[]): JsonValue {
  return changes.reduce<JsonValue>((before, change) => applyLocated(before, locateChange(before, change)), value);
}

/**
 * An app may make anything of its values: what was edited there has to come out as it was asked for.
 * @throws ChangeConflict with the file that a person has to look at
 */
export function requireWished(
  edits: readonly ChangeEdit[],
  before: Pick<EditContext, 'sources' | 'defaultNamespace'>,
  after: readonly RenderedSource[],
): void {
  const wished = new Map<Manifest, { readonly object: ChangedObject; readonly value: JsonValue }>();
  for (const { action, object, changes = [] } of edits) {
    const placed = action === 'Patch' ? placeOf(object, before) : undefined;
    if (placed?.source.renderer !== 'Cdk8s') continue;
    const value = wished.get(placed.manifest)?.value ?? placed.manifest.object;
    wished.set(placed.manifest, { object, value: withChanges(value, changes) });
  }
  for (const [{ position }, { object, value }] of wished) {
    const now = placeOf(object, { ...before, sources: after })?.manifest.object;
    if (isDeepStrictEqual(now, value)) continue;
    const message = `the app makes something else of its values than was asked for in ${describe(object)}: edit ${position.file}`;
    throw new StreamSpaceError('ChangeConflict', message, { position });
  }
}

/** @throws ChangePathInvalid, ChangeNotPlain */
function newFileOf({ object, file, manifest }: ChangeEdit, { sources }: EditContext): string {
  const value = parseJson(manifest ?? 'null');
  const same =
    at(value, 'apiVersion') === object.apiVersion &&
    at(value, 'kind') === object.kind &&
    at(value, 'metadata', 'name') === object.name &&
    at(value, 'metadata', 'namespace') === object.namespace;
  if (!same) throw new StreamSpaceError('ChangePathInvalid', `the manifest is not of ${describe(object)}`);
  const plain = sources.filter(({ renderer }) => renderer === 'Yaml');
  const inside = (path: string): boolean =>
    plain.some(({ unit }) => folderOf(unit) === '' || path.startsWith(`${folderOf(unit)}/`));
  const [first] = plain;
  if (first === undefined)
    throw new StreamSpaceError('ChangeNotPlain', 'nothing of this GitSync is plain YAML: a new object is written by hand');
  const place = [folderOf(first.unit), object.namespace, `${object.kind.toLowerCase()}-${object.name}.yaml`];
  const path = file ?? place.filter((part) => part !== undefined && part !== '').join('/');
  if (!inside(path))
    throw new StreamSpaceError('ChangePathInvalid', `${path} is not below what this GitSync renders as plain YAML`);
  return path;
}

function folderOf({ path }: Unit): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

function newFile({ manifest }: ChangeEdit): Uint8Array {
  const value: JsonValue = parseJson(manifest ?? 'null');
  return new TextEncoder().encode(new Document(value, { version: '1.1' }).toString({ lineWidth: 0, directives: false }));
}

function nameOf({ apiVersion, kind, namespace, name }: ChangedObject): ObjectName {
  return { apiVersion, kind, namespace, name };
}

function describe({ kind, namespace, name }: ChangedObject): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}
