// For tests: as much of an API server as the reconcilers of Team and Session need, in memory, with every write noted.
import { randomUUID } from 'node:crypto';
import { KubeStatusError } from '../../runtime/kube/kube-status-error.ts';
import { apiVersionOf } from '../../runtime/kube/paths.ts';
import type { KubeClient, KubeObjectJson, Resource } from '../../runtime/kube/types.ts';
import { CONTROLLER_FIELD_MANAGER } from '../../schemas/names.ts';
import type { CacheOfAll } from './wanted.ts';

type Json = Readonly<Record<string, unknown>>;
type Client = Pick<KubeClient, 'find' | 'create' | 'apply' | 'mergePatch' | 'delete' | 'list'>;

export interface MemoryCluster {
  readonly client: Client;
  /** Always up to date, unlike a real one. */
  readonly cache: CacheOfAll;
  /** `create Namespace team-web`, `apply Team web/status`, ... in order. */
  readonly writes: string[];
  /** Puts an object there as somebody else would; not noted. */
  put(resource: Resource, object: Json & { readonly metadata: Json }): KubeObjectJson;
  read<T = KubeObjectJson>(resource: Resource, namespace: string | undefined, name: string): T | undefined;
  /** Removes it for good, finalizers or not. */
  drop(resource: Resource, namespace: string | undefined, name: string): void;
  /** The next write of this kind is answered with this error. */
  failNext(kind: string, error: Error): void;
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Lists are replaced, null removes: RFC 7396, and near enough to server-side apply for one manager that removes no field. */
function merged(before: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = { ...(isObject(before) ? before : {}) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

export function memoryCluster(): MemoryCluster {
  /** By the plural of their kind, then by namespace and name. */
  const kinds = new Map<string, Map<string, KubeObjectJson>>();
  const writes: string[] = [];
  const failures = new Map<string, Error>();
  /** Who applied a field of a status last, by object and field; what a test put there is the controller's. */
  const owners = new Map<string, string>();
  let version = 0;
  const keyOf = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`;
  const allOf = ({ plural }: Resource): Map<string, KubeObjectJson> => {
    const known = kinds.get(plural) ?? new Map<string, KubeObjectJson>();
    kinds.set(plural, known);
    return known;
  };
  const note = (verb: string, resource: Resource, name: string, subresource?: string): void => {
    const failure = failures.get(resource.kind);
    failures.delete(resource.kind);
    if (failure !== undefined) throw failure;
    writes.push(`${verb} ${resource.kind} ${name}${subresource === undefined ? '' : `/${subresource}`}`);
  };
  const store = (resource: Resource, object: unknown): KubeObjectJson => {
    version += 1;
    const base = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: { uid: randomUUID() } };
    const stored = merged(merged(base, object), { metadata: { resourceVersion: String(version) } }) as KubeObjectJson;
    allOf(resource).set(keyOf(stored.metadata.namespace, stored.metadata.name), stored);
    return stored;
  };
  const missing = (name: string): KubeStatusError =>
    new KubeStatusError({ statusCode: 404, reason: 'NotFound', message: `${name} not found` });
  const conflict = (name: string): KubeStatusError =>
    new KubeStatusError({ statusCode: 409, reason: 'Conflict', message: `${name} has been modified` });
  const inNamespace = (resource: Resource, namespace: string | undefined): readonly KubeObjectJson[] =>
    [...allOf(resource).values()].filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);

  const client: Client = {
    find: async <T>(resource: Resource, namespace: string | undefined, name: string) =>
      allOf(resource).get(keyOf(namespace, name)) as T | undefined,
    list: async <T>(resource: Resource, options: { readonly namespace?: string } = {}) => ({
      resourceVersion: String(version),
      items: inNamespace(resource, options.namespace) as readonly unknown[] as readonly T[],
    }),
    create: async <T>(resource: Resource, namespace: string | undefined, body: string) => {
      const object = JSON.parse(body) as KubeObjectJson;
      if (allOf(resource).has(keyOf(namespace, object.metadata.name)))
        throw new KubeStatusError({ statusCode: 409, reason: 'AlreadyExists', message: 'it is there' });
      note('create', resource, object.metadata.name);
      return store(resource, object) as T;
    },
    apply: async <T>(
      resource: Resource,
      namespace: string | undefined,
      name: string,
      body: string,
      options: { readonly subresource?: string; readonly fieldManager: string },
    ) => {
      const before = allOf(resource).get(keyOf(namespace, name));
      const wanted = JSON.parse(body) as KubeObjectJson;
      if (options.subresource !== undefined && before === undefined) throw missing(name);
      const { resourceVersion = before?.metadata.resourceVersion } = wanted.metadata;
      if (resourceVersion !== before?.metadata.resourceVersion) throw conflict(name);
      note('apply', resource, name, options.subresource);
      if (options.subresource === undefined) return store(resource, merged(before, wanted)) as T;
      const id = `${resource.plural}/${keyOf(namespace, name)}`;
      // What a manager leaves out goes, if it is its own.
      const kept = Object.entries(before?.['status'] ?? {}).filter(
        ([field]) => (owners.get(`${id} ${field}`) ?? CONTROLLER_FIELD_MANAGER) !== options.fieldManager,
      );
      for (const field of Object.keys(wanted['status'] ?? {})) owners.set(`${id} ${field}`, options.fieldManager);
      const status = Object.fromEntries(kept);
      // Metadata is not judged below `status`, not even the UID: as the API server does it.
      return store(resource, merged({ ...before, status }, { status: wanted['status'] })) as T;
    },
    mergePatch: async <T>(resource: Resource, namespace: string | undefined, name: string, patch: unknown) => {
      const before = allOf(resource).get(keyOf(namespace, name));
      if (before === undefined) throw missing(name);
      const { resourceVersion = before.metadata.resourceVersion } = (patch as Partial<KubeObjectJson>).metadata ?? {};
      if (resourceVersion !== before.metadata.resourceVersion) throw conflict(name);
      note('patch', resource, name);
      const after = store(resource, merged(before, patch));
      const gone = after.metadata.deletionTimestamp !== undefined && (after.metadata.finalizers ?? []).length === 0;
      if (gone) allOf(resource).delete(keyOf(namespace, name));
      return after as T;
    },
    delete: async (resource, namespace, name) => {
      if (!allOf(resource).has(keyOf(namespace, name))) return;
      note('delete', resource, name);
      allOf(resource).delete(keyOf(namespace, name));
    },
  };
  return {
    client,
    writes,
    cache: {
      find: <T>(resource: Resource, namespace: string | undefined, name: string) =>
        allOf(resource).get(keyOf(namespace, name)) as T | undefined,
      list: inNamespace,
      all: <T>(resource: Resource) => inNamespace(resource, undefined) as readonly unknown[] as readonly T[],
    },
    put: store,
    read: <T>(resource: Resource, namespace: string | undefined, name: string) =>
      allOf(resource).get(keyOf(namespace, name)) as T | undefined,
    drop: (resource, namespace, name) => void allOf(resource).delete(keyOf(namespace, name)),
    failNext: (kind, error) => void failures.set(kind, error),
  };
}
