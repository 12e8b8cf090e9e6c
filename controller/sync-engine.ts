// Wires the stages of the sync together. `controller/main.ts` and the command use it; it owns connections to Git servers and
// the folder of rendering.
import type { Router } from 'express';
import type { EventRecorder } from '../runtime/kube/events.ts';
import type { KubeClient, ResourceMapper } from '../runtime/kube/types.ts';
import { startReflector } from '../runtime/kube/watch/reflector.ts';
import type { Logger } from '../runtime/log/log.ts';
import type { ChangeRequest } from '../schemas/kinds/changes/change-request.ts';
import type { GitSync } from '../schemas/kinds/git-sync/git-sync.ts';
import { API_GROUP, kubernetesGroups, kubernetesUser } from '../schemas/names.ts';
import { ownerMark } from './apply/ownership.ts';
import { VerifiedObjects } from './apply/verified.ts';
import { createForges } from './changes/forge/forges.ts';
import { type KnownPeople, UNKNOWN_PEOPLE } from './changes/known-people.ts';
import { GitSource } from './git/source.ts';
import { GitTransport } from './git/wire/http.ts';
import { type ChangeMetrics, NO_CHANGE_METRICS } from './reconcile/change-request/change-metrics.ts';
import { createChangeRequestReconciler } from './reconcile/change-request/change-request.ts';
import { createChangeChecks } from './reconcile/change-request/check.ts';
import { createChangeLook } from './reconcile/change-request/look.ts';
import type { ObjectKey, Reconciler } from './reconcile/contract.ts';
import { type DriftMetrics, NO_DRIFT_METRICS } from './reconcile/drift/drift-metrics.ts';
import { FieldFights } from './reconcile/drift/fights.ts';
import { DriftWatch } from './reconcile/drift/watch.ts';
import { createGitSyncReconciler } from './reconcile/git-sync/git-sync.ts';
import type { InventoryKind } from './reconcile/git-sync/ports.ts';
import { comparableUrl, GitRevisions } from './reconcile/git-sync/revisions.ts';
import { createForgeHook } from './reconcile/hooks/forge-hook.ts';
import { createGitHook } from './reconcile/hooks/git-hook.ts';
import { type GitSyncKey, HookInbox, type HookStore } from './reconcile/hooks/hook-inbox.ts';
import { type HookMetrics, NO_HOOK_METRICS } from './reconcile/hooks/hook-metrics.ts';
import { createPullRequestPlans } from './reconcile/pull-requests/plan.ts';
import { createPullRequestReconciler } from './reconcile/pull-requests/pull-requests.ts';
import type { AttemptPorts } from './reconcile/telling/attempt.ts';
import { SyncTelling } from './reconcile/telling/telling.ts';
import { createCdk8sRenderer } from './render/app/cdk8s.ts';
import { KeptRenders } from './render/kept-renders.ts';
import { createKustomizeRenderer } from './render/kustomize/kustomize.ts';
import { createUnitRenderer } from './render/render.ts';
import type { RenderMetrics } from './render/render-metrics.ts';

export interface SyncEngineOptions {
  readonly client: KubeClient;
  readonly mapper: ResourceMapper;
  /** Holds `clones/` and `render/`; both can be deleted at any time. */
  readonly stateDir: string;
  readonly events: EventRecorder;
  /** Where syncs are measured and kept. */
  readonly tell: Pick<AttemptPorts, 'history' | 'metrics' | 'audit' | 'controller'>;
  readonly driftMetrics?: DriftMetrics;
  readonly changeMetrics?: ChangeMetrics;
  /** Of those who review at a forge. Default: nothing is known of anybody. */
  readonly people?: KnownPeople;
  readonly hookMetrics?: HookMetrics;
  /** Where push hooks wait; left out: in memory. */
  readonly hookStore?: HookStore | undefined;
  readonly log: Logger;
  /** Asks for a call of {@link SyncEngine.reconciler}; may be bound after the engine is made. */
  readonly enqueue: (key: ObjectKey) => void;
  /** All that are known: a new one, and one with a new URL, are looked at anyway. */
  readonly gitSyncs: () => Iterable<GitSync>;
  /** Default: none. */
  readonly changes?: () => Iterable<ChangeRequest>;
  /** Told of each GitSync that a push hook means. Default: `enqueue`. */
  readonly onHint?: (key: ObjectKey) => void;
  readonly signal: AbortSignal;
  /** Absolute path of `kubectl` or `kustomize`. */
  readonly kustomize: string;
  readonly renderMetrics: RenderMetrics;
  readonly now?: () => Date;
}

