// One sync of one revision: plan, inventory ahead, apply, health, prune, inventory behind.

import type { Resource } from '../../../runtime/kube/types.ts';
import type { GitSyncStatus } from '../../../schemas/kinds/git-sync/git-sync.ts';
import { durationMs } from '../../../schemas/kinds/kind.ts';
import { ANNOTATIONS } from '../../../schemas/names.ts';
import { applyPlan } from '../../apply/apply.ts';
import { dryRunSet } from '../../apply/dry-run.ts';
import { type StoredInventory, saveInventory } from '../../apply/inventory-store.ts';
import { ownerMark } from '../../apply/ownership.ts';
import { prunePlan } from '../../apply/prune.ts';
import { isWrite } from '../../apply/steps.ts';
import type { SyncTarget } from '../../apply/target.ts';
import { serviceAccount } from '../../apply/tenant.ts';
import type { Resolved } from '../../git/choose-ref.ts';
import { type CommitSha, describeRef } from '../../git/commit-sha.ts';
import type { Repository } from '../../git/source.ts';
import { HealthExpressions } from '../../observe/expressions.ts';
import { leavingFields } from '../../plan/ignored.ts';
import type { DryRuns, PlanPolicy } from '../../plan/input.ts';
import { inventoryAfter, inventoryDuring } from '../../plan/inventory.ts';
import { type Change, countActions, hasChanges, type Plan } from '../../plan/plan.ts';
import { planChanges } from '../../plan/plan-changes.ts';
import { describeId, type ObjectId, partsOf } from '../../render/manifest.ts';
import type { JsonObject } from '../../render/yaml/json.ts';
import { dampFights } from '../drift/damping.ts';
import { failureFrom } from '../failures.ts';
import { settle } from './health.ts';
import { healthWord } from './health-word.ts';
import { judgeHistory } from './history.ts';
import type { GitSyncPorts, PlanRun } from './ports.ts';
import type { GitSyncReport } from './report.ts';
import { type Desired, desiredAt } from './source.ts';
import { stopIfBlocked } from './status.ts';
import { inventoryOwner, ReadAhead } from './surroundings.ts';
import { verifyRevision } from './trust.ts';
import { failedUnits } from './unit-status.ts';
import { plannedUnits } from './units.ts';

export interface SyncRun extends PlanRun {
  readonly ports: GitSyncPorts;
  /** Ends with the call, or with a newer revision. */
  readonly signal: AbortSignal;
  readonly report: GitSyncReport;
}

export interface Planned {
  readonly plan: Plan;
  readonly target: SyncTarget;
  readonly resources: ReadonlyMap<ObjectId, Resource>;
  readonly stored: StoredInventory;
  readonly warnings: readonly string[];
  /** The API server's answers, for what Git wants. */
  readonly dryRuns: DryRuns['wanted'];
  readonly rules: HealthExpressions;
}

/** Gives when a unit that could not be rendered is tried again; infinite where only something new helps. */
export async function bringUpToDate(run: SyncRun, repository: Repository, resolved: Resolved, ahead: ReadAhead): Promise<number> {
  const { report, ports, spec, signal, sync } = run;
  const { progress, attempt } = report;
  const { sha, ref } = resolved;
  progress.attempted = sha;
  progress.commit = await ports.git.fetch(repository, ref, sha, signal);
  await verifyRevision(run, repository, resolved);
  const rewritten = await judgeHistory(run, repository, resolved);
  const desired = await desiredAt(ports, { repository, spec, owner: run.owner, ref, sha }, signal, (stage) =>
    attempt.enter(stage),
  );
  progress.units = desired.units;
  progress.unitOf = new Map(desired.objects.flatMap(({ id, manifest: { unit } }) => (unit === undefined ? [] : [[id, unit]])));
  attempt.enter('Planning');
  const { plan: whole, target, resources, stored, warnings, dryRuns, rules } = await planAt(run, desired, sha, ahead);
  const damping = dampFights(run, whole, dryRuns, sha);
  const { plan } = damping;
  attempt.planned(plan);
  progress.plan = plan;
  progress.warnings = warnings;
  stopIfBlocked(plan);
  const owner = inventoryOwner(run);
  // Written ahead: a crash from here on must not leave an object that nobody would prune.
  const during = await saveInventory(ports.client, owner, stored, inventoryDuring(stored.entries, plan), signal);
  rememberInventory(run, during);
  const previous = report.status.revision;
  if (hasChanges(plan) && !failedAt(report.status, sha)) {
    const message = `revision ${sha.slice(0, 12)} is being applied`;
    await report.save({ ready: { status: 'Unknown', reason: 'Progressing', message }, health: 'Progressing' }, signal);
  }
  if (rewritten !== undefined) report.event('Warning', rewritten.reason, rewritten.message);
  attempt.enter('Applying', plan.changes.filter(isWrite).length);
  const watchedTarget = { ...target, onWritten: (id: ObjectId, object: JsonObject) => attempt.wrote(id, object) };
  const applied = await applyPlan(watchedTarget, plan, resources, { timeoutMs: durationMs(spec.timeout), rules, signal });
  damping.repaired(applied.written);
  if (applied.failures.length > 0) throw failureFrom(applied.failures, applied.failures[0]?.code ?? 'ApplyInvalid');
  try {
    await settle(run, { plan, rules }, applied.resources, applied.written.length > 0 || previous !== sha);
  } finally {
    // Also of what is not healthy: the tree shows which object it is.
    if (progress.unhealthy !== undefined)
      ports.telling.applied({ sync, repository, sha, plan, dryRuns, inventory: during.entries.keys(), attempt, progress });
  }
  attempt.enter('Pruning', countActions(plan).delete);
  const pruned = await prunePlan(target, plan, applied.resources, { signal, unhealthy: progress.unhealthy ?? [] });
  const dropped = new Set([...pruned.gone, ...noLongerOurs(during, plan)]);
  const after = await saveInventory(ports.client, owner, during, inventoryAfter(during.entries, dropped), signal);
  rememberInventory(run, after);
  attempt.pruned(pruned.gone);
  if (pruned.failures.length > 0) throw failureFrom(pruned.failures, pruned.failures[0]?.code ?? 'PruneIncomplete');
  const requested = sync.metadata.annotations?.[ANNOTATIONS.syncRequestedAt];
  const failed = failedUnits(desired.units, sha);
  report.failedUnits = failed;
  if (failed !== undefined) report.warn(failed.reason, failed.message);
  await report.save(
    {
      ready:
        failed === undefined
          ? {
              status: 'True',
              reason: 'Synced',
              message: `revision ${sha.slice(0, 12)} is applied: ${after.entries.size} objects`,
            }
          : { status: 'False', reason: failed.reason, message: failed.message },
      problems: failed?.problems,
      applied: sha,
      ...damping.conditions(),
      revision: sha,
      source: { url: spec.url, ref: describeRef(ref) },
      health: healthWord(progress.unhealthy ?? []),
      handledRequest: requested,
    },
    signal,
  );
  tellOutcome(run, sha, previous, applied.written, pruned.gone);
  return failed?.retryInMs ?? Number.POSITIVE_INFINITY;
}

