// Edits one object in a YAML (or JSON) file, so that its text says the changed value and everything else is untouched. The promise
// is kept by reading the new text again: what does not say exactly that is not given.
import { isDeepStrictEqual } from 'node:util';
import { type SourcePosition, StreamSpaceError } from '../../../schemas/errors.ts';
import type { FieldChange } from '../../../schemas/kinds/changes/change-edit.ts';
import { groupOf, isList } from '../../render/manifest.ts';
import { at, type JsonValue } from '../../render/yaml/json.ts';
import { parseYamlFile } from '../../render/yaml/yaml-file.ts';
import { applyLocated, type Located, locateChange } from './json-change.ts';
import { lineNumber, lineStart, type Splice, spliced } from './text-lines.ts';
import { documentsWithTokens, findNode, type NodePath, startOf } from './yaml-nodes.ts';
import { addSplice, indentsLists, removeSplice, replaceSplice, type Splicing } from './yaml-splices.ts';

export interface ObjectName {
  readonly apiVersion: string;
  readonly kind: string;
  /** As it will be in the cluster: that of the GitSync where the manifest says none. */
  readonly namespace: string | undefined;
  readonly name: string;
}

export interface ObjectPlace {
  /** Counts from 1. */
  readonly document: number;
  /** Of a list of objects: where in it. */
  readonly path: NodePath;
  readonly value: JsonValue;
  readonly line: number;
}

const BOM = '\uFEFF';

/** @param defaultNamespace of a manifest that names none */
export function findObject(
  file: string,
  bytes: Uint8Array,
  wanted: ObjectName,
  defaultNamespace: string,
): ObjectPlace | undefined {
  for (const { document, value, line } of parseYamlFile(file, bytes)) {
    const path = pathTo(value, [], (each) => isObject(each, wanted, defaultNamespace));
    if (path !== undefined) return { document, path: path.path, value: path.value, line };
  }
  return undefined;
}

