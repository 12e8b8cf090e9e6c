// Everything that one installation runs, as units for the supervisor: the cluster (ours or somebody else's), what is installed
// in it, and the processes around it.

import { installationManifests } from '../deploy/manifests.ts';
import { createKubeClient, type OwnedKubeClient } from '../runtime/kube/client.ts';
import { createResourceMapper } from '../runtime/kube/mapper.ts';
import type { Logger } from '../runtime/log/log.ts';
import { applyInstallation } from './apply-installation.ts';
import { clusterLayout } from './cluster/layout.ts';
import { storageManifests } from './cluster/storage.ts';
import { clusterUnits } from './cluster/units.ts';
import type { Installation } from './installation.ts';
import { keepTokensFresh, mintTokens, writeServiceKubeconfigs } from './service-tokens.ts';
import type { StatePaths } from './state.ts';
import { asTask, type Unit } from './supervisor/unit.ts';

export interface InstallationUnits {
  readonly units: readonly Unit[];
  /** What goes on beside the units until the signal. */
  readonly background: (signal: AbortSignal) => Promise<void>;
  readonly client: OwnedKubeClient;
}

export async function installationUnits(installation: Installation, paths: StatePaths, log: Logger): Promise<InstallationUnits> {
  const layout = clusterLayout({ ...installation, stateDir: paths.dir });
  const local = installation.kubeconfig === undefined;
  const cluster = local ? await clusterUnits(layout) : [];
  const kubeconfig = installation.kubeconfig ?? layout.adminKubeconfig;
  await writeServiceKubeconfigs(paths, kubeconfig);
  const client = createKubeClient({ kubeconfig });
  const mapper = createResourceMapper(client);
  const units: readonly Unit[] = [
    ...cluster,
    asTask({
      name: 'installation',
      dependsOn: local ? ['kube-apiserver'] : [],
      run: async ({ signal }) => {
        const manifests = [...installationManifests(), ...(local ? storageManifests() : [])];
        await applyInstallation(manifests, { client, mapper, signal });
        await mintTokens(client, paths, signal);
      },
    }),
  ];
  return { units, background: (signal) => keepTokensFresh(client, paths, log, signal), client };
}
