// Watches what GitSyncs have put into the cluster, metadata only, one watch a kind. A change that is not the echo of our own
// write wakes the GitSync that owns the object; what to repair it finds out itself.
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
import { idOf } from '../../apply/live.ts';
import { stateOf, type VerifiedObjects } from '../../apply/verified.ts';
import type { JsonObject } from '../../render/json.ts';
import type { ObjectKey } from '../contract.ts';
import type { InventoryKind } from '../git-sync-ports.ts';

export interface DriftPorts {
  readonly client: KubeClient;
  readonly mapper: ResourceMapper;
  readonly verified: VerifiedObjects;
  readonly startReflector: (options: ReflectorOptions<KubeObjectJson>) => Reflector<KubeObjectJson>;
  readonly enqueue: (key: ObjectKey) => void;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

interface Watch {
  readonly reflector: Reflector<KubeObjectJson>;
  readonly stop: AbortController;
}

export class DriftWatch {
  readonly #ports: DriftPorts;
  readonly #wantedBy = new Map<string, readonly InventoryKind[]>();
  readonly #watches = new Map<string, Watch>();
  /** The last state seen of each object: a status that changes is no drift, and neither is the first list. */
  readonly #seen = new Map<string, string>();
  #update: Promise<void> = Promise.resolve();

  constructor(ports: DriftPorts) {
    this.#ports = ports;
  }

  /** Tells which kinds a GitSync has in its inventory; none when it is gone. */
  setKinds(owner: string, kinds: readonly InventoryKind[]): void {
    if (kinds.length === 0) this.#wantedBy.delete(owner);
    else this.#wantedBy.set(owner, kinds);
    this.#update = this.#update
      .then(() => this.#adjust())
      .catch((error: unknown) => {
        // The next inventory tries again; until then the poll repairs.
        if (!this.#ports.signal.aborted) this.#ports.log.warn({ err: error }, 'drift watch not adjusted');
      });
  }

  /** Milliseconds since the quietest watch last heard anything; 0 without watches. */
  ageMs(): number {
    return Math.max(0, ...[...this.#watches.values()].map(({ reflector }) => reflector.ageMs()));
  }

  /** Resolves when every watch has ended after the signal. */
  async ended(): Promise<void> {
    await this.#update;
    await Promise.all([...this.#watches.values()].map(({ reflector }) => reflector.ended));
  }

  async #adjust(): Promise<void> {
    const { mapper, signal } = this.#ports;
    const wanted = new Map<string, Resource>();
    for (const { apiVersion, kind } of [...this.#wantedBy.values()].flat()) {
      const resource = await mapper.resourceOf(apiVersion, kind, { signal });
      if (resource !== undefined) wanted.set(`${resource.group}/${resource.plural}`, resource);
    }
    for (const [key, resource] of wanted) if (!this.#watches.has(key)) this.#watches.set(key, this.#start(resource));
    for (const [key, { stop }] of this.#watches) {
      if (wanted.has(key)) continue;
      stop.abort();
      this.#watches.delete(key);
    }
  }

  #start(resource: Resource): Watch {
    const { client, log, signal, startReflector } = this.#ports;
    const stop = new AbortController();
    const reflector = startReflector({
      client,
      resource,
      metadataOnly: true,
      labelSelector: LABELS.gitSync,
      signal: AbortSignal.any([signal, stop.signal]),
      onEvent: (event) => this.#onEvent(resource, event),
      onError: (error) => log.debug({ err: error, resource: resource.plural }, 'drift watch interrupted'),
    });
    return { reflector, stop };
  }

  #onEvent(resource: Resource, event: ReflectorEvent<KubeObjectJson>): void {
    if (event.type === 'synced') return;
    const owner = event.object.metadata.annotations?.[ANNOTATIONS.gitSync];
    const match = /^([^/]+)\/([^/]+)$/.exec(owner ?? '');
    const [, namespace, name] = match ?? [];
    if (owner === undefined || namespace === undefined || name === undefined) return;
    const id = idOf(resource, event.object);
    const object = event.object as unknown as JsonObject;
    const key = `${owner} ${id}`;
    const state = stateOf(object);
    const before = this.#seen.get(key);
    if (event.type === 'deleted') this.#seen.delete(key);
    else this.#seen.set(key, state);
    const news = event.type === 'deleted' || (before !== undefined && before !== state);
    if (news && !(event.type !== 'deleted' && this.#ports.verified.isKnownState(owner, id, object)))
      this.#ports.enqueue({ namespace, name });
  }
}
