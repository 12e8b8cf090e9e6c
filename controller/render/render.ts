// Chooses the renderer, and remembers what a tree gave: the same tree gives the same manifests, and the same mistake.

import { StreamSpaceError } from '../../schemas/errors.ts';
import type { GitSyncSpec } from '../../schemas/kinds/git-sync.ts';
import type { Snapshot } from '../git/snapshot.ts';
import type { Rendered } from './manifest.ts';
import { renderYaml } from './yaml.ts';

export type RenderOptions = Pick<GitSyncSpec, 'renderer' | 'entrypoint'>;

/** Renders a cdk8s app. @param entry path of the entry file in the snapshot */
export type Cdk8sRenderer = (snapshot: Snapshot, entry: string, signal: AbortSignal) => Promise<Rendered>;

/** What is kept; a rendered set of 1,000 objects is about 2 MB. */
const MAX_KEPT = 32;

export class Renderer {
  readonly #cdk8s: Cdk8sRenderer;
  readonly #kept = new Map<string, Rendered | StreamSpaceError>();

  constructor(cdk8s: Cdk8sRenderer) {
    this.#cdk8s = cdk8s;
  }

  async render(snapshot: Snapshot, options: RenderOptions, signal: AbortSignal): Promise<Rendered> {
    const key = JSON.stringify([snapshot.path, snapshot.treeId, options.renderer, options.entrypoint]);
    const kept = this.#kept.get(key);
    if (kept instanceof StreamSpaceError) throw kept;
    if (kept !== undefined) return kept;
    try {
      return this.#keep(key, await this.#render(snapshot, options, signal));
    } catch (error) {
      // A mistake in the tree stays one: a loop that does not end is not run again for the same commit.
      if (error instanceof StreamSpaceError && error.entry.retry === 'never' && !signal.aborted) this.#keep(key, error);
      throw error;
    }
  }

  #keep<T extends Rendered | StreamSpaceError>(key: string, value: T): T {
    this.#kept.set(key, value);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return value;
  }

  async #render(snapshot: Snapshot, { renderer, entrypoint }: RenderOptions, signal: AbortSignal): Promise<Rendered> {
    const entry = snapshot.path === '' ? entrypoint : `${snapshot.path}/${entrypoint}`;
    const isApp = snapshot.files.has(entry);
    if (renderer === 'Cdk8s' && !isApp)
      throw new StreamSpaceError('EntrypointNotFound', `there is no ${entry}`, { position: { file: entry } });
    return renderer === 'Cdk8s' || (renderer === 'Auto' && isApp)
      ? await this.#cdk8s(snapshot, entry, signal)
      : await renderYaml(snapshot, signal);
  }
}
