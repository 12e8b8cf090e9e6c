// An object as far as somebody wants something of it. What the API server and controllers add is left out, and what remains
// compares like with like: both sides were written by the API server. Pure.

type Json = unknown;
type JsonMap = Readonly<Record<string, Json>>;

function isMap(value: Json): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Keys by which items of a list are known, in the order of trying (OpenAPI `x-kubernetes-list-map-keys` of the core kinds). */
const ITEM_KEYS = ['name', 'key', 'mountPath', 'containerPort', 'port', 'ip', 'type', 'topologyKey'] as const;

/** `actual`, with only those fields that `wanted` has; what `actual` does not have is missing. */
export function project(wanted: Json, actual: Json): Json {
  if (isMap(wanted) && isMap(actual)) {
    const shared = Object.keys(wanted).filter((key) => Object.hasOwn(actual, key));
    return Object.fromEntries(shared.map((key) => [key, project(wanted[key], actual[key])]));
  }
  if (!Array.isArray(wanted) || !Array.isArray(actual)) return actual;
  const key = itemKey(wanted, actual);
  if (key === undefined) return wanted.length === actual.length ? wanted.map((item, at) => project(item, actual[at])) : actual;
  const byKey = new Map(actual.filter(isMap).map((item) => [item[key], item]));
  return wanted.filter(isMap).flatMap((item) => (byKey.has(item[key]) ? [project(item, byKey.get(item[key]))] : []));
}

/** The first key that every item on both sides has, each value once; lists of values have none. */
function itemKey(wanted: readonly Json[], actual: readonly Json[]): string | undefined {
  if (wanted.length === 0) return undefined;
  return ITEM_KEYS.find((key) =>
    [wanted, actual].every((list) => {
      const values = list.map((item) => (isMap(item) ? item[key] : undefined));
      return !values.includes(undefined) && new Set(values).size === values.length;
    }),
  );
}

export interface ProjectedDifference {
  /** `spec.containers[name=web].image` */
  readonly path: string;
  /** `undefined`: it is not there. */
  readonly wanted: Json;
  readonly live: Json;
}

/** Where `live` differs in a field of `wanted`. At most `limit`. */
export function differencesOf(wanted: Json, live: Json, limit: number): readonly ProjectedDifference[] {
  const found: ProjectedDifference[] = [];
  compare(wanted, project(wanted, live), '', found, limit);
  return found;
}

function compare(wanted: Json, live: Json, path: string, found: ProjectedDifference[], limit: number): void {
  if (wanted === live || found.length >= limit || (isEmpty(wanted) && isEmpty(live))) return;
  if (isMap(wanted) && isMap(live)) {
    for (const key of Object.keys(wanted)) compare(wanted[key], live[key], step(path, key), found, limit);
  } else if (Array.isArray(wanted) && Array.isArray(live)) compareLists(wanted, live, path, found, limit);
  else found.push({ path, wanted, live });
}

function compareLists(
  wanted: readonly Json[],
  live: readonly Json[],
  path: string,
  found: ProjectedDifference[],
  limit: number,
): void {
  const key = itemKey(wanted, live);
  if (key === undefined) {
    for (let at = 0; at < Math.max(wanted.length, live.length); at += 1)
      compare(wanted[at], live[at], `${path}[${at}]`, found, limit);
    return;
  }
  const byKey = new Map(live.filter(isMap).map((item) => [item[key], item]));
  for (const item of wanted.filter(isMap))
    compare(item, byKey.get(item[key]), `${path}[${key}=${String(item[key])}]`, found, limit);
}

function step(path: string, key: string): string {
  if (!/^[A-Za-z0-9_-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** The API server writes an empty mapping and none at all alike. */
function isEmpty(value: Json): boolean {
  return (
    value === undefined ||
    value === null ||
    (isMap(value) && Object.keys(value).length === 0) ||
    (Array.isArray(value) && value.length === 0)
  );
}

export const HIDDEN = '(hidden)';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Without the values of a Secret, and without the copy of an object in its annotation, which would hold them too. */
export function withoutSecrets(object: JsonMap): JsonMap {
  const metadata = isMap(object['metadata']) ? object['metadata'] : {};
  const annotations = isMap(metadata['annotations']) ? metadata['annotations'] : undefined;
  const clean =
    annotations === undefined || !Object.hasOwn(annotations, LAST_APPLIED)
      ? object
      : { ...object, metadata: { ...metadata, annotations: without(annotations, LAST_APPLIED) } };
  if (object['kind'] !== 'Secret' || object['apiVersion'] !== 'v1') return clean;
  const keys = ['data', 'stringData'].flatMap((field) => (isMap(object[field]) ? Object.keys(object[field]) : []));
  // The API server turns `stringData` into `data`.
  return { ...without(clean, 'stringData'), data: Object.fromEntries(keys.map((key) => [key, HIDDEN])) };
}

function without(map: JsonMap, key: string): JsonMap {
  return Object.fromEntries(Object.entries(map).filter(([each]) => each !== key));
}
