// The image of the pod sandbox: a static busybox that sleeps. The kubelet needs one, and no registry shall be needed for it.
import { lstat } from 'node:fs/promises';
import { StreamSpaceError } from '../schemas/errors.ts';
import type { ContainerConfig } from './oci.ts';
import type { Entry } from './tree.ts';

/** Debian's busybox-static. */
export const BUSYBOX = '/bin/busybox';

export const PAUSE_CONFIG: ContainerConfig = {
  User: '65535:65535',
  Env: [],
  // Without the trap the first process of a namespace ignores SIGTERM.
  Entrypoint: ['/busybox', 'sh', '-c', 'trap "exit 0" TERM INT; while :; do /busybox sleep 86400 & wait $!; done'],
  Cmd: [],
  WorkingDir: '/',
  Labels: {},
};

export async function pauseEntries(): Promise<readonly Entry[]> {
  const stat = await lstat(BUSYBOX).catch((cause: unknown) => {
    throw new StreamSpaceError('ToolMissing', `${BUSYBOX} is missing: install busybox-static`, { cause });
  });
  return [{ type: 'file', path: 'busybox', mode: 0o755, uid: 0, gid: 0, size: stat.size, source: BUSYBOX, inode: 'busybox' }];
}
