// The files that a kustomization needs, and nothing else: its folder and the folders that it names, from the same repository.
// Kustomize itself reads nothing above the folder of a kustomization, so these folders are all that it can depend on.
import path from 'node:path';
import { type SourcePosition, StreamSpaceError } from '../../../schemas/errors.ts';
import type { Snapshot } from '../../git/snapshot.ts';
import type { SourceTree } from '../../git/source-tree.ts';
import { isJsonObject, type JsonObject, writeJson } from '../yaml/json.ts';
import { parseYamlFile, type YamlDocument } from '../yaml/yaml-file.ts';
import {
  inlinePlugins,
  isRemote,
  KUSTOMIZATION_FILES,
  type PlaceOf,
  type Reference,
  referencesOf,
  remoteInPlugin,
} from './kustomize-references.ts';

export interface KustomizeInput {
  /** By path in the repository; each kustomization is what we have read and checked, as JSON. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The kustomization of the unit itself. */
  readonly kustomization: string;
}

const MAX_KUSTOMIZATIONS = 500;

export function kustomizationIn(files: Snapshot['files'], folder: string): string | undefined {
  return KUSTOMIZATION_FILES.map((name) => path.posix.join(folder, name)).find((file) => files.has(file));
}

/** @throws StreamSpaceError RenderDenied, RenderFailed, YamlInvalid, each with file and line; what a snapshot refuses */
export async function kustomizeInput(tree: SourceTree, unit: Snapshot): Promise<KustomizeInput> {
  const files = new Map<string, Uint8Array>(unit.files);
  const read = [unit.path];
  const checked = new Map<string, JsonObject>();
  const open: string[] = [unit.path];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const file = kustomizationIn(files, folder) ?? fail('RenderFailed', `there is no ${KUSTOMIZATION_FILES[0]}`, folder);
    if (checked.has(file)) continue;
    if (checked.size >= MAX_KUSTOMIZATIONS)
      throw new StreamSpaceError('RenderFailed', `more than ${MAX_KUSTOMIZATIONS} kustomizations are read`, {
        position: { file },
      });
    const { value, placeOf } = parseKustomization(file, files);
    checked.set(file, value);
    for (const { text, field } of inlinePlugins(value)) refusePlugins(file, Buffer.from(text), placeOf(field));
    for (const reference of referencesOf(value, placeOf)) {
      const target = targetOf(folder, reference, placeOf);
      const outside = !read.some((each) => isBelow(target, each));
      if (outside && reference.wants === 'any') {
        const { files: more, path: added } = await snapshotOf(tree, target, reference, placeOf);
        for (const [name, bytes] of more) files.set(name, bytes);
        read.push(added);
      }
      if (!files.has(target)) open.push(folderAt(files, target, folder, reference, placeOf));
      else if (!isBelow(target, folder)) throw above(reference, placeOf);
    }
  }
  for (const [file, bytes] of files) refusePlugins(file, bytes);
  const kustomization = kustomizationIn(files, unit.path) ?? '';
  for (const [file, value] of checked)
    files.set(file, Buffer.from(writeJson(file === kustomization ? withOrigin(value) : value)));
  return { files, kustomization };
}

/** The origins of all resources, for their positions; what else the user asked for stays. */
function withOrigin(kustomization: JsonObject): JsonObject {
  const [key, value] = Object.entries(kustomization).find(([name]) => name.toLowerCase() === 'buildmetadata') ?? [];
  const wanted = Array.isArray(value) ? value : [];
  const others = Object.entries(kustomization).filter(([name]) => name !== key);
  return Object.fromEntries([...others, ['buildMetadata', [...new Set([...wanted, 'originAnnotations'])]]]);
}

function parseKustomization(file: string, files: ReadonlyMap<string, Uint8Array>) {
  const same = KUSTOMIZATION_FILES.map((name) => path.posix.join(path.posix.dirname(file), name)).filter((name) =>
    files.has(name),
  );
  if (same.length > 1) fail('RenderFailed', `more than one kustomization: ${same.join(' and ')}`, file);
  const [document, second] = parseYamlFile(file, files.get(file) ?? new Uint8Array());
  if (second !== undefined)
    throw new StreamSpaceError('RenderFailed', 'a kustomization is one document', { position: placeIn(file, second)([]) });
  const value = document?.value ?? {};
  if (!isJsonObject(value)) return fail('RenderFailed', 'a kustomization is a mapping', file);
  return { value, placeOf: document === undefined ? () => ({ file }) : placeIn(file, document) };
}

