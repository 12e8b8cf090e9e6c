// What must be so before anything is started: one clear error for the first thing that is not.
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { programFolders } from '../cluster/layout.ts';
import { PROGRAM_PATH } from './run.ts';

/** Of the distribution (setup/debian-packages.txt). */
const NEEDED_PROGRAMS = ['containerd', 'ctr', 'runc', 'ip', 'iptables', 'mount', 'umount'] as const;
const CNI_PLUGINS = ['/usr/lib/cni/bridge', '/usr/lib/cni/host-local', '/usr/lib/cni/loopback'] as const;

export interface Preflight {
  readonly cacheDir: string;
  /** A cluster of the user's: then neither root nor the programs of a cluster are needed. */
  readonly kubeconfig: string | undefined;
  readonly uid: number | undefined;
  readonly platform: string;
}

/** @throws StreamSpaceError `PlatformUnsupported`, `SettingInvalid`, `NotRoot` or `ToolMissing` */
export async function preflight(options: Preflight): Promise<void> {
  if (options.platform !== 'linux') {
    throw new StreamSpaceError('PlatformUnsupported', `StreamSpace runs on Linux; this is ${options.platform}`);
  }
  if (options.kubeconfig !== undefined) {
    if (!(await readable(options.kubeconfig))) {
      throw new StreamSpaceError('SettingInvalid', `--kubeconfig ${options.kubeconfig} cannot be read`);
    }
    return;
  }
  if (options.uid !== 0) throw new StreamSpaceError('NotRoot', 'a cluster on this machine needs root');
  for (const program of NEEDED_PROGRAMS) {
    const places = PROGRAM_PATH.split(delimiter).map((folder) => join(folder, program));
    if (!(await anyExecutable(places)))
      throw new StreamSpaceError('ToolMissing', `${program} is not installed; \`npm start\` installs it`);
  }
  for (const plugin of CNI_PLUGINS) {
    if (!(await anyExecutable([plugin])))
      throw new StreamSpaceError('ToolMissing', `${plugin} is not installed; \`npm start\` installs it`);
  }
  const { kubernetes, etcd } = programFolders(options.cacheDir);
  const binaries = [
    ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet'].map((name) => join(kubernetes, name)),
    join(etcd, 'etcd'),
  ];
  for (const binary of binaries) {
    if (!(await anyExecutable([binary])))
      throw new StreamSpaceError('ToolMissing', `${binary} is not there; \`npm start\` makes it`);
  }
}

async function readable(path: string): Promise<boolean> {
  return await access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}

async function anyExecutable(paths: readonly string[]): Promise<boolean> {
  for (const path of paths) {
    const ok = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (ok) return true;
  }
  return false;
}
