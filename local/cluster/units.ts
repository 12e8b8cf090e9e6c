// The local cluster as units: its processes, and what has to be in it before anything else can run there.
import { statfs } from 'node:fs/promises';
import { ensureImages } from '../../images/build.ts';
import { PAUSE_REF } from '../../images/definitions.ts';
import { asPart, asTask, type Unit } from '../supervisor/unit.ts';
import { writeClusterFiles } from './cluster-files.ts';
import { importImages } from './import-images.ts';
import type { ClusterLayout } from './layout.ts';
import { clusterParts } from './parts.ts';

/** f_type of overlayfs (statfs(2)). */
const OVERLAYFS = 0x794c7630;

/** Overlay on overlay is refused by the kernel: there (a container) layers are copied instead. */
async function snapshotterFor(folder: string): Promise<'overlayfs' | 'native'> {
  return (await statfs(folder)).type === OVERLAYFS ? 'native' : 'overlayfs';
}

/**
 * Writes what the parts read; nothing is started.
 * @param options imagesAfter: units that come before the images: an import keeps both cores of a small machine busy for seconds;
 *   filtered: whether NetworkPolicies are enforced
 */
export async function clusterUnits(
  layout: ClusterLayout,
  options: { readonly imagesAfter: readonly string[]; readonly filtered: boolean },
): Promise<readonly Unit[]> {
  const snapshotter = await snapshotterFor(layout.stateDir);
  await writeClusterFiles(layout, { sandboxImage: PAUSE_REF, snapshotter, now: new Date() });
  return [
    ...clusterParts(layout, options).map(asPart),
    asTask({
      name: 'images',
      dependsOn: ['containerd', ...options.imagesAfter],
      run: async ({ signal, report }) => {
        const images = await ensureImages({ cacheDir: layout.cacheDir, report, signal });
        await importImages(layout, images, { signal, report, snapshotter });
      },
    }),
  ];
}
