// Watches what GitSyncs have put into the cluster, metadata only, one watch a kind, as long as an inventory holds that kind.
import type { Resource } from '../../../runtime/kube/types.ts';
import type { InventoryKind } from '../git-sync/ports.ts';
import { groupResource, type WatchAge } from './drift-metrics.ts';
import { type DriftPorts, KindWatch } from './kind-watch.ts';

export class DriftWatch {
  readonly #ports: DriftPorts;
  readonly #wantedBy = new Map<string, readonly InventoryKind[]>();
  readonly #watches = new Map<string, KindWatch>();
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

  /** Since each watch last heard anything. */
  ages(): readonly WatchAge[] {
    return [...this.#watches.values()].map((watch) => ({ resource: groupResource(watch.resource), ageMs: watch.ageMs() }));
  }

  /** Resolves when the watches are those that were asked for. */
  async settled(): Promise<void> {
    await this.#update;
  }

  /** Resolves when every watch has ended after the signal. */
  async ended(): Promise<void> {
    await this.#update;
    await Promise.all([...this.#watches.values()].map((watch) => watch.ended));
  }

  async #adjust(): Promise<void> {
    const { mapper, signal } = this.#ports;
    const wanted = new Map<string, Resource>();
    for (const { apiVersion, kind } of [...this.#wantedBy.values()].flat()) {
      const resource = await mapper.resourceOf(apiVersion, kind, { signal });
      if (resource !== undefined) wanted.set(`${resource.group}/${resource.plural}`, resource);
    }
    for (const [key, resource] of wanted)
      if (!this.#watches.has(key)) this.#watches.set(key, new KindWatch(this.#ports, resource));
    for (const [key, watch] of this.#watches) {
      if (wanted.has(key)) continue;
      watch.stop();
      this.#watches.delete(key);
    }
  }
}
