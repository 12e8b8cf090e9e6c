// Everything of an installation that can be seen on the machine: found by name and path alone, so that it works whatever was
// killed before. `down` removes what it finds; `down --purge` proves with the same search that nothing is left.
import { existsSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { inspectCgroup } from '../cluster/cgroups.ts';
import { tracesOf } from '../cluster/layout.ts';
import { findRules } from '../cluster/network.ts';
import { findTables } from '../network-policies/packet-filter.ts';
import { installationId } from '../state/state.ts';
import { listProcesses, type ProcessFacts } from '../supervisor/process-identity.ts';

/** Where programs that we run leave something outside of our folders, because they know no other place. */
export const CNI_RESULTS = '/var/lib/cni/results';
export const CONTAINER_LOG_LINKS = '/var/log/containers';
/** kubelet's socket for device plugins has a fixed place. */
export const KUBELET_DEFAULT_ROOT = '/var/lib/kubelet';

export interface Traces {
  readonly processes: readonly ProcessFacts[];
  /** Mount points, the innermost first. */
  readonly mounts: readonly string[];
  readonly interfaces: readonly string[];
  readonly rules: readonly (readonly string[])[];
  /** Of the packet filter. */
  readonly tables: readonly string[];
  readonly cgroups: readonly string[];
  /** Files outside the state folder. */
  readonly files: readonly string[];
}

/** Mount points at or below one of the folders, from the text of /proc/self/mounts; the innermost first. Pure. */
export function mountsBelow(mounts: string, folders: readonly string[]): readonly string[] {
  return mounts
    .split('\n')
    .map((line) =>
      (line.split(' ')[1] ?? '').replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    )
    .filter((path) => folders.some((folder) => path === folder || path.startsWith(`${folder}/`)))
    .reverse();
}

/** Helpers that do not carry the mark: who started them gave them no environment, or they write over it. */
const UNMARKED_HELPERS = /(^|\/)(containerd-shim-runc-v2|runc|postgres|deno)(:|$)/;

/**
 * True for a process that works for the installation: it carries the mark that the supervisor puts into the environment of each
 * part, or it is a known helper whose arguments or folder lie below ours. What a user does with our files is never one.
 */
export function belongsTo(process: Pick<ProcessFacts, 'commandLine' | 'cwd' | 'partOf'>, folders: readonly string[]): boolean {
  if (process.partOf !== undefined && folders.includes(process.partOf)) return true;
  const words = process.commandLine.split('\0');
  if (!UNMARKED_HELPERS.test(words[0] ?? '')) return false;
  const below = (path: string): boolean => folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
  return words.some(below) || (process.cwd !== undefined && below(process.cwd));
}

/** Results of our network, and those of the loopbacks of the same pods, whose names do not say whose they are. Pure. */
export function resultsOf(names: readonly string[], network: string): readonly string[] {
  const own = names.filter((name) => name.startsWith(`${network}-`));
  const pods = own.map((name) => name.slice(network.length + 1).split('-')[0] ?? '');
  return [...own, ...names.filter((name) => pods.some((pod) => name === `cni-loopback-${pod}-lo`))];
}

async function filesElsewhere(stateDir: string, id: string): Promise<readonly string[]> {
  const { network, run } = tracesOf(id);
  const results = resultsOf(await readdir(CNI_RESULTS).catch(() => []), network).map((name) => join(CNI_RESULTS, name));
  const links: string[] = [];
  for (const name of await readdir(CONTAINER_LOG_LINKS).catch(() => [])) {
    const target = await readlink(join(CONTAINER_LOG_LINKS, name)).catch(() => '');
    if (target.startsWith(`${stateDir}/`)) links.push(join(CONTAINER_LOG_LINKS, name));
  }
  return [...results, ...links, ...(existsSync(run) ? [run] : [])];
}

/** True when the folder of device plugins is nobody's: no kubelet runs, and none that was installed keeps anything beside it. */
export async function devicePluginFolderIsStray(): Promise<boolean> {
  const entries = await readdir(KUBELET_DEFAULT_ROOT).catch(() => []);
  if (entries.length !== 1 || entries[0] !== 'device-plugins') return false;
  return (await listProcesses()).every(({ commandLine }) => !/(^|\/)kubelet\0/.test(commandLine));
}

/** @param own pids that are not counted: of who asks */
export async function findTraces(stateDir: string, own: ReadonlySet<number> = new Set([process.pid])): Promise<Traces> {
  const id = installationId(stateDir);
  const { run, bridge, cgroup, network } = tracesOf(id);
  const { folders, pids } = await inspectCgroup(cgroup);
  const processes = (await listProcesses()).filter(
    (found) => !own.has(found.pid) && (pids.includes(found.pid) || belongsTo(found, [stateDir, run])),
  );
  return {
    processes,
    mounts: mountsBelow(await readFile('/proc/self/mounts', 'utf8'), [stateDir, run]),
    interfaces: existsSync(`/sys/class/net/${bridge}`) ? [bridge] : [],
    rules: await findRules(network),
    tables: await findTables(network),
    // The groups inside go with the one around them.
    cgroups: folders.filter((folder) => folder.endsWith(`/${cgroup}`)),
    files: await filesElsewhere(stateDir, id),
  };
}

/** One line for each trace, for people; empty when there is none. */
export function describeTraces(traces: Traces): readonly string[] {
  return [
    ...traces.processes.map(({ pid, commandLine }) => `process ${pid}: ${commandLine.split('\0').slice(0, 3).join(' ')}`),
    ...traces.mounts.map((path) => `mount ${path}`),
    ...traces.interfaces.map((name) => `interface ${name}`),
    ...traces.rules.map((rule) => `iptables rule ${rule.join(' ')}`),
    ...traces.tables.map((name) => `nftables ${name}`),
    ...traces.cgroups.map((path) => `control group ${path}`),
    ...traces.files.map((path) => `file ${path}`),
  ];
}
