// Removes every trace that an ordered stop did not: after a kill there is nobody left who could stop in order.
import { rm, rmdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeCgroup } from '../cluster/cgroups.ts';
import { tracesOf } from '../cluster/layout.ts';
import { removeNetwork } from '../cluster/network.ts';
import { installationId } from '../state/state.ts';
import { endProcess } from '../supervisor/process-identity.ts';
import { run } from './run.ts';
import {
  CNI_RESULTS,
  CONTAINER_LOG_LINKS,
  describeTraces,
  devicePluginFolderIsStray,
  findTraces,
  KUBELET_DEFAULT_ROOT,
  type Traces,
} from './traces.ts';

const ROUNDS = 5;

/** Folders that only programs of ours needed, removed when empty. */
const SHARED_FOLDERS = [
  CNI_RESULTS,
  '/var/lib/cni',
  CONTAINER_LOG_LINKS,
  '/run/containerd/s',
  '/run/containerd/fifo',
  '/run/containerd',
];

/** Data in the state folder stays. @returns what could not be removed */
export async function sweep(stateDir: string): Promise<readonly string[]> {
  const names = tracesOf(installationId(stateDir));
  let traces = await findTraces(stateDir);
  // Processes that end may leave mounts and mounts keep folders busy: each round gets further.
  for (let round = 0; round < ROUNDS && !isEmpty(traces); round += 1) {
    await Promise.all(traces.processes.map((found) => endProcess(found, { signal: 'SIGKILL', timeoutMs: 2_000 })));
    for (const path of traces.mounts) await unmount(path);
    await removeNetwork(names).catch(() => undefined);
    await removeCgroup(names.cgroup);
    for (const path of traces.files) await rm(path, { recursive: true, force: true }).catch(() => undefined);
    traces = await findTraces(stateDir);
    if (!isEmpty(traces)) await sleep(100);
  }
  if (await devicePluginFolderIsStray()) await rm(KUBELET_DEFAULT_ROOT, { recursive: true, force: true });
  for (const folder of SHARED_FOLDERS) await rmdir(folder).catch(() => undefined);
  return describeTraces(traces);
}

/** Lazily where it is busy: the processes that keep it busy are dead or dying. */
async function unmount(path: string): Promise<void> {
  await run('umount', ['-n', path])
    .catch(() => run('umount', ['-n', '-l', path]))
    .catch(() => undefined);
}

function isEmpty(traces: Traces): boolean {
  return describeTraces(traces).length === 0;
}
