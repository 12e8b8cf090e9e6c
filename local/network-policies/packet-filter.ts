// The packet filter of the machine, nftables(8), as far as it is one installation's: whether it can hold pods back, and its table.
import { existsSync } from 'node:fs';
import { run } from '../machine/run.ts';
import { type FilteredNetwork, NO_PODS, ruleset } from './ruleset.ts';

const BRIDGED = '/proc/sys/net/bridge/bridge-nf-call-iptables';

/** Why packets of pods cannot be filtered here, for people; undefined where they can. Changes nothing but that a kernel module may be loaded. */
export async function whyNotFiltered(network: FilteredNetwork): Promise<string | undefined> {
  // Packets between two pods only cross the bridge; with br_netfilter the packet filter sees them all the same.
  if (!existsSync(BRIDGED)) await run('modprobe', ['br_netfilter']).catch(() => undefined);
  if (!existsSync(BRIDGED)) return 'the kernel cannot filter what crosses a bridge (br_netfilter)';
  const { network: name } = network;
  return await run('nft', ['--check', '-f', '-'], { input: ruleset({ ...network, network: `${name}-check` }, NO_PODS) }).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

/** In one transaction: between two tables no packet is let through that neither allows. */
export async function loadTable(text: string, signal: AbortSignal): Promise<void> {
  await run('nft', ['-f', '-'], { input: text, signal });
}

/** Before the first pod, while nobody knows yet what it may: nothing. A table that is there already stays. */
export async function closeNetwork(network: FilteredNetwork, signal: AbortSignal): Promise<void> {
  await run('ip', ['link', 'set', network.bridge, 'type', 'bridge', 'nf_call_iptables', '1', 'nf_call_ip6tables', '1'], {
    signal,
  });
  if ((await findTables(network.network)).length === 0) await loadTable(ruleset(network, NO_PODS), signal);
}

/** Empty where there is no nftables: then no table of ours can be there either. */
export async function findTables(network: string): Promise<readonly string[]> {
  const listed = await run('nft', ['list', 'tables']).catch(() => '');
  return listed.split('\n').filter((line) => line === `table inet ${network}`);
}

export async function removeTables(network: string): Promise<void> {
  for (const table of await findTables(network)) await run('nft', ['delete', ...table.split(' ')]);
}
