// CEL rules (x-kubernetes-validations) of a schema, as far as they can be judged here: no old object, no functions that only
// Kubernetes has, no cost that could hold the controller up. A rule that cannot be judged is left to the API server.
import { Environment } from '@marcbachmann/cel-js';
import { at, isJsonObject, type JsonObject, type JsonValue, textAt } from '../render/yaml/json.ts';
import type { FieldProblem } from './our-kinds.ts';
import { safePattern } from './safe-pattern.ts';

type Field = readonly (string | number)[];
type Parsed = ReturnType<Environment['parse']>;

const environment = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false });
const MAX_RULE = 2000;
const MAX_STEPS = 50_000;
/** Texts that Kubernetes gives to CEL as times, durations and bytes. */
const TYPED_FORMATS = new Set(['date-time', 'date', 'datetime', 'duration', 'byte']);

/** @param value with its defaults, and known to fit the schema */
export function ruleProblems(value: JsonValue, schema: JsonObject, field: Field = []): readonly FieldProblem[] {
  if (value === null) return [];
  const rules = at(schema, 'x-kubernetes-validations');
  const own = Array.isArray(rules) ? rules.flatMap((rule: JsonValue) => problemOf(rule, value, schema, field)) : [];
  const members = isJsonObject(value) ? Object.entries(value) : [];
  const inside = members.flatMap(([key, member]) => {
    const below = at(schema, 'properties', key) ?? at(schema, 'additionalProperties');
    return isJsonObject(below) ? ruleProblems(member, below, [...field, key]) : [];
  });
  const items = at(schema, 'items');
  const inList =
    Array.isArray(value) && isJsonObject(items)
      ? value.flatMap((item: JsonValue, index) => ruleProblems(item, items, [...field, index]))
      : [];
  return [...own, ...inside, ...inList];
}

function problemOf(rule: JsonValue, value: JsonValue, schema: JsonObject, field: Field): readonly FieldProblem[] {
  const text = textAt(rule, 'rule');
  if (text === undefined || !isCheap(text, value)) return [];
  if (holds(text, value, schema) !== false) return [];
  const message = textAt(rule, 'message') ?? `it breaks the rule ${text.trim()}`;
  const path = textAt(rule, 'fieldPath');
  const below = path !== undefined && /^(\.[A-Za-z_]\w*)+$/.test(path) ? path.slice(1).split('.') : [];
  return [{ field: [...field, ...below], message }];
}

/** `undefined` for what cannot be judged. */
function holds(text: string, value: JsonValue, schema: JsonObject): boolean | undefined {
  try {
    const self = toCel(value, schema);
    const parsed: Parsed = environment.parse(text);
    const result: unknown = parsed({ self });
    return typeof result === 'boolean' ? result : undefined;
  } catch {
    return undefined; // a function of Kubernetes, a field that CEL may not see, a type that differs
  }
}

function isCheap(text: string, value: JsonValue): boolean {
  if (text.length > MAX_RULE || /\boldSelf\b/.test(text)) return false;
  const loops = text.match(/\.(all|exists|exists_one|map|filter)\s*\(/g)?.length ?? 0;
  if (sizeOf(value) ** Math.max(1, loops) > MAX_STEPS) return false;
  const calls = text.match(/\bmatches\s*\(/g)?.length ?? 0;
  if (calls === 0) return true;
  const patterns = [...text.matchAll(/\bmatches\s*\(\s*(?:r?'([^'\\]*)'|r?"([^"\\]*)")\s*\)/g)].map(
    ([, single, double]) => single ?? double ?? '',
  );
  const longest = longestText(value);
  return patterns.length === calls && patterns.every((pattern) => safePattern(pattern, longest) !== undefined);
}

function sizeOf(value: JsonValue): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item: JsonValue) => sum + sizeOf(item), 1);
  return isJsonObject(value) ? Object.values(value).reduce<number>((sum, item) => sum + sizeOf(item), 1) : 1;
}

function longestText(value: JsonValue): string {
  if (typeof value === 'string') return value;
  const parts: readonly JsonValue[] = Array.isArray(value) ? value : isJsonObject(value) ? Object.values(value) : [];
  return parts.map(longestText).reduce((longest, text) => (text.length > longest.length ? text : longest), '');
}

class NotJudged extends Error {}

/** Whole numbers are CEL's int, others double; fields by their escaped names (Kubernetes, "CEL escaping"). */
function toCel(value: JsonValue, schema: JsonObject): unknown {
  if (TYPED_FORMATS.has(textAt(schema, 'format') ?? '')) throw new NotJudged();
  if (typeof value === 'number') return textAt(schema, 'type') === 'number' ? value : BigInt(value);
  if (typeof value === 'bigint') return textAt(schema, 'type') === 'number' ? Number(value) : value;
  if (Array.isArray(value)) {
    const items = at(schema, 'items');
    if (!isJsonObject(items)) throw new NotJudged();
    return value.map((item: JsonValue) => toCel(item, items));
  }
  if (!isJsonObject(value)) return value;
  const additional = at(schema, 'additionalProperties');
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => {
      const property = at(schema, 'properties', key);
      if (isJsonObject(property)) return [[escaped(key), toCel(member, property)]];
      return isJsonObject(additional) ? [[key, toCel(member, additional)]] : []; // CEL does not see what has no schema
    }),
  );
}

/** Names that would need an escape are rare: such an object is not judged. */
function escaped(key: string): string {
  if (
    !/^[A-Za-z_]\w*$/.test(key) ||
    /__|^(true|false|null|in|as|break|const|continue|else|for|function|if|import|let|loop|package|namespace|return|var|void|while)$/.test(
      key,
    )
  )
    throw new NotJudged();
  return key;
}