export interface SyncEngine extends AsyncDisposable {
  /** Writes with this client: each holder of a shard has one of its own, behind its fence. */
  reconcilerWith(client: KubeClient): Reconciler;
  /** Of ChangeRequests; the same clones and renders. */
  changeReconcilerWith(client: KubeClient): Reconciler;
  /** Of the pull requests of GitSyncs; the same clones and renders. */
  pullRequestReconcilerWith(client: KubeClient): Reconciler;
  /** Another writes to its objects from now on. */
  forget(key: ObjectKey): void;
  /** Bundles the toolkit before the first commit asks for it. */
  warm(): void;
  /** There may be something new for this GitSync. */
  lookAt(key: GitSyncKey): void;
  /** `POST /hooks/git` and `/hooks/FORGE/NAMESPACE/NAME` */
  readonly hook: Router;
  readonly drift: DriftWatch;
}

export function createSyncEngine(options: SyncEngineOptions): SyncEngine {
  const { client, mapper, stateDir, events, log, enqueue, signal } = options;
  const now = options.now ?? (() => new Date());
  const transport = new GitTransport();
  const git = new GitSource({ directory: `${stateDir}/clones`, transport });
  const revisions = new GitRevisions(git);
  const verified = new VerifiedObjects();
  const cdk8s = createCdk8sRenderer({ directory: `${stateDir}/render` });
  const kustomize = createKustomizeRenderer({ directory: `${stateDir}/render`, program: options.kustomize });
  const drift = new DriftWatch({ client, mapper, verified, startReflector, enqueue, log, signal });
  const ports = {
    mapper,
    git,
    revisions,
    renders: new KeptRenders({ render: createUnitRenderer({ cdk8s: cdk8s.render, kustomize }), metrics: options.renderMetrics }),
    verified,
    events,
    telling: new SyncTelling({ ...options.tell, now, revisions, git }),
    now,
    fights: new FieldFights(),
    driftMetrics: options.driftMetrics ?? NO_DRIFT_METRICS,
    random: Math.random,
    onInventory: (owner: string, kinds: readonly InventoryKind[]) => drift.setKinds(owner, kinds),
  };
  const forges = createForges({ git, transport });
  const onHint = options.onHint ?? enqueue;
  const pushed = (url: string): void => {
    revisions.hint(url);
    for (const { metadata, spec } of options.gitSyncs())
      if (comparableUrl(spec.url) === comparableUrl(url)) onHint({ namespace: metadata.namespace ?? '', name: metadata.name });
  };
  const lookAt = (key: GitSyncKey): void => {
    for (const { metadata, spec } of options.gitSyncs())
      if (metadata.name === key.name && metadata.namespace === key.namespace) revisions.hint(spec.url);
    onHint(key);
  };
  const hookMetrics = options.hookMetrics ?? NO_HOOK_METRICS;
  const inbox = new HookInbox({ store: options.hookStore, look: lookAt, metrics: hookMetrics, log });
  return {
    changeReconcilerWith: (writer) =>
      createChangeRequestReconciler({
        ...createChangeChecks({ client: writer, mapper, renders: ports.renders, git }),
        ...createChangeLook({ client: writer, mapper }),
        client: writer,
        git,
        forge: forges.forge,
        mayApprove: async (person, { metadata: { namespace = '', name } }, signal) => {
          const { groups, locked } = await (options.people ?? UNKNOWN_PEOPLE).find(person);
          if (locked) return false;
          const right = { group: API_GROUP, verb: 'approve', resource: 'changerequests', namespace, name };
          const who = { user: kubernetesUser(person), groups: [...kubernetesGroups(groups), 'system:authenticated'] };
          return (await writer.review(right, who, { signal })).allowed;
        },
        groupsOf: async (person) => {
          const { groups, locked } = await (options.people ?? UNKNOWN_PEOPLE).find(person);
          return locked ? [] : groups;
        },
        pushed,
        audit: options.tell.audit,
        events,
        metrics: options.changeMetrics ?? NO_CHANGE_METRICS,
        now,
      }),
    pullRequestReconcilerWith: (writer) =>
      createPullRequestReconciler({
        ...createPullRequestPlans({ client: writer, mapper, renders: ports.renders }),
        client: writer,
        git,
        forge: forges.pullRequests,
        changes: options.changes ?? (() => []),
        now,
      }),
    reconcilerWith: (writer) => createGitSyncReconciler({ ...ports, client: writer }),
    forget: ({ namespace = '', name }) => {
      const owner = ownerMark({ namespace, name });
      verified.forget(owner);
      revisions.forget(owner);
      ports.renders.forget(owner);
      drift.setKinds(owner, []);
    },
    lookAt,
    hook: createGitHook({ revisions, gitSyncs: options.gitSyncs, inbox }).use(
      createForgeHook({ client, inbox, random: Math.random }),
    ),
    warm: () => {
      cdk8s.warm().catch((error: unknown) => log.warn({ err: error }, 'the toolkit could not be bundled ahead'));
    },
    drift,
    [Symbol.asyncDispose]: async () => {
      await drift.ended();
      await git[Symbol.asyncDispose]();
      await transport[Symbol.asyncDispose]();
    },
  };
}
