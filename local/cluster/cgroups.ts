// The control group that all pods of an installation live below, in every hierarchy that the machine has (v1, v2 or both).
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';

export interface CgroupMount {
  readonly path: string;
  readonly version: 1 | 2;
}

/** Mount points of cgroup hierarchies, from the text of /proc/self/mounts. Pure. */
export function cgroupMounts(mounts: string): readonly CgroupMount[] {
  return mounts.split('\n').flatMap((line): CgroupMount[] => {
    const [, path = '', type] = line.split(' ');
    if (!path.startsWith(ROOT)) return [];
    if (type === 'cgroup') return [{ path, version: 1 }];
    return type === 'cgroup2' ? [{ path, version: 2 }] : [];
  });
}

const mountsHere = async () => cgroupMounts(await readFile('/proc/self/mounts', 'utf8'));

/** kubelet refuses to start when its cgroup root is missing in one hierarchy. */
export async function ensureCgroup(name: string): Promise<void> {
  for (const { path, version } of await mountsHere()) {
    const own = join(path, name);
    if (version === 2) await delegate(path);
    await mkdir(own, { recursive: true });
    if (version === 2) await delegate(own);
    else if (existsSync(join(own, 'cpuset.cpus'))) await inheritCpuset(path, own);
  }
}

/** Each controller by itself: one that is not there must not keep the others from being handed down. */
async function delegate(path: string): Promise<void> {
  const available = (await readFile(join(path, 'cgroup.controllers'), 'utf8').catch(() => '')).trim().split(' ');
  for (const controller of available.filter((name) => name !== '')) {
    await writeFile(join(path, 'cgroup.subtree_control'), `+${controller}`).catch(() => undefined);
  }
}

/** In v1 a new cpuset is empty, and a process in it could run nowhere. */
async function inheritCpuset(parent: string, own: string): Promise<void> {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if ((await readFile(join(own, file), 'utf8')).trim() !== '') continue;
    await writeFile(join(own, file), (await readFile(join(parent, file), 'utf8')).trim());
  }
}

/** Processes inside, and the folders, deepest first. */
export async function inspectCgroup(
  name: string,
): Promise<{ readonly folders: readonly string[]; readonly pids: readonly number[] }> {
  const folders: string[] = [];
  const pids = new Set<number>();
  for (const { path } of await mountsHere()) {
    const own = join(path, name);
    if (!existsSync(own)) continue;
    const below = (await readdir(own, { recursive: true, withFileTypes: true }).catch(() => []))
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name));
    const all = [...below, own].sort((a, b) => b.length - a.length);
    folders.push(...all);
    for (const folder of all) {
      const text = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
      for (const line of text.split('\n')) if (line !== '') pids.add(Number(line));
    }
  }
  return { folders, pids: [...pids] };
}

export async function removeCgroup(name: string): Promise<void> {
  const { folders } = await inspectCgroup(name);
  for (const folder of folders) await rmdir(folder).catch(() => undefined);
}
