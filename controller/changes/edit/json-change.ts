// What a field change makes of a value. Pure; the file is then edited so that it says the same (edit-yaml.ts).
import { isDeepStrictEqual } from 'node:util';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { KINDS } from '../../../schemas/kinds/all.ts';
import type { FieldChange } from '../../../schemas/kinds/changes/change-edit.ts';
import { formatChangePath, type PathSegment, parseChangePath } from '../../../schemas/kinds/changes/change-path.ts';
import { withDefaults } from '../../../schemas/kinds/defaults.ts';
import { API_GROUP } from '../../../schemas/names.ts';
import { groupOf } from '../../render/manifest.ts';
import { isJsonObject, type JsonObject, type JsonValue, textAt } from '../../render/yaml/json.ts';

/** Where a change is, as keys and numbers of items, and what is to stand there. */
export interface Located {
  /** Down to the deepest place that is there already, or to the one that is taken away. */
  readonly path: readonly (string | number)[];
  readonly action:
    | { readonly kind: 'replace'; readonly value: JsonValue }
    /** A key or item that the map or list at `path` does not have yet. */
    | { readonly kind: 'add'; readonly key: string | undefined; readonly value: JsonValue }
    | { readonly kind: 'remove' }
    | { readonly kind: 'none' };
}

/** @throws ChangePathInvalid, ChangeConflict */
export function locateChange(root: JsonValue, change: FieldChange): Located {
  const segments = parseChangePath(change.path) ?? invalid(change.path, 'it is no path');
  if (change.op === 'Remove' && change.was !== undefined && segments.at(-1)?.kind === 'append')
    return locateEqualItem(root, segments.slice(0, -1), { path: change.path, was: change.was });
  const found = walk(root, segments);
  requireAsBefore(root, change, found);
  if (change.op === 'Remove') {
    if (found.missing.length === 0) return { path: found.path, action: { kind: 'remove' } };
    // It was seen as it is filled in.
    if (change.was !== undefined) return { path: found.path, action: { kind: 'none' } };
    conflict(change.path, 'there is nothing to remove');
  }
  const wanted = JSON.parse(change.value ?? 'null') as JsonValue;
  const [next, ...rest] = found.missing;
  if (next === undefined) {
    const value = withKey(segments.at(-1), wanted, change.path);
    const action = isDeepStrictEqual(found.value, value) ? ({ kind: 'none' } as const) : ({ kind: 'replace', value } as const);
    return { path: found.path, action };
  }
  const value = built(next, rest, wanted, change.path);
  if (next.kind === 'field') {
    if (isJsonObject(found.value)) return { path: found.path, action: { kind: 'add', key: next.name, value } };
    if (found.value === null) return { path: found.path, action: { kind: 'replace', value: { [next.name]: value } } };
    return invalid(change.path, `${placeOf(found.path)} is no object`);
  }
  if (Array.isArray(found.value)) return { path: found.path, action: { kind: 'add', key: undefined, value } };
  if (found.value === null) return { path: found.path, action: { kind: 'replace', value: [value] } };
  return invalid(change.path, `${placeOf(found.path)} is no list`);
}

/** The last of those that are exactly so: what was added is at the end. */
function locateEqualItem(
  root: JsonValue,
  list: readonly PathSegment[],
  { path, was }: { readonly path: string; readonly was: string },
): Located {
  const found = walk(root, list);
  const item = JSON.parse(was) as JsonValue;
  const items = found.missing.length === 0 && Array.isArray(found.value) ? (found.value as readonly JsonValue[]) : [];
  const index = items.findLastIndex((each) => isDeepStrictEqual(each, item));
  if (index < 0) conflict(path, 'no item is what it was when the change was asked for');
  return { path: [...found.path, index], action: { kind: 'remove' } };
}

interface Walked {
  readonly path: readonly (string | number)[];
  readonly value: JsonValue;
  /** What of the path is not there. */
  readonly missing: readonly PathSegment[];
}

function walk(root: JsonValue, segments: readonly PathSegment[]): Walked {
  let value = root;
  const path: (string | number)[] = [];
  for (const [index, segment] of segments.entries()) {
    const key = keyOf(value, segment, segments.slice(0, index + 1));
    const next = key === undefined ? undefined : (value as Record<string | number, JsonValue | undefined>)[key];
    if (key === undefined || next === undefined) return { path, value, missing: segments.slice(index) };
    path.push(key);
    value = next;
  }
  return { path, value, missing: [] };
}

