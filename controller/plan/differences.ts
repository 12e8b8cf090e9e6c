// What would change in an object: the dry-run's result against the live object, without what the API server keeps for itself.
import { isJsonObject, type JsonObject, type JsonValue, textAt } from '../render/yaml/json.ts';
import { type FieldPath, isNamed, stepInto, withoutFields } from '../validate/fields.ts';
import type { FieldDifference } from './plan.ts';

/** Kept by the API server or by controllers; no wish of anybody. */
const SERVER_METADATA = new Set(['managedFields', 'resourceVersion', 'generation', 'creationTimestamp', 'uid', 'selfLink']);
/** Of one object. Beyond this many the rest is counted, so that whoever shows them can say so. */
export const MAX_DIFFERENCES = 1_000;
const MASK = '(hidden)';
const MASK_CHANGED = '(hidden, changed)';

/** Holds the whole object as client-side apply once saw it. */
const LAST_APPLIED: FieldPath = ['metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration'];
const OF_SECRETS: readonly FieldPath[] = [['data'], ['stringData']];

export interface DifferenceRules {
  /** Fields that are left to others. */
  readonly ignored?: readonly FieldPath[];
  /** Fields whose values are shown to nobody, besides those of Secrets. */
  readonly masked?: readonly FieldPath[];
}

export interface Differences {
  readonly differences: readonly FieldDifference[];
  /** How many more there are. */
  readonly differencesLeftOut: number;
}

export function differencesBetween(
  live: JsonObject,
  result: JsonObject,
  { ignored = [], masked = [] }: DifferenceRules = {},
): Differences {
  const hidden = [...masked, ...(isSecret(result) || isSecret(live) ? OF_SECRETS : [])];
  const found: Found = { differences: [], differencesLeftOut: 0 };
  const masks = hidden.length === 0 ? [] : [...hidden, LAST_APPLIED];
  compare(wishesOf(live, ignored), wishesOf(result, ignored), '', masks, found);
  return found;
}

function wishesOf(object: JsonObject, ignored: readonly FieldPath[]): JsonObject {
  const { status: _status, ...rest } = object;
  const { metadata } = rest;
  if (!isJsonObject(metadata)) return withoutFields(rest, ignored);
  const kept = Object.fromEntries(Object.entries(metadata).filter(([key]) => !SERVER_METADATA.has(key)));
  return withoutFields({ ...rest, metadata: kept }, ignored);
}

interface Found {
  readonly differences: FieldDifference[];
  differencesLeftOut: number;
}

/** @param masks what is left of the masked fields at this path */
function compare(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  path: string,
  masks: readonly FieldPath[],
  found: Found,
): void {
  if (before === after) return;
  if (isJsonObject(before) && isJsonObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(own(before, key), own(after, key), memberPath(path, key), below(masks, key), found);
    }
  } else if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index += 1) {
      const [was, is] = [before[index] as JsonValue | undefined, after[index] as JsonValue | undefined];
      compare(was, is, `${path}[${index}]`, below(masks, String(index)), found);
    }
  } else if (!isEmptyBoth(before, after)) {
    if (found.differences.length < MAX_DIFFERENCES) found.differences.push({ path, ...shown(before, after, masks) });
    else found.differencesLeftOut += 1;
  }
}

/** `spec.replicas`, or `metadata.labels["a.b/c"]`. */
export function memberPath(path: string, key: string): string {
  if (!/^[A-Za-z0-9_-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** What is below a masked field is masked too. */
function below(masks: readonly FieldPath[], step: string): readonly FieldPath[] {
  return isNamed(masks) ? [[]] : stepInto(masks, step);
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
function shown(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  masks: readonly FieldPath[],
): Pick<FieldDifference, 'before' | 'after'> {
  if (!isNamed(masks)) return { before: hiding(before, masks), after: hiding(after, masks) };
  return {
    before: before === undefined ? undefined : MASK,
    after: after === undefined ? undefined : before === undefined ? MASK : MASK_CHANGED,
  };
}

/** A value that is there as a whole may hold masked ones. */
function hiding(value: JsonValue | undefined, masks: readonly FieldPath[]): JsonValue | undefined {
  if (value === undefined || masks.length === 0) return value;
  if (isNamed(masks)) return MASK;
  if (Array.isArray(value))
    return (value as readonly JsonValue[]).map((item, index) => hiding(item, stepInto(masks, String(index))) ?? null);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, hiding(member, stepInto(masks, key)) ?? null]));
}
