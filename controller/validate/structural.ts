// A value against a structural schema (Kubernetes, "Extend the API with CustomResourceDefinitions"), as strictly as the API
// server with fieldValidation=Strict. Walked, not compiled: the schema comes from Git, and no code is made of it. Whole numbers
// beyond 2^53 stay bigints. What is not understood is no mistake: the API server has the last word.
import * as z from 'zod';
import { at, isJsonObject, type JsonObject, type JsonValue, textAt, writeJson } from '../render/yaml/json.ts';
import type { FieldProblem } from './our-kinds.ts';
import { safePattern } from './safe-pattern.ts';

export interface CheckOptions {
  /** Whether the value is the whole object: one that is merged into a live object may leave out what is required. */
  readonly whole: boolean;
}

type Field = readonly (string | number)[];
const RESOURCE_KEYS = new Set(['apiVersion', 'kind', 'metadata']);

export function structuralProblems(value: JsonValue, schema: JsonObject, options: CheckOptions): readonly FieldProblem[] {
  return check(value, { ...schema, 'x-kubernetes-embedded-resource': true }, [], options);
}

function check(value: JsonValue, schema: JsonObject, field: Field, options: CheckOptions): readonly FieldProblem[] {
  if (value === null) return []; // nullable, or dropped by the API server
  const type = typeProblem(value, schema);
  if (type !== undefined) return [{ field, message: type }];
  const own = [...valueProblems(value, schema), ...junctionProblems(value, schema, options)].map((message) => ({
    field,
    message,
  }));
  if (Array.isArray(value)) {
    const items = at(schema, 'items');
    const inside = isJsonObject(items)
      ? value.flatMap((item: JsonValue, index) => check(item, items, [...field, index], options))
      : [];
    return [...own, ...listProblems(value, schema).map((message) => ({ field, message })), ...inside];
  }
  return isJsonObject(value) ? [...own, ...memberProblems(value, schema, field, options)] : own;
}

function memberProblems(value: JsonObject, schema: JsonObject, field: Field, options: CheckOptions): readonly FieldProblem[] {
  const problems: FieldProblem[] = missing(value, schema, options).map((key) => ({
    field: [...field, key],
    message: 'is missing',
  }));
  const properties = at(schema, 'properties');
  const additional = at(schema, 'additionalProperties');
  const open = at(schema, 'x-kubernetes-preserve-unknown-fields') === true || additional === true;
  const resource = at(schema, 'x-kubernetes-embedded-resource') === true;
  for (const [key, member] of Object.entries(value)) {
    if (resource && RESOURCE_KEYS.has(key)) continue;
    const property = at(properties, key);
    if (isJsonObject(property)) problems.push(...check(member, property, [...field, key], options));
    else if (isJsonObject(additional)) problems.push(...check(member, additional, [...field, key], options));
    else if (!open) problems.push({ field: [...field, key], message: 'no such field: check its spelling' });
  }
  return problems;
}

/** Null is as good as left out, where it is not asked for: the API server drops it. */
function missing(value: JsonObject, schema: JsonObject, { whole }: CheckOptions): readonly string[] {
  const required = at(schema, 'required');
  if (!whole || !Array.isArray(required)) return [];
  return required.filter((key): key is string => {
    if (typeof key !== 'string') return false;
    const nullable = at(schema, 'properties', key, 'nullable') === true;
    return nullable ? !Object.hasOwn(value, key) : (at(value, key) ?? null) === null;
  });
}

function typeProblem(value: JsonValue, schema: JsonObject): string | undefined {
  if (at(schema, 'x-kubernetes-int-or-string') === true)
    return isWhole(value) || typeof value === 'string' ? undefined : 'write a whole number or a text';
  const type = textAt(schema, 'type');
  switch (type) {
    case 'integer':
      return isWhole(value) ? undefined : 'write a whole number';
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint' ? undefined : 'write a number';
    case 'string':
      return typeof value === 'string' ? undefined : `write a text; ${describe(value)} needs quotes`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'write true or false';
    case 'array':
      return Array.isArray(value) ? undefined : 'write a list';
    case 'object':
      return isJsonObject(value) ? undefined : 'write an object';
    default:
      return undefined;
  }
}

function isWhole(value: JsonValue): boolean {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
}

function describe(value: JsonValue): string {
  return typeof value === 'object' ? 'it' : String(value).slice(0, 40);
}

function* valueProblems(value: JsonValue, schema: JsonObject): Generator<string> {
  const allowed = at(schema, 'enum');
  if (Array.isArray(allowed) && !allowed.some((one: JsonValue) => writeJson(one) === writeJson(value)))
    yield `write one of ${allowed.map((one: JsonValue) => (typeof one === 'string' ? one : writeJson(one))).join(', ')}`;
  if (typeof value === 'string') yield* textProblems(value, schema);
  else if (typeof value === 'number' || typeof value === 'bigint') yield* numberProblems(value, schema);
  else if (Array.isArray(value)) yield* sizeProblems(value.length, schema, 'Items', 'items');
  else if (isJsonObject(value)) yield* sizeProblems(Object.keys(value).length, schema, 'Properties', 'fields');
}

