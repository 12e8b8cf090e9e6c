// What kustomize printed, as manifests: each with the file that its resource came from.
import path from 'node:path';
import { type SourcePosition, StreamSpaceError } from '../../../schemas/errors.ts';
import { type Manifest, manifestOf, type Rendered } from '../manifest.ts';
import { at, isJsonObject, type JsonObject, type JsonValue, textAt } from '../yaml/json.ts';
import { parseYamlFile, type YamlDocument } from '../yaml/yaml-file.ts';
import { type KustomizeInput, readable } from './kustomize-input.ts';

const ORIGIN = 'config.kubernetes.io/origin';

export interface OutputOptions {
  /** Folder of the unit; origins are relative to it. */
  readonly unit: string;
  readonly input: KustomizeInput;
  readonly warnings: readonly string[];
}

/** @throws ManifestInvalid, YamlInvalid */
export function manifestsFrom(stdout: Uint8Array, { unit, input, warnings }: OutputOptions): Rendered {
  const sources = new Map<string, readonly YamlDocument[]>();
  const manifests = parseYamlFile(input.kustomization, stdout).map(({ value }): Manifest => {
    const object = isJsonObject(value) ? value : {};
    const origin = textAt(object, 'metadata', 'annotations', ORIGIN);
    const file = fileOf(origin, unit, input);
    const source = sourceOf(object, file, input.files, sources);
    const position: SourcePosition = source === undefined ? { file } : { file, line: source.line, document: source.document };
    const lineOf = (field: readonly (string | number)[]) => source?.lineOf(field) ?? position.line;
    const manifest = manifestOf(withoutOrigin(object), position, lineOf);
    if (manifest === undefined)
      throw new StreamSpaceError('ManifestInvalid', 'a resource without apiVersion and kind', { position });
    return manifest;
  });
  return { manifests, warnings };
}

/** Of the resource, or of the kustomization that generates it. */
function fileOf(origin: string | undefined, unit: string, { kustomization, files }: KustomizeInput): string {
  const named = /^(?:path|configuredIn): (.*)$/m
    .exec(origin ?? '')?.[1]
    ?.trim()
    .replace(/^(["'])(.*)\1$/, '$2');
  const file = named === undefined ? kustomization : path.posix.join(unit, named);
  return files.has(file) ? file : kustomization;
}

/** The document that it came from: the only one of its kind, else the one whose name is in its name. */
function sourceOf(
  object: JsonObject,
  file: string,
  files: KustomizeInput['files'],
  parsed: Map<string, readonly YamlDocument[]>,
): YamlDocument | undefined {
  const documents = parsed.get(file) ?? readable(file, files.get(file) ?? new Uint8Array());
  parsed.set(file, documents);
  const same = documents.filter(({ value }) => textAt(value, 'kind') === textAt(object, 'kind'));
  if (same.length === 1) return same[0];
  const name = textAt(object, 'metadata', 'name') ?? '';
  const named = (document: YamlDocument): string => textAt(document.value, 'metadata', 'name') ?? '';
  return same
    .filter((each) => named(each) !== '' && name.includes(named(each)))
    .toSorted((a, b) => named(b).length - named(a).length)[0];
}

function withoutOrigin(object: JsonObject): JsonObject {
  const metadata = at(object, 'metadata');
  const annotations = at(metadata, 'annotations');
  if (!isJsonObject(metadata) || !isJsonObject(annotations) || !Object.hasOwn(annotations, ORIGIN)) return object;
  const others = Object.entries(annotations).filter(([key]) => key !== ORIGIN);
  const kept = Object.entries(metadata).flatMap(([key, value]): readonly (readonly [string, JsonValue])[] => {
    if (key !== 'annotations') return [[key, value]];
    return others.length === 0 ? [] : [[key, Object.fromEntries(others)]];
  });
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, key === 'metadata' ? Object.fromEntries(kept) : value]),
  );
}
