// What would change in an object: the dry-run's result against the live object, without what the API server keeps for itself.
import { isJsonObject, type JsonObject, type JsonValue, textAt } from '../render/json.ts';
import type { FieldDifference } from './plan.ts';

/** Kept by the API server or by controllers; no wish of anybody. */
const SERVER_METADATA = new Set(['managedFields', 'resourceVersion', 'generation', 'creationTimestamp', 'uid', 'selfLink']);
/** Beyond this many the rest is not listed; the objects differ all the same. */
const MAX_DIFFERENCES = 100;
const MASK = '(hidden)';
const MASK_CHANGED = '(hidden, changed)';

export function differencesBetween(live: JsonObject, result: JsonObject): readonly FieldDifference[] {
  const found: FieldDifference[] = [];
  compare(wishesOf(live), wishesOf(result), '', found);
  return isSecret(result) ? found.map(masked) : found;
}

function wishesOf(object: JsonObject): JsonObject {
  const { status: _status, ...rest } = object;
  const { metadata } = rest;
  if (!isJsonObject(metadata)) return rest;
  return { ...rest, metadata: Object.fromEntries(Object.entries(metadata).filter(([key]) => !SERVER_METADATA.has(key))) };
}

function compare(before: JsonValue | undefined, after: JsonValue | undefined, path: string, found: FieldDifference[]): void {
  if (before === after || found.length >= MAX_DIFFERENCES) return;
  if (isJsonObject(before) && isJsonObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const here = `${path}${/^[A-Za-z0-9_-]+$/.test(key) ? `${path === '' ? '' : '.'}${key}` : `[${JSON.stringify(key)}]`}`;
      compare(own(before, key), own(after, key), here, found);
    }
  } else if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index += 1)
      compare(before[index] as JsonValue | undefined, after[index] as JsonValue | undefined, `${path}[${index}]`, found);
  } else if (!isEmptyBoth(before, after)) found.push({ path, before, after });
}

function own(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The API server writes an empty mapping and none at all alike. */
function isEmptyBoth(before: JsonValue | undefined, after: JsonValue | undefined): boolean {
  const empty = (value: JsonValue | undefined) => value === undefined || (isJsonObject(value) && Object.keys(value).length === 0);
  return empty(before) && empty(after);
}

function isSecret(object: JsonObject): boolean {
  return textAt(object, 'apiVersion') === 'v1' && textAt(object, 'kind') === 'Secret';
}

/** S-060: one mask, whatever the value and its length. */
function masked({ path, before, after }: FieldDifference): FieldDifference {
  if (!/^(data|stringData)\b/.test(path) && !path.includes('last-applied-configuration')) return { path, before, after };
  return {
    path,
    before: before === undefined ? undefined : MASK,
    after: after === undefined ? undefined : before === undefined ? MASK : MASK_CHANGED,
  };
}
