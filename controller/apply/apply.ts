// Executes a plan: stage by stage, only what differs, under one field manager. An object that fails does not stop the others;
// a signal does, at the next object.

import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { Resource } from '../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { type Watched, waitUntilHealthy } from '../observe/wait.ts';
import { rankOf, STAGES, type Stage, stageOf } from '../plan/order.ts';
import type { Change, Plan } from '../plan/plan.ts';
import { describeId, type ObjectId, partsOf } from '../render/manifest.ts';
import type { Problem } from '../validate/validate.ts';
import { classifyRefusal, clusterError } from './classify.ts';
import { applyExact, eachLimited, type ObjectRef, readExact } from './cluster.ts';
import { dryRunObject } from './dry-run.ts';
import { adoptManagers } from './managers.ts';
import { appliedJson, ownerMark } from './ownership.ts';
import { deleteAndWait } from './prune.ts';
import type { SyncTarget } from './target.ts';

export interface Applied {
  /** What was written, in the order of writing. */
  readonly written: readonly ObjectId[];
  readonly failures: readonly Problem[];
  /** Where what was deferred turned out to be, besides what was known. */
  readonly resources: ReadonlyMap<ObjectId, Resource>;
}

type Write = Extract<Change, { action: 'create' | 'configure' | 'replace' }>;

const CONCURRENCY = 8;
/** For definitions to be served, and for namespaces (a Team's too) to exist. */
const STAGE_WAIT_MS = 30_000;

export async function applyPlan(
  target: SyncTarget,
  plan: Plan,
  known: ReadonlyMap<ObjectId, Resource>,
  signal: AbortSignal,
): Promise<Applied> {
  const run = new ApplyRun(target, known, signal);
  for (const stage of STAGES)
    await run.stage(
      stage,
      plan.changes.filter(isWrite).filter(({ id }) => stageOf(id) === stage),
    );
  return run;
}

function isWrite(change: Change): change is Write {
  return change.action === 'create' || change.action === 'configure' || change.action === 'replace';
}

class ApplyRun implements Applied {
  readonly written: ObjectId[] = [];
  readonly failures: Problem[] = [];
  readonly resources: Map<ObjectId, Resource>;
  readonly #target: SyncTarget;
  readonly #signal: AbortSignal;
  /** Namespaces that were seen or waited for in vain, so that each is waited for once. */
  readonly #namespaces = new Map<string, Promise<boolean>>();

  constructor(target: SyncTarget, known: ReadonlyMap<ObjectId, Resource>, signal: AbortSignal) {
    this.#target = target;
    this.resources = new Map(known);
    this.#signal = signal;
  }

  async stage(stage: Stage, writes: readonly Write[]): Promise<void> {
    const byRank = Map.groupBy(writes, ({ id }) => rankOf(id));
    for (const group of byRank.values()) {
      await eachLimited(group, CONCURRENCY, async (change) => {
        this.#signal.throwIfAborted();
        await this.#write(change);
      });
    }
    if (stage === 'foundation') await this.#waitForFoundation(writes);
  }

