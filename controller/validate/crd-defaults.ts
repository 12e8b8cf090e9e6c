// What the API server does to an object before it validates it: defaults are filled in, null is dropped where it is not nullable.
import { at, isJsonObject, type JsonObject, type JsonValue } from '../render/yaml/json.ts';

export function withDefaults(value: JsonValue, schema: JsonObject): JsonValue {
  if (Array.isArray(value)) {
    const items = at(schema, 'items');
    return isJsonObject(items) ? value.map((item: JsonValue) => withDefaults(item, items)) : value;
  }
  if (!isJsonObject(value)) return value;
  const properties = at(schema, 'properties');
  const known = isJsonObject(properties) ? properties : {};
  const additional = at(schema, 'additionalProperties');
  const given = Object.entries(value).flatMap(([key, member]): [string, JsonValue][] => {
    const property = at(known, key) ?? additional;
    if (!isJsonObject(property)) return [[key, member]];
    if (member === null && at(property, 'nullable') !== true) return [];
    return [[key, withDefaults(member, property)]];
  });
  const names = new Set(given.map(([key]) => key));
  const filled = Object.entries(known).flatMap(([key, property]): [string, JsonValue][] => {
    const fallback = at(property, 'default');
    return names.has(key) || fallback === undefined || !isJsonObject(property) ? [] : [[key, withDefaults(fallback, property)]];
  });
  return Object.fromEntries([...given, ...filled]);
}
