// What every replica does, leader or not: it syncs the GitSyncs of the shards that it holds.
import type { Router } from 'express';
import { createEventRecorder } from '../runtime/kube/events.ts';
import { RESOURCES } from '../runtime/kube/resources.ts';
import type { KubeClient } from '../runtime/kube/types.ts';
import { createResourceMapper } from '../runtime/kube/watch/mapper.ts';
import type { Logger } from '../runtime/log/log.ts';
import { StreamSpaceError } from '../schemas/errors.ts';
import { type ChangeRequest, isDone } from '../schemas/kinds/changes/change-request.ts';
import type { GitSync } from '../schemas/kinds/git-sync/git-sync.ts';
import { CONTROLLER_FIELD_MANAGER } from '../schemas/names.ts';
import type { KnownPeople } from './changes/known-people.ts';
import type { ChangeMetrics } from './reconcile/change-request/change-metrics.ts';
import { changesWokenBy, isReviewed, standsOtherwise } from './reconcile/change-request/wake.ts';
import type { ObjectKey, Reconciler } from './reconcile/contract.ts';
import { type DriftMetrics, NO_DRIFT_METRICS, type WatchAge } from './reconcile/drift/drift-metrics.ts';
import type { HookMetrics } from './reconcile/hooks/hook-metrics.ts';
import type { HookQueue } from './reconcile/hooks/hook-queue.ts';
import { startObjectCache } from './reconcile/object-cache.ts';
import { startWorkQueue, type WorkQueue } from './reconcile/queue/queue.ts';
import type { QueueMetrics } from './reconcile/queue/queue-metrics.ts';
import { inSlots, Slots } from './reconcile/queue/slots.ts';
import { wokenBy } from './reconcile/wake.ts';
import { NO_RENDER_METRICS, type RenderMetrics } from './render/render-metrics.ts';
import { shardOf } from './sharding/assign.ts';
import { HolderTelling } from './sharding/holder-telling.ts';
import { type Shards, startShards } from './sharding/shards.ts';
import { createSyncEngine, type SyncEngineOptions } from './sync-engine.ts';

export interface SyncWorkOptions {
  readonly client: KubeClient;
  readonly log: Logger;
  readonly metrics: QueueMetrics;
  /** Where syncs are measured and kept. */
  readonly tell: SyncEngineOptions['tell'];
  /** Default: none. */
  readonly driftMetrics?: DriftMetrics;
  /** Default: none. */
  readonly changeMetrics?: ChangeMetrics;
  /** Of those who review at a forge. Default: nothing is known of anybody. */
  readonly people?: KnownPeople;
  /** Default: none. */
  readonly hookMetrics?: HookMetrics;
  /** Left out: push hooks wait in memory. */
  readonly hookQueue?: HookQueue | undefined;
  /** Default: none. */
  readonly renderMetrics?: RenderMetrics;
  /** Clones, and what is rendered in. */
  readonly stateDir: string;
  /** Absolute path of `kubectl` or `kustomize`. */
  readonly kustomize: string;
  /** For the Leases alone, so that they wait for nothing else. */
  readonly leases: KubeClient;
  /** Of this replica. */
  readonly identity: string;
  readonly shards: number;
  readonly signal: AbortSignal;
  /** The GitSyncs are known and shards are asked for. */
  readonly onWorking?: (working: SyncsAtWork) => void;
  /** How many shards are held now. */
  readonly onShards?: (held: number) => void;
}

export interface SyncsAtWork {
  /** `/hooks/...` */
  readonly hook: Router;
  /** Those of the shards that are held. */
  readonly held: () => Iterable<GitSync>;
  readonly watches: () => Iterable<WatchAge>;
}

/** A sync renders and takes a core; this many at once in a process, however many shards it holds. */
const CONCURRENCY = 4;

/** Of one shard; all that is done for a GitSync is done by the holder of its shard, which has its clone and its renders. */
interface Queues {
  readonly syncs: WorkQueue;
  readonly changes: WorkQueue;
  readonly pullRequests: WorkQueue;
}

