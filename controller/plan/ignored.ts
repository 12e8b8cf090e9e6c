// Fields that a GitSync leaves to others: written once, when the object is made, and from then on neither compared, nor applied,
// nor owned. Pure.
import type { FieldRule } from '../../schemas/kinds/field-rule.ts';
import { SYNC_FIELD_MANAGER } from '../../schemas/names.ts';
import { at, isJsonObject, type JsonObject, type JsonValue, textAt } from '../render/yaml/json.ts';
import { type FieldPath, fieldsOf, isNamed, stepInto, withoutFields } from '../validate/fields.ts';
import type { Identified } from '../validate/validate.ts';

/** The object as it is applied; what it is made from, where it is not there yet, stays with it. */
export function leavingFields(object: Identified, rules: readonly FieldRule[]): Identified {
  const fields = fieldsOf(rules, object.id);
  if (fields.length === 0) return object;
  const { manifest } = object;
  return {
    ...object,
    manifest: { ...manifest, object: withoutFields(manifest.object, fields) },
    left: { fields, made: manifest },
  };
}

/** As it is made where it is not there: a Deployment without its image would be refused. */
export function asMade(object: Identified): Identified {
  return object.left === undefined ? object : { ...object, manifest: object.left.made };
}

export interface GivenUp {
  /** The managed fields of the object without our claim. */
  readonly managedFields: readonly JsonValue[];
  /** What we owned of the fields, as pointers. */
  readonly fields: readonly string[];
}

/**
 * Without this, a field that is applied no more would be removed from the object. `undefined`: we own none of them.
 * A field within a list or mapping that the API server takes as a whole cannot be given up alone.
 */
export function giveUpFields(live: JsonObject, fields: readonly FieldPath[]): GivenUp | undefined {
  const list = at(live, 'metadata', 'managedFields');
  if (fields.length === 0 || !Array.isArray(list)) return undefined;
  const given: string[] = [];
  const managedFields = (list as readonly JsonValue[]).map((entry) => {
    if (!isOurs(entry)) return entry;
    const before = entry['fieldsV1'];
    if (!isJsonObject(before)) return entry;
    return { ...entry, fieldsV1: disown(before, live, fields, '', given) };
  });
  return given.length === 0 ? undefined : { managedFields, fields: given };
}

function isOurs(entry: JsonValue): entry is JsonObject {
  return (
    isJsonObject(entry) &&
    textAt(entry, 'manager') === SYNC_FIELD_MANAGER &&
    textAt(entry, 'operation') === 'Apply' &&
    textAt(entry, 'subresource') === undefined
  );
}

/** `fieldsV1`: `f:name` is a member, `k:{...}` an item by its keys, `v:...` an item by its value, `.` the thing itself. */
function disown(
  owned: JsonObject,
  live: JsonValue | undefined,
  paths: readonly FieldPath[],
  pointer: string,
  given: string[],
): JsonObject {
  const kept: [string, JsonValue][] = [];
  for (const [key, below] of Object.entries(owned)) {
    const step = key === '.' ? undefined : stepOf(key, live);
    const left = step === undefined ? [] : stepInto(paths, step);
    const here = `${pointer}/${(step ?? '').replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (isNamed(left)) given.push(here);
    else if (left.length === 0 || !isJsonObject(below) || Object.keys(below).length === 0) kept.push([key, below]);
    else {
      const inner = disown(below, memberOf(live, step ?? ''), left, here, given);
      // An empty claim would be one to the whole thing.
      if (Object.keys(inner).length > 0) kept.push([key, inner]);
    }
  }
  return Object.fromEntries(kept);
}

function stepOf(key: string, live: JsonValue | undefined): string | undefined {
  const text = key.slice(2);
  if (key.startsWith('f:')) return text;
  if (key.startsWith('i:')) return text;
  if (!Array.isArray(live)) return undefined;
  const items = live as readonly JsonValue[];
  const wanted = parsed(text);
  const index = items.findIndex((item) =>
    key.startsWith('k:') && isJsonObject(wanted)
      ? Object.entries(wanted).every(([name, value]) => at(item, name) === value)
      : item === wanted,
  );
  return index === -1 ? undefined : String(index);
}

function memberOf(value: JsonValue | undefined, step: string): JsonValue | undefined {
  if (Array.isArray(value)) return (value as readonly JsonValue[])[Number(step)];
  return at(value, step);
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
