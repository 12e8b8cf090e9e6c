// The pods' bridge and the three firewall rules that let pods out. All carry the name of the installation, so that they are
// found again by `down`, whatever happened in between. What each pod may is the table of local/network-policies.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../machine/run.ts';
import { closeNetwork, removeTables } from '../network-policies/packet-filter.ts';
import type { ClusterLayout } from './layout.ts';

const FORWARDING = '/proc/sys/net/ipv4/ip_forward';

type Rule = readonly [table: 'nat' | 'filter', chain: string, ...match: string[]];

function rulesOf({ bridge, cidr, network }: Pick<ClusterLayout, 'bridge' | 'cidr' | 'network'>): readonly Rule[] {
  const comment = ['-m', 'comment', '--comment', network];
  return [
    ['nat', 'POSTROUTING', '-s', cidr, '!', '-o', bridge, ...comment, '-j', 'MASQUERADE'],
    // Where another program (Docker, a firewall) drops what is forwarded, pods would have no network without these two.
    ['filter', 'FORWARD', '-i', bridge, ...comment, '-j', 'ACCEPT'],
    ['filter', 'FORWARD', '-o', bridge, '-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED', ...comment, '-j', 'ACCEPT'],
  ];
}

async function iptables(
  table: string,
  action: string,
  chain: string,
  match: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  await run('iptables', ['-w', '10', '-t', table, action, chain, ...match], signal === undefined ? {} : { signal });
}

/**
 * The bridge exists before the first pod: the node needs an address that is not a loopback.
 * @param filtered whether pods are held to their NetworkPolicies; all is closed then until these are known
 */
export async function ensureNetwork(layout: ClusterLayout, filtered: boolean, signal: AbortSignal): Promise<void> {
  const { bridge, address } = layout;
  if (!existsSync(`/sys/class/net/${bridge}`)) await run('ip', ['link', 'add', bridge, 'type', 'bridge'], { signal });
  await run('ip', ['address', 'replace', `${address}/24`, 'dev', bridge], { signal });
  await run('ip', ['link', 'set', bridge, 'up'], { signal });
  await enableForwarding(layout.run);
  for (const [table, chain, ...match] of rulesOf(layout)) {
    const there = await iptables(table, '-C', chain, match, signal).then(
      () => true,
      () => false,
    );
    if (!there) await iptables(table, '-I', chain, match, signal);
  }
  if (filtered) await closeNetwork(layout, signal);
}

/** Remembers what it was, in the run folder that a reboot clears together with the setting. */
async function enableForwarding(runFolder: string): Promise<void> {
  if ((await readFile(FORWARDING, 'utf8')).trim() === '1') return;
  await mkdir(runFolder, { recursive: true, mode: 0o711 });
  await writeFile(join(runFolder, 'ip-forward-was-off'), '');
  await writeFile(FORWARDING, '1');
}

/** Puts forwarding back where it was off before us and no other installation needs it. */
export async function restoreForwarding(runFolder: string): Promise<void> {
  const marker = join(runFolder, 'ip-forward-was-off');
  if (!existsSync(marker)) return;
  const others = (await readdir('/sys/class/net')).some((name) => /^ss-[0-9a-f]{6}$/.test(name));
  if (!others) await writeFile(FORWARDING, '0');
  await rm(marker, { force: true });
}

/** Arguments of `iptables -D` for every rule of `iptables-save` that carries the comment. Pure. */
export function rulesToDelete(saved: string, network: string): readonly (readonly string[])[] {
  const found: (readonly string[])[] = [];
  let table = '';
  for (const line of saved.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1).trim();
    if (!line.startsWith('-A ') || !new RegExp(`--comment "?${network}"?(\\s|$)`).test(line)) continue;
    const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');
    found.push(['-t', table, '-D', ...words.slice(1)]);
  }
  return found;
}

export async function removeNetwork(traces: {
  readonly bridge: string;
  readonly network: string;
  readonly run: string;
}): Promise<void> {
  for (const rule of await findRules(traces.network)) await run('iptables', ['-w', '10', ...rule]);
  await removeTables(traces.network);
  if (existsSync(`/sys/class/net/${traces.bridge}`)) await run('ip', ['link', 'delete', traces.bridge]);
  await restoreForwarding(traces.run);
}

/** Empty where there is no iptables: then no rule of ours can be there either. */
export async function findRules(network: string): Promise<readonly (readonly string[])[]> {
  return rulesToDelete(await run('iptables-save', []).catch(() => ''), network);
}
