// Renders a unit with the renderer that it asks for.
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { Snapshot } from '../git/snapshot.ts';
import type { SourceTree } from '../git/source-tree.ts';
import type { ReadOutside } from './app/app-bundle.ts';
import type { KustomizeRenderer } from './kustomize/kustomize.ts';
import { kustomizationIn } from './kustomize/kustomize-input.ts';
import type { Rendered } from './manifest.ts';
import type { Unit } from './unit.ts';
import { renderYaml } from './yaml/yaml.ts';

/** Renders a cdk8s app. @param entry path of the entry file in the snapshot */
export type Cdk8sRenderer = (snapshot: Snapshot, entry: string, signal: AbortSignal, outside?: ReadOutside) => Promise<Rendered>;

export interface Renderers {
  readonly cdk8s: Cdk8sRenderer;
  readonly kustomize: KustomizeRenderer;
}

export type ConcreteRenderer = Exclude<Unit['renderer'], 'Auto'>;

export interface RenderedUnit extends Rendered {
  /** What it was rendered with. */
  readonly renderer: ConcreteRenderer;
}

export type RenderUnit = (tree: SourceTree, unit: Unit, signal: AbortSignal) => Promise<RenderedUnit>;

/** @throws StreamSpaceError with the place of the mistake; GitPathNotFound for a unit whose path is not there */
export function createUnitRenderer({ cdk8s, kustomize }: Renderers): RenderUnit {
  return async (tree, unit, signal) => {
    const snapshot = await tree.snapshot(unit.path);
    const entry = snapshot.path === '' ? unit.entrypoint : `${snapshot.path}/${unit.entrypoint}`;
    const renderer = rendererOf(unit.renderer, snapshot, entry);
    switch (renderer) {
      case 'Cdk8s':
        return { renderer, ...(await cdk8s(snapshot, entry, signal, (file) => tree.file(file))) };
      case 'Kustomize':
        return { renderer, ...(await kustomize(tree, snapshot, signal)) };
      case 'Yaml':
        return { renderer, ...(await renderYaml(snapshot, signal)) };
    }
  };
}

/** An entry file comes before a kustomization: who has both calls one from the other. */
function rendererOf(wanted: Unit['renderer'], { files, path }: Snapshot, entry: string): ConcreteRenderer {
  const isApp = files.has(entry);
  if (wanted === 'Cdk8s' && !isApp)
    throw new StreamSpaceError('EntrypointNotFound', `there is no ${entry}`, { position: { file: entry } });
  if (wanted !== 'Auto') return wanted;
  if (isApp) return 'Cdk8s';
  return kustomizationIn(files, path) === undefined ? 'Yaml' : 'Kustomize';
}
