// Remembers what a unit gave: while nothing that it read has changed, it is not rendered again. A mistake is remembered too, and
// tried again later and later: a limit of time or memory may have been the machine's fault.
import { type Backoff, backoffMs } from '../../runtime/kube/watch/backoff.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { type Reads, RecordedTree, type SourceTree, stillThere } from '../git/source-tree.ts';
import type { RenderedUnit, RenderUnit } from './render.ts';
import { NO_RENDER_METRICS, type RenderMetrics } from './render-metrics.ts';
import type { Unit } from './unit.ts';

export type RenderOutcome =
  | { readonly outcome: 'rendered'; readonly rendered: RenderedUnit; readonly treeId: string }
  /** `retryInMs`: it is not rendered again before, unless what it reads changes. */
  | {
      readonly outcome: 'failed';
      readonly error: StreamSpaceError;
      readonly retryInMs: number;
      readonly treeId: string | undefined;
    };

interface Kept {
  readonly reads: Reads;
  readonly result: RenderedUnit | StreamSpaceError;
  readonly failures: number;
  /** Of a mistake: when it may be tried again. */
  readonly notBefore: number;
}

export interface KeptRendersOptions {
  readonly render: RenderUnit;
  readonly metrics?: RenderMetrics;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  /** In [0, 1). */
  readonly random?: () => number;
}

/** S-088 */
const BACKOFF: Backoff = { firstMs: 750, maxMs: 15 * 60_000 };
/** Of each unit of each GitSync: what it is now, and what a revert would bring back. */
const EACH = 2;
/** About 100 MB: a rendered object takes 2 kB. */
const MAX_MANIFESTS = 50_000;
/** A unit without manifests costs something too. */
const COST_OF_UNIT = 10;

export class KeptRenders {
  readonly #options: Required<KeptRendersOptions>;
  readonly #kept = new Map<string, Kept>();
  /** Keys of what is kept, by who asked for it, the newest last. Units of the same content share it. */
  readonly #asked = new Map<string, readonly string[]>();
  readonly #users = new Map<string, number>();
  #cost = 0;

  constructor(options: KeptRendersOptions) {
    this.#options = {
      metrics: NO_RENDER_METRICS,
      now: () => performance.now(),
      random: Math.random,
      ...options,
    };
  }

  /**
   * @param asker the GitSync
   * @throws what is no mistake of the unit: a clone that cannot be read, the reason of the signal
   */
  async render(tree: SourceTree, unit: Unit, asker: string, signal: AbortSignal): Promise<RenderOutcome> {
    const slot = `${asker} ${JSON.stringify([normal(unit.path), unit.renderer, unit.entrypoint])}`;
    const probe = new RecordedTree(tree);
    await probe.idAt(normal(unit.path)).catch((error: unknown) => this.#mistake(error, undefined, 0, signal)); // told below
    const treeId = probe.reads.get(normal(unit.path));
    const key = JSON.stringify([normal(unit.path), treeId, unit.renderer, unit.entrypoint]);
    const kept = await this.#find(key, tree);
    if (kept !== undefined) this.#use(slot, key);
    if (kept !== undefined && !(kept.result instanceof StreamSpaceError))
      return { outcome: 'rendered', rendered: kept.result, treeId: treeId ?? '' };
    const waitMs = (kept?.notBefore ?? 0) - this.#options.now();
    if (kept?.result instanceof StreamSpaceError && waitMs > 0)
      return { outcome: 'failed', error: kept.result, retryInMs: waitMs, treeId };
    return await this.#render({ slot, key, failures: kept?.failures ?? 0 }, { tree, unit, treeId, signal });
  }

  async #render(
    { slot, key, failures }: { readonly slot: string; readonly key: string; readonly failures: number },
    {
      tree,
      unit,
      treeId,
      signal,
    }: { readonly tree: SourceTree; readonly unit: Unit; readonly treeId: string | undefined; readonly signal: AbortSignal },
  ): Promise<RenderOutcome> {
    const { render, metrics } = this.#options;
    const recorded = new RecordedTree(tree);
    const startedAt = performance.now();
    try {
      const rendered = await render(recorded, unit, signal);
      metrics.rendered(rendered.renderer, 'done', (performance.now() - startedAt) / 1000);
      this.#keep(slot, key, { reads: recorded.reads, result: rendered, failures: 0, notBefore: 0 });
      return { outcome: 'rendered', rendered, treeId: treeId ?? '' };
    } catch (error) {
      const outcome = this.#mistake(error, treeId, failures, signal);
      metrics.rendered(unit.renderer, 'failed', (performance.now() - startedAt) / 1000);
      const notBefore = this.#options.now() + outcome.retryInMs;
      // Not kept for ever: its words name the commit.
      if (Number.isFinite(notBefore))
        this.#keep(slot, key, { reads: recorded.reads, result: outcome.error, failures: failures + 1, notBefore });
      return outcome;
    }
  }

  /** @throws the error itself, where the unit is not to blame */
  #mistake(
    error: unknown,
    treeId: string | undefined,
    failures: number,
    signal: AbortSignal,
  ): Extract<RenderOutcome, { outcome: 'failed' }> {
    signal.throwIfAborted();
    if (!(error instanceof StreamSpaceError) || error.entry.category === 'unavailable') throw error;
    // Only another commit brings a folder: that is seen without trying.
    if (error.code === 'GitPathNotFound' && treeId === undefined)
      return { outcome: 'failed', error, retryInMs: Number.POSITIVE_INFINITY, treeId };
    return { outcome: 'failed', error, retryInMs: backoffMs(BACKOFF, failures, this.#options.random()), treeId };
  }

  async #find(key: string, tree: SourceTree): Promise<Kept | undefined> {
    const kept = this.#kept.get(key);
    if (kept === undefined || !(await stillThere(tree, kept.reads))) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept); // the most recently used stands last
    return kept;
  }

  /** Nothing of a GitSync that is gone. */
  forget(asker: string): void {
    for (const [slot, keys] of this.#asked) {
      if (!slot.startsWith(`${asker} `)) continue;
      this.#asked.delete(slot);
      for (const key of keys) this.#release(key);
    }
  }

  #keep(slot: string, key: string, kept: Kept): void {
    const before = this.#kept.get(key);
    this.#cost += costOf(kept) - (before === undefined ? 0 : costOf(before));
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    this.#use(slot, key);
    for (const old of this.#kept.keys()) {
      if (this.#cost <= MAX_MANIFESTS || old === key) break;
      this.#drop(old);
    }
  }

  #use(slot: string, key: string): void {
    const keys = this.#asked.get(slot) ?? [];
    const newest = [...keys.filter((each) => each !== key), key];
    if (!keys.includes(key)) this.#users.set(key, (this.#users.get(key) ?? 0) + 1);
    this.#asked.set(slot, newest.slice(-EACH));
    for (const old of newest.slice(0, -EACH)) this.#release(old);
  }

  #release(key: string): void {
    const users = (this.#users.get(key) ?? 1) - 1;
    if (users > 0) this.#users.set(key, users);
    else {
      this.#users.delete(key);
      this.#drop(key);
    }
  }

  #drop(key: string): void {
    const dropped = this.#kept.get(key);
    if (dropped === undefined) return;
    this.#kept.delete(key);
    this.#cost -= costOf(dropped);
  }
}

function costOf({ result }: Kept): number {
  return COST_OF_UNIT + (result instanceof StreamSpaceError ? 0 : result.manifests.length);
}

/** As a path of the tree; one that leaves the repository stays as it is, for the snapshot to refuse. */
function normal(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}
