// Keeps the packet filter of the machine at what the NetworkPolicies of the local cluster say: any change of a pod, a namespace
// or a policy makes the whole table anew, and the kernel takes it in one transaction or not at all.

import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import { startReflector } from '../../runtime/kube/watch/reflector.ts';
import type { Logger } from '../../runtime/log/log.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { networkStateOf } from './pods.ts';
import { type FilteredNetwork, ruleset } from './ruleset.ts';

const RETRY_MS = 1_000;
/** A session that starts changes its pod several times in one moment. */
const GATHER_MS = 20;
/** A firewall that starts anew may flush all tables, ours with them. */
const RELOAD_MS = 15_000;

export interface PolicyAgentOptions {
  readonly client: KubeClient;
  readonly network: FilteredNetwork;
  /** Puts a table in the place of the one before. */
  readonly load: (text: string, signal: AbortSignal) => Promise<void>;
  /** Called once the first table is loaded. */
  readonly onReady: () => Promise<void>;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Resolves when the signal has fired. */
export async function runPolicyAgent({ client, network, load, onReady, log, signal }: PolicyAgentOptions): Promise<void> {
  let wake = Promise.withResolvers<void>();
  const onEvent = (): void => wake.resolve();
  const onError = (error: unknown): void => log.warn({ err: error }, 'watch failed');
  const watching = { client, onEvent, onError, signal };
  const pods = startReflector({ ...watching, resource: RESOURCES.pods });
  const namespaces = startReflector({ ...watching, resource: RESOURCES.namespaces });
  const policies = startReflector({ ...watching, resource: RESOURCES.networkPolicies });
  signal.addEventListener('abort', onEvent, { once: true });
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await Promise.race([Promise.all([pods.synced, namespaces.synced, policies.synced]), stopped]);
  let loaded = '';
  let loadedAt = 0;
  while (!signal.aborted) {
    wake = Promise.withResolvers();
    const stores = { pods: pods.store.values(), namespaces: namespaces.store.values(), policies: policies.store.values() };
    try {
      const text = ruleset(network, networkStateOf(stores, network.cidr));
      if (text !== loaded || performance.now() - loadedAt >= RELOAD_MS) {
        await load(text, signal);
        if (loaded === '') await onReady();
        [loaded, loadedAt] = [text, performance.now()];
      }
      await Promise.race([wake.promise, delay(RELOAD_MS, signal)]);
      await delay(GATHER_MS, signal);
    } catch (error) {
      if (signal.aborted) break;
      log.error({ err: error }, 'packet filter not replaced');
      await delay(RETRY_MS, signal).catch(() => undefined);
    }
  }
  await Promise.all([pods.ended, namespaces.ended, policies.ended]);
}
