// One rendered path of a GitSync.
import type { GitSyncSpec } from '../../schemas/kinds/git-sync/git-sync.ts';

export interface Unit {
  /** Left out where the GitSync itself is the one unit. */
  readonly name?: string;
  readonly path: string;
  readonly renderer: GitSyncSpec['renderer'];
  readonly entrypoint: string;
}

/** What of a GitSync decides what is rendered. */
export type RenderSpec = Pick<GitSyncSpec, 'path' | 'renderer' | 'entrypoint' | 'units' | 'allowEmpty'>;

/** What `spec.units` says, with the defaults of the GitSync; without units the GitSync is one. */
export function unitsOf(spec: RenderSpec): readonly Unit[] {
  const { path, renderer, entrypoint, units } = spec;
  if (units === undefined) return [{ path, renderer, entrypoint }];
  return units.map((unit) => ({
    name: unit.name,
    path: unit.path,
    renderer: unit.renderer ?? renderer,
    entrypoint: unit.entrypoint ?? entrypoint,
  }));
}