function* textProblems(value: string, schema: JsonObject): Generator<string> {
  yield* sizeProblems([...value].length, schema, 'Length', 'characters');
  const pattern = textAt(schema, 'pattern');
  if (pattern !== undefined && safePattern(pattern, value)?.test(value) === false) yield `it does not match ${pattern}`;
  const format = textAt(schema, 'format');
  if (format === 'ipv4' && !z.ipv4().safeParse(value).success) yield 'write an IPv4 address';
  if (format === 'ipv6' && !z.ipv6().safeParse(value).success) yield 'write an IPv6 address';
  if ((format === 'date' || format === 'date-time') && !/^\d{4}-\d\d-\d\d/.test(value)) yield `write a ${format} as in RFC 3339`;
}

const INTEGER_BITS: Readonly<Record<string, bigint>> = { int32: 31n, int64: 63n };

function* numberProblems(value: number | bigint, schema: JsonObject): Generator<string> {
  const bits = INTEGER_BITS[textAt(schema, 'format') ?? ''] ?? (textAt(schema, 'type') === 'integer' ? 63n : undefined);
  if (bits !== undefined && (value >= 2n ** bits || value < -(2n ** bits))) yield `it does not fit in ${bits + 1n} bits`;
  const [minimum, maximum] = [numberAt(schema, 'minimum'), numberAt(schema, 'maximum')];
  const above = at(schema, 'exclusiveMinimum') === true;
  const below = at(schema, 'exclusiveMaximum') === true;
  if (minimum !== undefined && (above ? value <= minimum : value < minimum))
    yield `write ${above ? 'more than' : 'at least'} ${minimum}`;
  if (maximum !== undefined && (below ? value >= maximum : value > maximum))
    yield `write ${below ? 'less than' : 'at most'} ${maximum}`;
  const step = numberAt(schema, 'multipleOf');
  // Fractions are left to the API server: 0.3 is no multiple of 0.1 here, and is one there.
  if (step !== undefined && isWhole(step) && isWhole(value) && BigInt(step) > 0n && BigInt(value) % BigInt(step) !== 0n)
    yield `write a multiple of ${step}`;
}

function numberAt(schema: JsonObject, key: string): number | bigint | undefined {
  const found = at(schema, key);
  return typeof found === 'number' || typeof found === 'bigint' ? found : undefined;
}

function* sizeProblems(size: number, schema: JsonObject, of: string, words: string): Generator<string> {
  const [min, max] = [numberAt(schema, `min${of}`), numberAt(schema, `max${of}`)];
  if (min !== undefined && size < min) yield `it has ${size} ${words}, at least ${min} are needed`;
  if (max !== undefined && size > max) yield `it has ${size} ${words}, at most ${max} are allowed`;
}

/** `set` and `map` lists have each entry once. */
function listProblems(value: readonly JsonValue[], schema: JsonObject): readonly string[] {
  const type = textAt(schema, 'x-kubernetes-list-type');
  const keys = at(schema, 'x-kubernetes-list-map-keys');
  const identity = (item: JsonValue): string | undefined => {
    if (type === 'set') return writeJson(item);
    if (type !== 'map' || !Array.isArray(keys)) return undefined;
    const parts = keys.map((key) => (typeof key === 'string' ? at(item, key) : undefined));
    return parts.includes(undefined) ? undefined : writeJson(parts.map((part) => part ?? null));
  };
  const seen = new Set<string>();
  return value.flatMap((item) => {
    const id = identity(item);
    if (id === undefined || !seen.has(id)) {
      if (id !== undefined) seen.add(id);
      return [];
    }
    return [`${id} stands in it twice`];
  });
}

/** Only of whole objects: what is merged may become valid. They speak of values, never of which fields there are. */
function* junctionProblems(value: JsonValue, schema: JsonObject, options: CheckOptions): Generator<string> {
  if (!options.whole) return;
  const open = (part: JsonValue): JsonObject =>
    isJsonObject(part) ? { ...part, 'x-kubernetes-preserve-unknown-fields': true } : {};
  const holds = (part: JsonValue): boolean => check(value, opened(open(part)), [], options).length === 0;
  const branches = (key: string): readonly JsonValue[] => {
    const found = at(schema, key);
    return Array.isArray(found) ? found : [];
  };
  const [all, any, one] = [branches('allOf'), branches('anyOf'), branches('oneOf')];
  if (!all.every(holds)) yield 'it does not fulfil every part of allOf';
  if (any.length > 0 && !any.some(holds)) yield 'it fulfils no part of anyOf';
  if (one.length > 0 && one.filter(holds).length !== 1) yield `it fulfils ${one.filter(holds).length} parts of oneOf, not one`;
  const not = at(schema, 'not');
  if (isJsonObject(not) && holds(not)) yield 'it fulfils what `not` forbids';
}

/** Below a junction too, a field that it does not speak of is none of its business. */
function opened(schema: JsonObject): JsonObject {
  const properties = at(schema, 'properties');
  const items = at(schema, 'items');
  const deep = (part: JsonValue): JsonValue =>
    isJsonObject(part) ? opened({ ...part, 'x-kubernetes-preserve-unknown-fields': true }) : part;
  return {
    ...schema,
    ...(isJsonObject(properties)
      ? { properties: Object.fromEntries(Object.entries(properties).map(([key, part]) => [key, deep(part)])) }
      : {}),
    ...(items === undefined ? {} : { items: deep(items) }),
  };
}
