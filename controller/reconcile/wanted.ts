// Brings single objects to what a reconciler wants: looks first, writes only what differs, and never takes over what
// somebody else put there.
import { createHash } from 'node:crypto';
import { isStatus } from '../../runtime/kube/kube-status-error.ts';
import type { KubeClient, KubeObjectJson, Resource } from '../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { ANNOTATIONS, CONTROLLER_FIELD_MANAGER } from '../../schemas/names.ts';
import { covers } from './covers.ts';

export interface Wanted {
  readonly resource: Resource;
  readonly manifest: KubeObjectJson;
  /** `once`: made if absent and then left as it is (a home, a password). */
  readonly mode: 'keep' | 'once';
  /** For `once`: further fields, asked for only when the object is to be made. */
  readonly atCreation?: () => Promise<Readonly<Record<string, unknown>>>;
}

/** An object of the cluster seen by its reconciler: `waiting` is one that must go first, such as its predecessor's. */
export type Ownership = 'ours' | 'waiting' | 'foreign';

/** What a reflector has; read first, so that a call in which nothing is to do costs no request. */
/** Of which type the objects of a resource are the caller says, as of the client: the API server has checked their schema. */
export interface ObjectCache {
  find<T = KubeObjectJson>(resource: Resource, namespace: string | undefined, name: string): T | undefined;
  /** Whatever is cached of this resource in one namespace. */
  list(resource: Resource, namespace: string): readonly KubeObjectJson[];
}

export interface CacheOfAll extends ObjectCache {
  /** Whatever is cached of this resource. */
  all<T = KubeObjectJson>(resource: Resource): Iterable<T>;
}

export interface WantedPorts {
  readonly client: Pick<KubeClient, 'find' | 'create' | 'apply'>;
  readonly cache: ObjectCache;
}

export type Ensured =
  | { readonly result: 'unchanged' | 'created' | 'applied'; readonly object: KubeObjectJson }
  | { readonly result: 'waiting'; readonly object: KubeObjectJson };

/** The manifest with the fingerprint of itself, as it is applied. */
export function withFingerprint(manifest: KubeObjectJson): KubeObjectJson {
  const fingerprint = createHash('sha256').update(JSON.stringify(manifest)).digest('hex').slice(0, 16);
  const annotations = { ...manifest.metadata.annotations, [ANNOTATIONS.applied]: fingerprint };
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}

/** @throws StreamSpaceError `AlreadyExists` when the name is taken by an object that is not ours; nothing is written then */
export async function ensure(
  ports: WantedPorts,
  wanted: Wanted,
  ownershipOf: (object: KubeObjectJson) => Ownership,
  signal: AbortSignal,
): Promise<Ensured> {
  signal.throwIfAborted();
  const { resource, mode } = wanted;
  const { name, namespace } = wanted.manifest.metadata;
  const manifest = withFingerprint(wanted.manifest);
  const known = ports.cache.find(resource, namespace, name);
  const live = known ?? (await ports.client.find(resource, namespace, name, { signal }));
  if (live === undefined && mode === 'once')
    return await create(ports, resource, { ...manifest, ...(await wanted.atCreation?.()) }, signal);
  if (live !== undefined) {
    const ownership = ownershipOf(live);
    if (ownership === 'foreign') throw taken(resource, manifest);
    if (ownership === 'waiting') return { result: 'waiting', object: live };
    if (mode === 'once' || covers(live, manifest)) return { result: 'unchanged', object: live };
  }
  const object = await ports.client.apply<KubeObjectJson>(resource, namespace, name, JSON.stringify(manifest), {
    fieldManager: CONTROLLER_FIELD_MANAGER,
    force: true,
    signal,
  });
  return { result: live === undefined ? 'created' : 'applied', object };
}

/** A name can be taken between look and write: the API server decides, and the next call sees who has it. */
async function create(ports: WantedPorts, resource: Resource, manifest: KubeObjectJson, signal: AbortSignal): Promise<Ensured> {
  try {
    const { namespace } = manifest.metadata;
    const options = { fieldManager: CONTROLLER_FIELD_MANAGER, signal };
    return { result: 'created', object: await ports.client.create(resource, namespace, JSON.stringify(manifest), options) };
  } catch (error) {
    if (isStatus(error, 409, 'AlreadyExists')) return { result: 'waiting', object: manifest };
    throw error;
  }
}

function taken(resource: Resource, { metadata }: KubeObjectJson): StreamSpaceError {
  const place = metadata.namespace === undefined ? '' : ` in ${metadata.namespace}`;
  return new StreamSpaceError('AlreadyExists', `${resource.kind} "${metadata.name}"${place} exists already and is not ours`, {
    facts: { kind: resource.kind, name: metadata.name },
  });
}