/** Resolves after the signal, when the last write is done and every Lease is given back. */
export async function syncUntilStopped(options: SyncWorkOptions): Promise<void> {
  const { client, leases, log, metrics, signal, shards: count } = options;
  const held = new Map<number, Queues>();
  /** By the GitSync, whatever is done for it. */
  const queuesOf = (key: ObjectKey): Queues | undefined => held.get(shardOf(key, count));
  let shards: Shards | undefined;
  const cache = startObjectCache({
    client,
    log,
    signal,
    watched: [{ resource: RESOURCES.gitSyncs }, { resource: RESOURCES.changeRequests }],
    onChange: (resource, object, before, gone) => {
      if (shards === undefined) return; // until everything is listed, each shard reads the list itself
      // In the process that syncs their GitSync: it has the clone and what was rendered of it.
      for (const change of changesWokenBy(resource, object, gone ? undefined : before, changes()))
        queuesOf(change.spec.target)?.changes.add(keyOf(change));
      // What a review is worth is told on its pull request.
      if (resource === RESOURCES.changeRequests && !gone && isReviewed(object, before)) {
        const { target } = (object as typeof object & Pick<ChangeRequest, 'spec'>).spec;
        queuesOf(target)?.pullRequests.add(target);
      }
      if (resource !== RESOURCES.gitSyncs) return;
      if (!gone && standsOtherwise(object, before)) {
        const { namespace = '', name } = object.metadata;
        queuesOf({ namespace, name })?.pullRequests.add({ namespace, name });
      }
      const known = {
        sessions: [],
        teams: [],
        dlpPolicies: [],
        recordingPolicies: [],
        sessionPolicies: [],
        gitSyncs: gitSyncs(),
      };
      for (const { key, gently } of wokenBy(resource, object, gone ? undefined : before, known)) {
        // A sync that runs for a wish of before is stopped at its next object.
        if (gently === true) queuesOf(key)?.syncs.add(key);
        else queuesOf(key)?.syncs.supersede(key);
      }
    },
  });
  const changes = (): Iterable<ChangeRequest> => cache.all<ChangeRequest>(RESOURCES.changeRequests);
  const gitSyncs = (): Iterable<GitSync> => cache.all<GitSync>(RESOURCES.gitSyncs);
  const followedFor = ({ namespace, name }: ObjectKey): readonly ChangeRequest[] =>
    [...changes()].filter((change) => {
      const { target } = change.spec;
      return !isDone(change) && target.namespace === namespace && target.name === name;
    });
  try {
    await cache.synced;
  } catch {
    await cache.ended;
    return;
  }
  const holders = new HolderTelling(client, log);
  const events = createEventRecorder({ client, component: CONTROLLER_FIELD_MANAGER, log });
  await using engine = createSyncEngine({
    client,
    mapper: createResourceMapper(client),
    stateDir: options.stateDir,
    kustomize: options.kustomize,
    renderMetrics: options.renderMetrics ?? NO_RENDER_METRICS,
    events,
    log,
    signal,
    tell: options.tell,
    driftMetrics: options.driftMetrics ?? NO_DRIFT_METRICS,
    ...(options.changeMetrics === undefined ? {} : { changeMetrics: options.changeMetrics }),
    ...(options.people === undefined ? {} : { people: options.people }),
    ...(options.hookMetrics === undefined ? {} : { hookMetrics: options.hookMetrics }),
    hookStore: options.hookQueue,
    gitSyncs,
    changes,
    enqueue: (key) => queuesOf(key)?.syncs.add(key),
    onHint: (key) => {
      const queues = queuesOf(key);
      if (queues !== undefined) {
        queues.syncs.add(key);
        // A hook may be about a review as well as about a push.
        queues.pullRequests.add(key);
        for (const change of followedFor(key)) queues.changes.add(keyOf(change));
      }
      // Also where we know of no holder: one that has just taken over may have looked before the push, and we hear of it late.
      else holders.tell(key);
    },
  });
  engine.warm();
  const slots = new Slots(CONCURRENCY);
  const keysIn = (shard: number): readonly ObjectKey[] =>
    [...gitSyncs()].map(keyOf).filter((key) => shardOf(key, count) === shard);
  /** Also what has ended: it is to be taken back, or deleted, at a time. */
  const changesIn = (shard: number): readonly ObjectKey[] =>
    [...changes()].filter((change) => shardOf(change.spec.target, count) === shard).map(keyOf);
  shards = startShards({
    client: leases,
    identity: options.identity,
    shards: count,
    log,
    signal,
    work: async (shard, holding, fence) => {
      const guarded = client.guarded(() => fence.check());
      const start = (by: Reconciler, concurrency: number): WorkQueue =>
        startWorkQueue({ reconciler: inSlots(by, slots), concurrency, log, metrics, signal: holding });
      const queues: Queues = {
        syncs: start(engine.reconcilerWith(guarded), CONCURRENCY),
        changes: start(engine.changeReconcilerWith(guarded), CONCURRENCY),
        pullRequests: start(engine.pullRequestReconcilerWith(guarded), 1),
      };
      held.set(shard, queues);
      options.onShards?.(held.size);
      for (const key of keysIn(shard)) {
        queues.syncs.add(key);
        queues.pullRequests.add(key);
      }
      for (const key of changesIn(shard)) queues.changes.add(key);
      await Promise.all(Object.values(queues).map(({ ended }) => ended));
      held.delete(shard);
      options.onShards?.(held.size);
      // Another replica writes from now on: what we know of these objects grows old.
      for (const key of keysIn(shard)) engine.forget(key);
    },
  });
  options.hookQueue?.work({
    holds: (shard) => held.has(shard),
    look: engine.lookAt,
    givenUp: ({ namespace, name }, error) => {
      const uid = cache.find<GitSync>(RESOURCES.gitSyncs, namespace, name)?.metadata.uid;
      const why = error instanceof StreamSpaceError ? error.message : 'an unexpected error, which the log has';
      const message = `a push hook could not be acted on: ${why}. The next poll makes up for it`;
      if (uid !== undefined)
        events.record(
          { resource: RESOURCES.gitSyncs, namespace, name, uid },
          { type: 'Warning', reason: 'HookGivenUp', message },
        );
    },
  });
  const heldSyncs = (): Iterable<GitSync> => [...gitSyncs()].filter((sync) => queuesOf(keyOf(sync)) !== undefined);
  options.onWorking?.({ hook: engine.hook, held: heldSyncs, watches: () => [...cache.ages(), ...engine.drift.ages()] });
  await Promise.all([shards.ended, cache.ended]);
  await events.flush();
}

function keyOf({ metadata: { namespace = '', name } }: Pick<GitSync, 'metadata'>): ObjectKey {
  return { namespace, name };
}
