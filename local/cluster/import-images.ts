// Brings image archives into the local cluster's containerd. What was imported from the same archive before is left alone.
import { join } from 'node:path';
import { run } from '../machine/run.ts';
import { readFileIfThere, writeFileAtomically } from '../state/files.ts';
import type { ClusterLayout } from './layout.ts';

export interface ImageArchive {
  readonly ref: string;
  readonly archive: string;
}

const IMPORT_TIMEOUT_MS = 300_000;

/** One after the other: an import keeps both cores and the disk busy, and the sandbox image comes first. */
export async function importImages(
  layout: ClusterLayout,
  images: readonly ImageArchive[],
  options: { readonly signal: AbortSignal; readonly report: (line: string) => void; readonly snapshotter: string },
): Promise<void> {
  const { signal } = options;
  const ctr = (args: readonly string[]): Promise<string> =>
    run('ctr', ['--address', layout.containerdSocket, '--namespace', 'k8s.io', ...args], {
      signal,
      timeoutMs: IMPORT_TIMEOUT_MS,
    });
  // In containerd's own folder: gone together with what it speaks of.
  const marker = join(layout.dir, 'containerd', 'streamspace-images.json');
  const imported = JSON.parse((await readFileIfThere(marker)) ?? '{}') as Record<string, string>;
  const there = new Set((await ctr(['images', 'ls', '--quiet'])).split('\n'));
  for (const { ref, archive } of images) {
    if (there.has(ref) && imported[ref] === archive) continue;
    options.report(`importing ${ref}`);
    await ctr(['images', 'import', '--snapshotter', options.snapshotter, archive]);
    imported[ref] = archive;
    await writeFileAtomically(marker, `${JSON.stringify(imported, null, 2)}\n`);
  }
}