  async #write(change: Write): Promise<void> {
    try {
      const resource = await this.#resourceOf(change);
      this.resources.set(change.id, resource);
      await this.#apply(change, resource);
      this.written.push(change.id);
    } catch (error) {
      this.#signal.throwIfAborted();
      if (error instanceof StreamSpaceError && error.code !== 'ClusterUnreachable') this.#fail(change, error.code, error.message);
      else {
        const refusal = classifyRefusal(error, partsOf(change.id).kind);
        if (refusal === undefined) throw clusterError(error);
        this.#fail(change, refusal.code, refusal.message);
      }
    }
  }

  #fail(change: Write, code: Problem['code'], message: string): void {
    this.#target.verified.forget(ownerMark(this.#target.owner), change.id);
    const position = change.wanted.manifest.position;
    this.failures.push({ code, message: `${describeId(change.id)}: ${message}`, object: change.id, position });
  }

  async #apply(change: Write, resource: Resource): Promise<void> {
    const { owner, tenant, verified } = this.#target;
    const { manifest, namespace } = change.wanted;
    const ref: ObjectRef = { resource, namespace, name: manifest.name };
    const body = appliedJson(change.wanted, owner);
    const force = this.#target.conflicts === 'Overwrite';
    if (change.action === 'create' && change.deferred) await this.#dryRunDeferred(change, resource, body);
    if (change.action === 'replace') await this.#remove(change, ref);
    if (change.action === 'configure') await this.#adopt(ref);
    const object = await applyExact(tenant, ref, body, { force, dryRun: false, signal: this.#signal });
    verified.remember(ownerMark(owner), change.id, body, object);
  }

  async #dryRunDeferred(change: Write, resource: Resource, body: string): Promise<void> {
    const { namespace, manifest } = change.wanted;
    if (namespace !== undefined && !(await this.#namespaceIsThere(namespace)))
      throw new StreamSpaceError('NamespaceNotFound', `namespace ${namespace} was not there after ${STAGE_WAIT_MS / 1000} s`);
    const dryRun = await dryRunObject(this.#target, change.wanted, resource, body, this.#signal);
    if (dryRun.outcome === 'refused') throw new StreamSpaceError(dryRun.code, dryRun.message, { position: manifest.position });
  }

  async #remove(change: Extract<Write, { action: 'configure' | 'replace' }>, ref: ObjectRef): Promise<void> {
    const { tenant, own } = this.#target;
    const left = await deleteAndWait(
      tenant,
      own,
      [{ id: change.id, uid: change.uid, resource: ref.resource }],
      STAGE_WAIT_MS,
      this.#signal,
    );
    const [first] = left;
    if (first !== undefined) throw new StreamSpaceError('PruneIncomplete', `it is to be replaced, and ${first.message}`);
  }

  async #adopt(ref: ObjectRef): Promise<void> {
    const live = await readExact(this.#target.own, ref, this.#signal);
    if (live !== undefined) await adoptManagers(this.#target.tenant, ref, live, this.#signal);
  }

  async #resourceOf(change: Write): Promise<Resource> {
    const { apiVersion, kind } = change.wanted.manifest;
    const found =
      this.resources.get(change.id) ??
      (await this.#target.mapper.resourceOf(apiVersion, kind, { fresh: true, signal: this.#signal }));
    if (found === undefined) throw new StreamSpaceError('KindUnknown', `the API server does not serve ${kind} of ${apiVersion}`);
    return found;
  }

  #namespaceIsThere(name: string): Promise<boolean> {
    const known = this.#namespaces.get(name);
    if (known !== undefined) return known;
    const seen = this.#waitFor([{ id: namespaceId(name), resource: RESOURCES.namespaces }]).then((left) => left.size === 0);
    this.#namespaces.set(name, seen);
    return seen;
  }

  /** What does not come is a failure of those that need it, and is named there. */
  async #waitForFoundation(writes: readonly Write[]): Promise<void> {
    const awaited = writes
      .filter(({ id }) => ['CustomResourceDefinition', 'Namespace'].includes(partsOf(id).kind))
      .flatMap(({ id }) => {
        const resource = this.resources.get(id);
        return resource === undefined || this.failures.some(({ object }) => object === id) ? [] : [{ id, resource }];
      });
    await this.#waitFor(awaited);
  }

  async #waitFor(awaited: readonly Watched[]): Promise<ReadonlySet<ObjectId>> {
    if (awaited.length === 0) return new Set();
    let left = awaited;
    const deadline = performance.now() + STAGE_WAIT_MS;
    // A failure of one (a definition whose names clash) does not shorten the wait for the others.
    while (left.length > 0 && performance.now() < deadline) {
      const unhealthy = await waitUntilHealthy(left, {
        client: this.#target.own,
        timeoutMs: deadline - performance.now(),
        signal: this.#signal,
      });
      const waiting = new Set(unhealthy.filter(({ state }) => state !== 'Failed').map(({ id }) => id));
      if (waiting.size === 0) return new Set(unhealthy.map(({ id }) => id));
      left = left.filter(({ id }) => waiting.has(id));
    }
    return new Set(left.map(({ id }) => id));
  }
}

function namespaceId(name: string): ObjectId {
  return `/Namespace//${name}` as ObjectId;
}