function pathTo(
  value: JsonValue,
  path: NodePath,
  wanted: (value: JsonValue) => boolean,
): { readonly path: NodePath; readonly value: JsonValue } | undefined {
  if (wanted(value)) return { path, value };
  const items = isList(value) ? at(value, 'items') : undefined;
  if (!Array.isArray(items)) return undefined;
  for (const [index, item] of (items as readonly JsonValue[]).entries()) {
    const found = pathTo(item, [...path, 'items', index], wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isObject(value: JsonValue, { apiVersion, kind, namespace, name }: ObjectName, defaultNamespace: string): boolean {
  if (at(value, 'kind') !== kind || at(value, 'metadata', 'name') !== name) return false;
  if (groupOf(String(at(value, 'apiVersion') ?? '')) !== groupOf(apiVersion)) return false;
  if (namespace === undefined) return true;
  return (at(value, 'metadata', 'namespace') ?? defaultNamespace) === namespace;
}

/**
 * The bytes after the changes; the same bytes where they change nothing.
 * @throws ChangePathInvalid, ChangeConflict, ChangeThroughAlias, ChangeNotEditable, each with the place in the file
 */
export function patchObject(file: string, bytes: Uint8Array, place: ObjectPlace, changes: readonly FieldChange[]): Uint8Array {
  let text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const bom = text.startsWith(BOM) ? BOM : '';
  text = text.slice(bom.length);
  let { value } = place;
  for (const change of changes) {
    try {
      const located = locateChange(value, change);
      text = editText(file, text, place, located, value);
      value = applyLocated(value, located);
    } catch (error) {
      throw placedAt(error, { file, line: place.line, document: place.document });
    }
  }
  return new TextEncoder().encode(bom + text);
}

function editText(file: string, text: string, place: ObjectPlace, located: Located, value: JsonValue): string {
  if (located.action.kind === 'none') return text;
  const wanted = documentsAfter(file, text, place, applyLocated(value, located));
  let refused: StreamSpaceError | undefined;
  for (const attempt of attempts(file, text, place, located, value)) {
    try {
      const edited = attempt();
      if (says(file, edited, wanted)) return edited;
    } catch (error) {
      if (!(error instanceof StreamSpaceError)) throw error;
      if (error.code === 'ChangeThroughAlias') throw error;
      refused ??= error;
    }
  }
  throw (
    refused ?? new StreamSpaceError('ChangeNotEditable', `${located.path.join('.')} is written in a way that cannot be edited`)
  );
}

type Attempt = () => string;

/** As it would be written by hand; else with every text in quotes; else a larger piece anew, where that has no comment. */
function* attempts(file: string, text: string, place: ObjectPlace, located: Located, value: JsonValue): Generator<Attempt> {
  const document = documentsWithTokens(text)[place.document - 1];
  if (document === undefined) return;
  const json = /\.json$/i.test(file);
  for (const quoted of [false, true]) {
    const style = { indentSeq: indentsLists(document, text), quoted, json };
    const given: Splicing = { text, document, style };
    yield () => spliced(text, spliceOf(given, place, located, value));
    const changed = applyLocated(value, located);
    for (let length = located.path.length - 1; length > 0; length -= 1) {
      const path = located.path.slice(0, length);
      yield () => {
        const splice = replaceSplice(given, [...place.path, ...path], valueAt(changed, path));
        const [from] = [startOf(findNode(document, [...place.path, ...path]).steps.at(-1) ?? notThere())];
        if (text.slice(Math.min(from, splice.from), splice.to).includes('#'))
          throw new StreamSpaceError('ChangeNotEditable', `line ${lineNumber(text, from)}: it has a comment that would be lost`);
        return spliced(text, splice);
      };
    }
  }
}

function spliceOf(given: Splicing, place: ObjectPlace, { path, action }: Located, value: JsonValue): Splice {
  const whole = [...place.path, ...path];
  switch (action.kind) {
    case 'replace':
      return replaceSplice(given, whole, action.value);
    case 'add':
      return addSplice(given, whole, action.key, action.value, valueAt(applyLocated(value, { path, action }), path));
    case 'remove':
      return removeSplice(given, whole);
    case 'none':
      return { from: 0, to: 0, text: '' };
  }
}

function valueAt(value: JsonValue, path: NodePath): JsonValue {
  let found = value;
  for (const key of path) found = (found as Record<string | number, JsonValue>)[key] ?? null;
  return found;
}

function documentsAfter(file: string, text: string, place: ObjectPlace, value: JsonValue): readonly JsonValue[] {
  return parseYamlFile(file, new TextEncoder().encode(text)).map((each) =>
    each.document === place.document
      ? applyLocated(each.value, { path: place.path, action: { kind: 'replace', value } })
      : each.value,
  );
}

function says(file: string, text: string, wanted: readonly JsonValue[]): boolean {
  try {
    if (/\.json$/i.test(file)) JSON.parse(text);
    const found = parseYamlFile(file, new TextEncoder().encode(text)).map(({ value }) => value);
    return isDeepStrictEqual(found, wanted);
  } catch {
    return false;
  }
}

/**
 * The file without the object; `undefined` where nothing is left in it.
 * @throws ChangeNotEditable
 */
export function withoutObject(file: string, bytes: Uint8Array, place: ObjectPlace): Uint8Array | undefined {
  const documents = parseYamlFile(file, bytes);
  if (documents.length === 1 && place.path.length === 0) return undefined;
  const decoded = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const bom = decoded.startsWith(BOM) ? BOM : '';
  const text = decoded.slice(bom.length);
  const position = { file, line: place.line, document: place.document };
  const document = documentsWithTokens(text)[place.document - 1];
  if (document?.contents === null || document === undefined) throw notRemovable(position);
  const given = { text, document, style: { indentSeq: true, quoted: false, json: /\.json$/i.test(file) } };
  const [from, , to] = document.contents.range;
  const edited =
    place.path.length > 0
      ? spliced(text, removeSplice(given, place.path))
      : spliced(text, { from: lineStart(text, from), to, text: '' });
  const wanted = documents.flatMap((each) => {
    if (each.document !== place.document) return [each.value];
    return place.path.length === 0 ? [] : [applyLocated(each.value, { path: place.path, action: { kind: 'remove' } })];
  });
  if (!says(file, edited, wanted)) throw notRemovable(position);
  return new TextEncoder().encode(bom + edited);
}

function notRemovable(position: SourcePosition): StreamSpaceError {
  return new StreamSpaceError('ChangeNotEditable', 'the object cannot be taken out of its file', { position });
}

function notThere(): never {
  throw new StreamSpaceError('ChangeNotEditable', 'the document as a whole is not written anew');
}

/** With the file and the line of the object, where the error has none. */
function placedAt(error: unknown, position: SourcePosition): unknown {
  if (!(error instanceof StreamSpaceError) || error.position !== undefined) return error;
  const { code, message, facts } = error;
  return new StreamSpaceError(code, message, { facts, position, cause: error });
}
