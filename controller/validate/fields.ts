// Fields of an object by JSON pointers with `*`, and the rules of a GitSync that name them. Pure.
import type { FieldRule } from '../../schemas/kinds/field-rule.ts';
import { type ObjectId, partsOf } from '../render/manifest.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../render/yaml/json.ts';

/** The steps of a pointer, unescaped; `*` stands for any. Never empty. */
export type FieldPath = readonly string[];

/** @param pointer as the schema admits it: `/spec/containers/*\/image` */
export function parsePointer(pointer: string): FieldPath {
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The fields that the rules name of this object. */
export function fieldsOf(rules: readonly FieldRule[], id: ObjectId): readonly FieldPath[] {
  const { group, kind, namespace, name } = partsOf(id);
  const holds = (wanted: string | undefined, is: string): boolean => wanted === undefined || wanted === is;
  return rules
    .filter(
      (rule) => holds(rule.group, group) && holds(rule.kind, kind) && holds(rule.namespace, namespace) && holds(rule.name, name),
    )
    .flatMap(({ fields }) => fields.map(parsePointer));
}

/** What is left of the paths one step further; an empty one says that this step is named itself. */
export function stepInto(paths: readonly FieldPath[], step: string): readonly FieldPath[] {
  return paths.filter(([head]) => head === '*' || head === step).map(([, ...rest]) => rest);
}

export function isNamed(paths: readonly FieldPath[]): boolean {
  return paths.some(({ length }) => length === 0);
}

/** The same object where none of the fields is in it. */
export function withoutFields(object: JsonObject, paths: readonly FieldPath[]): JsonObject {
  if (paths.length === 0) return object;
  const left = without(object, paths);
  return isJsonObject(left) ? left : {};
}

function without(value: JsonValue, paths: readonly FieldPath[]): JsonValue {
  if (paths.length === 0) return value;
  if (isJsonObject(value))
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, member]) => {
        const below = stepInto(paths, key);
        return isNamed(below) ? [] : [[key, without(member, below)]];
      }),
    );
  if (!Array.isArray(value)) return value;
  return (value as readonly JsonValue[]).flatMap((item, index) => {
    const below = stepInto(paths, String(index));
    return isNamed(below) ? [] : [without(item, below)];
  });
}
