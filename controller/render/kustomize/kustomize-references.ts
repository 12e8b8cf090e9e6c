// What a kustomization says that kustomize should read, and what of it is refused. Pure; the fields are those of kustomize 5.
import { type SourcePosition, StreamSpaceError } from '../../../schemas/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../yaml/json.ts';

export const KUSTOMIZATION_FILES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

export interface Reference {
  /** As written. */
  readonly name: string;
  /** `any`: a file, or a folder with a kustomization of its own. */
  readonly wants: 'file' | 'any';
  /** Where it stands in the kustomization. */
  readonly field: readonly (string | number)[];
}

/** Read by kustomize as file or folder, or as the content itself. */
const ANY = new Set(['resources', 'bases', 'components', 'generators', 'transformers', 'validators']);
const FILES = new Set(['crds', 'configurations', 'patchesstrategicmerge']);
/** Lists of objects with `path`. */
const WITH_PATH = new Set(['patches', 'patchesjson6902', 'replacements']);
const GENERATORS = new Set(['configmapgenerator', 'secretgenerator']);
const REFUSED: Readonly<Record<string, string>> = {
  helmcharts: 'Helm charts are not rendered',
  helmglobals: 'Helm charts are not rendered',
  helmchartinflationgenerator: 'Helm charts are not rendered',
};
/** In the configuration of a built-in plugin: what it loads. */
const PLUGIN_PATHS = new Set(['path', 'paths', 'files', 'envs', 'env', 'url', 'repo']);

/**
 * @param placeOf position of a field of the kustomization
 * @throws RenderDenied for what is never done
 */
export function referencesOf(kustomization: JsonObject, placeOf: PlaceOf): readonly Reference[] {
  const found: Reference[] = [];
  for (const [key, value] of Object.entries(kustomization)) {
    const field = key.toLowerCase(); // Go's decoder, which kustomize uses, does not look at the case
    const refused = REFUSED[field];
    if (refused !== undefined) throw new StreamSpaceError('RenderDenied', `${key}: ${refused}`, { position: placeOf([key]) });
    const items = Array.isArray(value) ? (value as readonly JsonValue[]) : [];
    for (const [index, item] of items.entries()) {
      const at = [key, index] as const;
      if (ANY.has(field)) add(item, 'any', at);
      if (FILES.has(field)) add(item, 'file', at);
      if (WITH_PATH.has(field)) add(memberOf(item, 'path'), 'file', [...at, 'path']);
      if (GENERATORS.has(field)) for (const each of sourcesOf(item)) add(each.name, 'file', [...at, ...each.field]);
    }
    if (field === 'openapi') add(memberOf(value, 'path'), 'file', [key, 'path']);
  }
  return found;

  function add(name: JsonValue | undefined, wants: Reference['wants'], field: readonly (string | number)[]): void {
    if (typeof name === 'string' && name !== '' && !isInline(name)) found.push({ name, wants, field });
  }
}

export type PlaceOf = (field: readonly (string | number)[]) => SourcePosition;

/** The content itself instead of its path. */
function isInline(text: string): boolean {
  return text.includes('\n') || /^\s*\{/.test(text) || /^\s*[A-Za-z$_-]+:\s/.test(text);
}

/** Configurations of plugins that stand in the kustomization itself. */
export function inlinePlugins(
  kustomization: JsonObject,
): readonly { readonly text: string; readonly field: readonly (string | number)[] }[] {
  return Object.entries(kustomization).flatMap(([key, value]) => {
    const items = ANY.has(key.toLowerCase()) && Array.isArray(value) ? (value as readonly JsonValue[]) : [];
    return items.flatMap((item, index) =>
      typeof item === 'string' && isInline(item) ? [{ text: item, field: [key, index] }] : [],
    );
  });
}

/** `files` are written `name` or `key=name`. */
function sourcesOf(generator: JsonValue): readonly { readonly name: JsonValue; readonly field: readonly (string | number)[] }[] {
  if (!isJsonObject(generator)) return [];
  return Object.entries(generator).flatMap(([key, value]) => {
    const field = key.toLowerCase();
    if (field === 'env') return [{ name: value, field: [key] }];
    if (field !== 'files' && field !== 'envs') return [];
    return (Array.isArray(value) ? (value as readonly JsonValue[]) : []).map((item, index) => {
      const name = field === 'files' && typeof item === 'string' ? item.slice(item.indexOf('=') + 1) : item;
      return { name, field: [key, index] };
    });
  });
}

function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  if (!isJsonObject(value)) return undefined;
  return Object.entries(value).find(([key]) => key.toLowerCase() === name)?.[1];
}

/** A URL, `host:path` as ssh has it, or one of the short forms of kustomize: `github.com/org/repo`, `git::...`, `gh:...`. */
export function isRemote(name: string): boolean {
  return /^\s*[a-z][a-z0-9+.-]*:/i.test(name) || /^\s*[^/\s]+@[^/]+:/.test(name) || /^\s*(www\.)?github\.com(\/|$)/i.test(name);
}

/** The first remote thing that the configuration of a built-in plugin (`apiVersion: builtin`) would load. */
export function remoteInPlugin(config: JsonValue): string | undefined {
  if (!isJsonObject(config) || config['apiVersion'] !== 'builtin') return undefined;
  return search(config, false);

  function search(value: JsonValue, isPath: boolean): string | undefined {
    if (typeof value === 'string') return isPath && isRemote(value.slice(value.indexOf('=') + 1)) ? value : undefined;
    const members = Array.isArray(value)
      ? (value as readonly JsonValue[]).map((item) => [isPath, item] as const)
      : isJsonObject(value)
        ? Object.entries(value).map(([key, item]) => [PLUGIN_PATHS.has(key.toLowerCase()), item] as const)
        : [];
    for (const [path, item] of members) {
      const remote = search(item, path);
      if (remote !== undefined) return remote;
    }
    return undefined;
  }
}