/** A retry of what failed leaves the reason where people read it; only its outcome is news. */
function failedAt({ attempted, conditions }: GitSyncStatus, sha: CommitSha): boolean {
  return attempted === sha && conditions?.some(({ type, status }) => type === 'Ready' && status === 'False') === true;
}

/** Also for a suspended GitSync and for the command: reads, and writes nothing. */
export async function planAt(
  run: PlanRun,
  desired: Desired,
  sha: CommitSha | undefined,
  ahead = new ReadAhead(run),
): Promise<Planned> {
  const { ports, owner, spec, signal, sync } = run;
  const { client } = ports;
  const { stored, listed, others } = await ahead.now();
  const target: SyncTarget = {
    owner,
    tenant: client.as(serviceAccount(owner.namespace, spec.serviceAccountName)),
    own: client,
    mapper: ports.mapper,
    conflicts: spec.conflicts,
    verified: ports.verified,
  };
  const units = plannedUnits(desired.units);
  const objects = desired.objects.map((object) => leavingFields(object, spec.ignore));
  const { dryRuns, resources } = await dryRunSet(target, objects, desired.served, { inventory: stored.entries, listed }, signal);
  const policy: PlanPolicy = {
    ...(units === undefined ? {} : { units }),
    owner: ownerMark(owner),
    revision: sha,
    confirmed: sync.metadata.annotations?.[ANNOTATIONS.confirmDeletions],
    prune: spec.prune,
    conflicts: spec.conflicts,
    mask: spec.mask,
    otherSyncs: others,
  };
  const rules = new HealthExpressions(spec.health);
  return {
    plan: planChanges(objects, dryRuns, stored.entries, policy),
    target,
    resources,
    stored,
    warnings: [...desired.warnings, ...rules.problems],
    dryRuns: dryRuns.wanted,
    rules,
  };
}

export function rememberInventory({ ports, owner, report }: SyncRun, { entries, shards }: StoredInventory): void {
  report.progress.objects = entries.size;
  report.progress.shards = shards;
  report.progress.objectsOf = new Map(
    [...Map.groupBy(entries.values(), ({ unit = '' }) => unit)].map(([unit, own]) => [unit, own.length]),
  );
  const kinds = new Map(
    [...entries.values()].map(({ id, version }) => {
      const { group, kind } = partsOf(id);
      const apiVersion = group === '' ? version : `${group}/${version}`;
      return [`${apiVersion} ${kind}`, { apiVersion, kind }] as const;
    }),
  );
  ports.onInventory(ownerMark(owner), [...kinds.values()]);
}

/** What another owner has now, or what is gone already, is ours no more. What is kept on purpose stays listed. */
function noLongerOurs({ entries }: StoredInventory, plan: Plan): ReadonlySet<ObjectId> {
  const planned = new Map<ObjectId, Change>(plan.changes.map((change) => [change.id, change]));
  const gone = [...entries.keys()].filter((id) => {
    const change = planned.get(id);
    return change === undefined || (change.action === 'skip' && change.wanted === undefined && change.notOurs === true);
  });
  return new Set(gone);
}

function tellOutcome(
  run: SyncRun,
  sha: CommitSha,
  previous: string | undefined,
  written: readonly ObjectId[],
  gone: ReadonlySet<ObjectId>,
): void {
  const names = written.slice(0, 5).map(describeId).join(', ');
  if (previous !== sha)
    run.report.event('Normal', 'Synced', `revision ${sha} is applied: ${written.length} objects written, ${gone.size} deleted`);
  else if (written.length > 0)
    run.report.event('Normal', 'DriftRepaired', `put back: ${names}${written.length > 5 ? ' and more' : ''}`);
}
