// A push hook comes to any replica; the one that holds the shard is told by the annotation that asks for a sync. However many
// hooks come, one request a GitSync is on its way, and one more follows for those that came meanwhile.
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import type { Logger } from '../../runtime/log/log.ts';
import { ANNOTATIONS, CONTROLLER_FIELD_MANAGER } from '../../schemas/names.ts';
import type { ObjectKey } from '../reconcile/contract.ts';

export class HolderTelling {
  readonly #client: Pick<KubeClient, 'mergePatch'>;
  readonly #log: Logger;
  /** True: once more when the request that runs has ended. */
  readonly #running = new Map<string, boolean>();

  constructor(client: Pick<KubeClient, 'mergePatch'>, log: Logger) {
    this.#client = client;
    this.#log = log;
  }

  tell(key: ObjectKey): void {
    const id = `${key.namespace ?? ''}/${key.name}`;
    if (this.#running.has(id)) this.#running.set(id, true);
    else void this.#run(id, key);
  }

  async #run(id: string, key: ObjectKey): Promise<void> {
    do {
      this.#running.set(id, false);
      await this.#patch(key);
    } while (this.#running.get(id) === true);
    this.#running.delete(id);
  }

  async #patch({ namespace, name }: ObjectKey): Promise<void> {
    const value = `hook ${new Date().toISOString()}`;
    const patch = { metadata: { annotations: { [ANNOTATIONS.syncRequestedAt]: value } } };
    try {
      await this.#client.mergePatch(RESOURCES.gitSyncs, namespace, name, patch, { fieldManager: CONTROLLER_FIELD_MANAGER });
    } catch (error) {
      this.#log.debug({ err: error, namespace, name }, 'a hint was not passed on'); // the poll makes up for it
    }
  }
}
