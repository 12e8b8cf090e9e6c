// Executes a plan: step by step, only what differs, under one field manager. An object that fails stops what depends on it and
// the waves after its own, nothing else; a signal stops everything, at the next object.
import type { Resource } from '../../runtime/kube/types.ts';
import { LABELS } from '../../schemas/names.ts';
import type { HealthExpressions } from '../observe/expressions.ts';
import { type Unhealthy, unhealthyCode, type Watched } from '../observe/wait.ts';
import { rankOf } from '../plan/order.ts';
import type { Plan } from '../plan/plan.ts';
import { describeId, type ObjectId, partsOf } from '../render/manifest.ts';
import type { Problem } from '../validate/validate.ts';
import { waitForEach } from './barrier.ts';
import { eachLimited } from './cluster.ts';
import { finishInHand } from './in-hand.ts';
import { ownerLabel } from './ownership.ts';
import { placeOf, type Step, stepsOf, type Write } from './steps.ts';
import type { SyncTarget } from './target.ts';
import { ObjectWriter, READY_WAIT_MS } from './write-object.ts';

export interface Applied {
  /** What was written, in the order of writing. */
  readonly written: readonly ObjectId[];
  readonly failures: readonly Problem[];
  /** Where what was deferred turned out to be, besides what was known. */
  readonly resources: ReadonlyMap<ObjectId, Resource>;
}

export interface ApplyOptions {
  /** How long a wave, or what something depends on, may take to become healthy. */
  readonly timeoutMs: number;
  /** What is healthy, for kinds that the GitSync has rules for. */
  readonly rules: HealthExpressions;
  readonly signal: AbortSignal;
}

const CONCURRENCY = 8;

/** @throws what concerns the whole cluster, or the reason of the signal */
export async function applyPlan(
  target: SyncTarget,
  plan: Plan,
  known: ReadonlyMap<ObjectId, Resource>,
  { timeoutMs, rules, signal }: ApplyOptions,
): Promise<Applied> {
  using inHand = finishInHand(signal);
  const resources = new Map(known);
  const writer = new ObjectWriter(target, resources, { signal, inHand: inHand.signal });
  const run = new ApplyRun({ target, writer, resources, timeoutMs, rules, signal });
  for (const step of stepsOf(plan)) await run.step(step);
  return run;
}

interface ApplyRunOptions extends ApplyOptions {
  readonly target: SyncTarget;
  readonly writer: ObjectWriter;
  readonly resources: ReadonlyMap<ObjectId, Resource>;
}

class ApplyRun implements Applied {
  readonly written: ObjectId[] = [];
  readonly failures: Problem[] = [];
  readonly resources: ReadonlyMap<ObjectId, Resource>;
  readonly #options: ApplyRunOptions;
  readonly #before: Step[] = [];
  readonly #healthy = new Set<ObjectId>();
  /** What failed, is not healthy, or was held back: whoever needs it is held back too. */
  readonly #broken = new Set<ObjectId>();

  constructor(options: ApplyRunOptions) {
    this.#options = options;
    this.resources = options.resources;
  }

  async step(step: Step): Promise<void> {
    const { signal, writer } = this.#options;
    const writes = await this.#free(step);
    for (const group of Map.groupBy(writes, ({ id }) => rankOf(id)).values()) {
      await eachLimited(group, CONCURRENCY, async (change) => {
        signal.throwIfAborted();
        const refused = await writer.write(change);
        if (refused === undefined) this.written.push(change.id);
        else this.#fail(change, refused.code, refused.message);
      });
    }
    if (step.phase === 'foundation') await this.#waitForFoundation(writes);
    this.#before.push(step);
  }

  /** Waits for the waves before, and for what the writes depend on; what that does not become healthy for is held back. */
  async #free(step: Step): Promise<readonly Write[]> {
    if (step.writes.length === 0) return [];
    const earlier = this.#before
      .filter(({ phase, wave }) => phase === step.phase && wave < step.wave)
      .flatMap(({ members }) => members);
    const needs = step.writes.flatMap((change) => placeOf(change).needs);
    await this.#settle([...earlier, ...needs]);
    const late = earlier.find((id) => this.#broken.has(id));
    return step.writes.filter((change) => {
      const need = late ?? placeOf(change).needs.find((id) => this.#broken.has(id));
      if (need === undefined) return true;
      const why = late === undefined ? 'it depends on' : `wave ${step.wave} comes after`;
      this.#fail(change, 'DependencyNotReady', `not applied: ${why} ${describeId(need)}`);
      return false;
    });
  }

  async #settle(ids: readonly ObjectId[]): Promise<void> {
    const { target, timeoutMs, signal, rules } = this.#options;
    const open = [...new Set(ids)].filter((id) => !this.#healthy.has(id) && !this.#broken.has(id));
    const labelSelector = `${LABELS.gitSync}=${ownerLabel(target.owner)}`;
    const options = { client: target.own, timeoutMs, signal, labelSelector, rules };
    const unhealthy = await waitForEach(this.#watched(open), options);
    for (const each of unhealthy) this.#tellUnhealthy(each);
    for (const id of open) if (!this.#broken.has(id)) this.#healthy.add(id);
  }

  #tellUnhealthy({ id, state, message }: Unhealthy): void {
    this.#broken.add(id);
    const code = unhealthyCode(state);
    const words = code === 'HealthTimeout' ? `not ready within ${this.#options.timeoutMs / 1000} s: ${message}` : message;
    this.failures.push({ code, message: `${describeId(id)}: ${words}`, object: id });
  }

  #fail(change: Write, code: Problem['code'], message: string): void {
    this.#broken.add(change.id);
    const { position } = change.wanted.manifest;
    this.failures.push({ code, message: `${describeId(change.id)}: ${message}`, object: change.id, position });
  }

  /** What does not come is a failure of those that need it, and is named there. */
  async #waitForFoundation(writes: readonly Write[]): Promise<void> {
    const { target, signal } = this.#options;
    const awaited = writes
      .map(({ id }) => id)
      .filter((id) => ['CustomResourceDefinition', 'Namespace'].includes(partsOf(id).kind) && !this.#broken.has(id));
    await waitForEach(this.#watched(awaited), { client: target.own, timeoutMs: READY_WAIT_MS, signal });
  }

  #watched(ids: readonly ObjectId[]): readonly Watched[] {
    return ids.flatMap((id) => {
      const resource = this.resources.get(id);
      return resource === undefined ? [] : [{ id, resource }];
    });
  }
}
