// The watch on one kind. A change that is not the echo of our own write wakes the GitSync that owns the object; what to repair
// it finds out itself. Of each object stays what tells a change from none, and no more: inventories have thousands of them.
import type {
  KubeClient,
  KubeObjectJson,
  Reflector,
  ReflectorEvent,
  ReflectorOptions,
  Resource,
  ResourceMapper,
} from '../../../runtime/kube/types.ts';
import type { Logger } from '../../../runtime/log/log.ts';
import { ANNOTATIONS, LABELS } from '../../../schemas/names.ts';
import { idOf, type LiveObject } from '../../apply/live.ts';
import { stateOf, type VerifiedObjects } from '../../apply/verified.ts';
import type { ObjectId } from '../../render/manifest.ts';
import type { ObjectKey } from '../contract.ts';

export interface DriftPorts {
  readonly client: KubeClient;
  readonly mapper: ResourceMapper;
  readonly verified: Pick<VerifiedObjects, 'isKnownState'>;
  readonly startReflector: (options: ReflectorOptions<KubeObjectJson>) => Reflector<KubeObjectJson>;
  readonly enqueue: (key: ObjectKey) => void;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

interface Seen {
  /** `namespace/name` of the GitSync; `undefined`: the mark is missing or nonsense. */
  readonly owner: string | undefined;
  /** A status that changes is no drift, and neither is the first list. */
  readonly state: string;
}

export class KindWatch {
  readonly resource: Resource;
  readonly #ports: DriftPorts;
  readonly #reflector: Reflector<KubeObjectJson>;
  readonly #stop = new AbortController();
  readonly #seen = new Map<ObjectId, Seen>();
  /** One string an owner, not one an object. */
  readonly #owners = new Map<string, string>();

  constructor(ports: DriftPorts, resource: Resource) {
    this.#ports = ports;
    this.resource = resource;
    const { client, log, signal, startReflector } = ports;
    this.#reflector = startReflector({
      client,
      resource,
      metadataOnly: true,
      labelSelector: LABELS.gitSync,
      signal: AbortSignal.any([signal, this.#stop.signal]),
      keep: trimmed,
      onEvent: (event) => this.#onEvent(event),
      onError: (error) => log.debug({ err: error, resource: resource.plural }, 'drift watch interrupted'),
    });
  }

  get ended(): Promise<void> {
    return this.#reflector.ended;
  }

  ageMs(): number {
    return this.#reflector.ageMs();
  }

  stop(): void {
    this.#stop.abort();
    this.#seen.clear();
    this.#owners.clear();
  }

  #onEvent(event: ReflectorEvent<KubeObjectJson>): void {
    if (event.type === 'synced' || this.#stop.signal.aborted) return;
    const id = idOf(this.resource, event.object);
    const before = this.#seen.get(id);
    if (event.type === 'deleted') {
      // Also what has lost our label: the watch tells of it as deleted, and the mark may be gone with it.
      this.#seen.delete(id);
      this.#wake(before?.owner ?? this.#ownerOf(event.object));
      return;
    }
    const object = event.object as LiveObject;
    const now: Seen = { owner: this.#ownerOf(event.object), state: stateOf(object) };
    this.#seen.set(id, now);
    if (before === undefined || before.state === now.state) return;
    if (before.owner !== now.owner) this.#wake(before.owner);
    if (now.owner !== undefined && !this.#ports.verified.isKnownState(now.owner, id, object)) this.#wake(now.owner);
  }

  #wake(owner: string | undefined): void {
    const [namespace = '', name = ''] = owner?.split('/') ?? [];
    if (owner !== undefined) this.#ports.enqueue({ namespace, name });
  }

  #ownerOf({ metadata }: KubeObjectJson): string | undefined {
    const owner = metadata.annotations?.[ANNOTATIONS.gitSync];
    if (owner === undefined || !/^[^/]+\/[^/]+$/.test(owner)) return undefined;
    const known = this.#owners.get(owner);
    if (known === undefined) this.#owners.set(owner, owner);
    return known ?? owner;
  }
}

/** Enough for the next list to tell what is new and what is gone. */
function trimmed({ apiVersion, kind, metadata }: KubeObjectJson): KubeObjectJson {
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
  };
}
