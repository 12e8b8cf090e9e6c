// Who set a field, from the managedFields of a live object. Pure.
import { SYNC_FIELD_MANAGER } from '../../../schemas/names.ts';
import { at, isJsonObject, type JsonObject, type JsonValue, parseJson, textAt, writeJson } from '../../render/yaml/json.ts';

/**
 * Managers other than ours that own the field, such as `kube-controller-manager (scale)`; where nobody does (it was taken away),
 * whoever wrote last.
 * @param path as a plan writes it: `spec.template.spec.containers[0].image`
 */
export function otherManagersOf(live: JsonObject, path: string): readonly string[] {
  const list = at(live, 'metadata', 'managedFields');
  const entries = (Array.isArray(list) ? (list as readonly JsonValue[]) : []).filter(isJsonObject).filter(isAnothers);
  const steps = stepsOf(path);
  const owning = entries.filter((entry) => owns(entry['fieldsV1'], live, steps));
  const named = owning.length > 0 ? owning : entries.toSorted((a, b) => timeOf(b).localeCompare(timeOf(a))).slice(0, 1);
  return [...new Set(named.map(nameOf))];
}

function isAnothers(entry: JsonObject): boolean {
  // A status is nobody's wish, and Git has none.
  return textAt(entry, 'manager') !== SYNC_FIELD_MANAGER && textAt(entry, 'subresource') !== 'status';
}

function nameOf(entry: JsonObject): string {
  const subresource = textAt(entry, 'subresource');
  const manager = textAt(entry, 'manager') ?? 'unknown';
  return subresource === undefined ? manager : `${manager} (${subresource})`;
}

function timeOf(entry: JsonObject): string {
  return textAt(entry, 'time') ?? '';
}

/** `a.b["c.d"][0]` as its keys and indexes. */
export function stepsOf(path: string): readonly (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([A-Za-z0-9_-]+)/g)].map(([, index, quoted, plain = '']) => {
    if (index !== undefined) return Number(index);
    return quoted === undefined ? plain : String(JSON.parse(quoted));
  });
}

/** A set of fields that ends above the field owns all below it: an atomic list or mapping. */
function owns(fields: JsonValue | undefined, value: JsonValue | undefined, steps: readonly (string | number)[]): boolean {
  if (!isJsonObject(fields)) return false;
  const [step, ...rest] = steps;
  if (step === undefined) return true;
  const below = Object.keys(fields).filter((key) => key !== '.');
  if (below.length === 0) return true;
  const child = valueAt(value, step);
  if (typeof step === 'string') return Object.hasOwn(fields, `f:${step}`) && owns(fields[`f:${step}`], child, rest);
  const key = below.find((each) => isItem(each, child));
  return key !== undefined && owns(fields[key], child, rest);
}

function valueAt(value: JsonValue | undefined, step: string | number): JsonValue | undefined {
  if (typeof step === 'number') return Array.isArray(value) ? (value as readonly JsonValue[])[step] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

/** `k:{"name":"web"}` is the item with these keys, `v:"text"` the item itself. */
function isItem(key: string, item: JsonValue | undefined): boolean {
  const text = key.slice(2);
  if (key.startsWith('v:')) return item !== undefined && text === writeJson(item);
  if (!key.startsWith('k:') || !isJsonObject(item)) return false;
  const keys = parseJson(text);
  return isJsonObject(keys) && Object.entries(keys).every(([name, wanted]) => item[name] === wanted);
}