function placeIn(file: string, { line, lineOf }: YamlDocument): PlaceOf {
  return (field) => ({ file, line: lineOf(field) ?? line });
}

function targetOf(folder: string, { name, field }: Reference, placeOf: PlaceOf): string {
  const denied = (why: string) => new StreamSpaceError('RenderDenied', `${name}: ${why}`, { position: placeOf(field) });
  if (isRemote(name)) throw denied('nothing is loaded from elsewhere; copy it into the repository');
  if (path.posix.isAbsolute(name)) throw denied('an absolute path; write one relative to the kustomization');
  const target = path.posix.normalize(path.posix.join(folder, name)).replace(/\/$/, '');
  if (target === '..' || target.startsWith('../')) throw denied('it leaves the repository');
  return target === '.' ? '' : target;
}

async function snapshotOf(tree: SourceTree, target: string, reference: Reference, placeOf: PlaceOf): Promise<Snapshot> {
  if ((await tree.file(target)) !== undefined) throw above(reference, placeOf);
  try {
    return await tree.snapshot(target);
  } catch (error) {
    if (error instanceof StreamSpaceError && error.code === 'GitPathNotFound') throw missing(target, reference, placeOf);
    throw error;
  }
}

/** The folder that a reference means, where it is no file. */
function folderAt(
  files: ReadonlyMap<string, Uint8Array>,
  target: string,
  from: string,
  reference: Reference,
  placeOf: PlaceOf,
): string {
  const isFolder = target === '' || [...files.keys()].some((file) => file.startsWith(`${target}/`));
  if (!isFolder || reference.wants === 'file') {
    if (reference.wants === 'file' && !isBelow(target, from)) throw above(reference, placeOf);
    throw missing(target, reference, placeOf);
  }
  if (kustomizationIn(files, target) !== undefined) return target;
  const message = `${reference.name} is a folder without ${KUSTOMIZATION_FILES[0]}`;
  throw new StreamSpaceError('RenderFailed', message, { position: placeOf(reference.field) });
}

function missing(target: string, { field }: Reference, placeOf: PlaceOf): StreamSpaceError {
  return new StreamSpaceError('RenderFailed', `there is no ${target} in the repository`, { position: placeOf(field) });
}

function above({ name, field }: Reference, placeOf: PlaceOf): StreamSpaceError {
  const message = `${name}: a kustomization reads single files in and below its own folder only`;
  return new StreamSpaceError('RenderDenied', message, { position: placeOf(field) });
}

/** Plugins of kustomize itself are configured by files too, and load what these name. */
function refusePlugins(file: string, bytes: Uint8Array, place?: SourcePosition): void {
  const text = Buffer.from(bytes).toString('latin1');
  if (place === undefined && (!/\.(ya?ml|json)$/i.test(file) || !/builtin|\\[xuU]/.test(text))) return;
  for (const { value, line } of readable(file, bytes)) {
    const remote = remoteInPlugin(value);
    if (remote === undefined) continue;
    const message = `${remote}: nothing is loaded from elsewhere; copy it into the repository`;
    throw new StreamSpaceError('RenderDenied', message, { position: place ?? { file, line } });
  }
}

/** A file that nobody reads may be anything; one that is read and no YAML is told by kustomize. */
export function readable(file: string, bytes: Uint8Array): readonly YamlDocument[] {
  try {
    return parseYamlFile(file, bytes);
  } catch (error) {
    if (error instanceof StreamSpaceError) return [];
    throw error;
  }
}

function isBelow(file: string, folder: string): boolean {
  return folder === '' || file === folder || file.startsWith(`${folder}/`);
}

function fail(code: 'RenderFailed', message: string, file: string): never {
  throw new StreamSpaceError(code, message, { position: { file } });
}