function keyOf(value: JsonValue, segment: PathSegment, upTo: readonly PathSegment[]): string | number | undefined {
  if (segment.kind === 'field') return isJsonObject(value) && Object.hasOwn(value, segment.name) ? segment.name : undefined;
  if (segment.kind === 'append' || !Array.isArray(value)) return undefined;
  const items = value as readonly JsonValue[];
  const matching = items.flatMap((item, index) => (textBelow(item, segment.key) === segment.value ? [index] : []));
  if (matching.length > 1)
    throw new StreamSpaceError('ChangeConflict', `${formatChangePath(upTo)}: there are ${matching.length} such items`);
  return matching[0];
}

function textBelow(value: JsonValue, key: readonly string[]): string | undefined {
  let found: JsonValue | undefined = value;
  for (const name of key) found = isJsonObject(found) ? found[name] : undefined;
  return found === undefined || found === null || typeof found === 'object' ? undefined : String(found);
}

/** What has to be made where `next` is missing, for `rest` to be below it. */
function built(next: PathSegment, rest: readonly PathSegment[], wanted: JsonValue, path: string): JsonValue {
  // A field of an item that somebody else has taken away meanwhile: nobody asked for half an item.
  if (next.kind === 'item' && rest.length > 0) conflict(path, `there is no item ${formatChangePath([next])}`);
  const [below, ...deeper] = rest;
  if (below === undefined) return withKey(next, wanted, path);
  const value = built(below, deeper, wanted, path);
  return below.kind === 'field' ? { [below.name]: value } : [value];
}

/** An item that is named by a key has that key. */
function withKey(segment: PathSegment | undefined, wanted: JsonValue, path: string): JsonValue {
  if (segment?.kind === 'item' && textBelow(wanted, segment.key) !== segment.value)
    return invalid(path, `the item has to have ${segment.key.join('.')} = ${segment.value}`);
  return wanted;
}

/** Written out or filled in by the API server is the same. */
function requireAsBefore(root: JsonValue, { was, path }: FieldChange, { path: place, value, missing }: Walked): void {
  if (was === undefined) return;
  const before = JSON.parse(was) as JsonValue;
  const now = missing.length > 0 ? null : value;
  if (isDeepStrictEqual(now, before)) return;
  const seen =
    before !== null
      ? applyLocated(root, locateChange(root, { op: 'Set', path, value: was }))
      : applyLocated(root, { path: place, action: { kind: 'remove' } });
  if (!isDeepStrictEqual(filledIn(seen), filledIn(root)))
    conflict(path, 'it is no longer what it was when the change was asked for');
}

/** As the API server stores it. */
function filledIn(object: JsonValue): JsonValue {
  if (!isJsonObject(object)) return object;
  const kind = KINDS.find((each) => each.kind === object['kind'] && groupOf(textAt(object, 'apiVersion') ?? '') === API_GROUP);
  return kind === undefined ? object : { ...object, spec: withDefaults(kind.spec, object['spec']) as JsonValue };
}

/** The value as it is after the change. */
export function applyLocated(root: JsonValue, { path, action }: Located): JsonValue {
  if (action.kind === 'none') return root;
  const [first, ...rest] = path;
  if (first !== undefined && !(action.kind === 'remove' && rest.length === 0)) {
    const below = applyLocated((root as Record<string | number, JsonValue>)[first] ?? null, { path: rest, action });
    if (Array.isArray(root)) return (root as readonly JsonValue[]).with(first as number, below);
    return { ...(root as JsonObject), [first]: below };
  }
  switch (action.kind) {
    case 'replace':
      return action.value;
    case 'add':
      return action.key === undefined
        ? [...(root as readonly JsonValue[]), action.value]
        : { ...(root as JsonObject), [action.key]: action.value };
    case 'remove':
      if (Array.isArray(root)) return (root as readonly JsonValue[]).filter((_, index) => index !== first);
      return Object.fromEntries(Object.entries(root as JsonObject).filter(([key]) => key !== first));
  }
}

function placeOf(path: readonly (string | number)[]): string {
  return path.length === 0 ? 'the object' : path.join('.');
}

function invalid(path: string, what: string): never {
  throw new StreamSpaceError('ChangePathInvalid', `${path}: ${what}`);
}

function conflict(path: string, what: string): never {
  throw new StreamSpaceError('ChangeConflict', `${path}: ${what}`);
}
