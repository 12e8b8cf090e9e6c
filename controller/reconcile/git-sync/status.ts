// What the status of a GitSync says after each step. Pure; whoever calls it has the clock.
import { isDeepStrictEqual } from 'node:util';
import { findCondition, setCondition } from '../../../runtime/kube/conditions.ts';
import type { ErrorCode } from '../../../schemas/errors.ts';
import type { GitSync, GitSyncStatus } from '../../../schemas/kinds/git-sync/git-sync.ts';
import type { GitSyncVerified } from '../../../schemas/kinds/git-sync/git-sync-verify.ts';
import type { Condition } from '../../../schemas/kinds/kind.ts';
import { inventoryName } from '../../apply/inventory-store.ts';
import type { CommitFacts, CommitSha } from '../../git/commit-sha.ts';
import type { Unhealthy } from '../../observe/wait.ts';
import { type Change, countActions, type Plan } from '../../plan/plan.ts';
import { describeId, type ObjectId } from '../../render/manifest.ts';
import type { Problem } from '../../validate/validate.ts';
import { failureFrom } from '../failures.ts';
import { type UnitFacts, unitStatuses } from './unit-status.ts';
import type { UnitOutcome } from './units.ts';

/** What a sync knows so far; what it did not reach keeps its last value in the status. */
export interface Progress {
  attempted?: CommitSha;
  commit?: CommitFacts;
  plan?: Plan;
  warnings?: readonly string[];
  objects?: number;
  shards?: number;
  unhealthy?: readonly Unhealthy[];
  units?: readonly UnitOutcome[];
  /** Which unit an object of the set comes from, and how many of the inventory each has. */
  unitOf?: ReadonlyMap<ObjectId, string>;
  objectsOf?: ReadonlyMap<string, number>;
  /** `off`: signatures are not asked for, and what was verified before is told no more. */
  verified?: GitSyncVerified | 'off';
}

type Ready = { readonly status: 'True' | 'False' | 'Unknown'; readonly reason: string; readonly message: string };

export interface StatusUpdate {
  readonly ready: Ready;
  /** `undefined` keeps what it says. */
  readonly drifted?: { readonly found: boolean; readonly message: string } | undefined;
  /** `undefined` keeps what it says. */
  readonly fighting?: { readonly found: boolean; readonly message: string } | undefined;
  readonly revision?: CommitSha | undefined;
  /** Everything that could be rendered is applied at this commit. */
  readonly applied?: CommitSha | undefined;
  readonly source?: GitSyncStatus['source'];
  readonly problems?: readonly Problem[] | undefined;
  readonly health?: GitSyncStatus['health'] | undefined;
  readonly handledRequest?: string | undefined;
}

export function nextStatus(sync: GitSync, progress: Progress, update: StatusUpdate, now: Date): GitSyncStatus {
  const before = sync.status ?? {};
  const at = now.toISOString().replace(/\.\d+Z$/, 'Z');
  const { generation } = sync.metadata;
  let conditions = setCondition(before.conditions, { type: 'Ready', ...update.ready, observedGeneration: generation }, at);
  if (update.drifted !== undefined) {
    const { found, message } = update.drifted;
    const reason = found ? 'DriftFound' : 'NoDrift';
    conditions = setCondition(
      conditions,
      { type: 'Drifted', status: found ? 'True' : 'False', reason, message, observedGeneration: generation },
      at,
    );
  }
  if (update.fighting !== undefined) {
    const { found, message } = update.fighting;
    const [status, reason] = found ? (['True', 'FieldFight'] as const) : (['False', 'NoFight'] as const);
    conditions = setCondition(conditions, { type: 'Fighting', status, reason, message, observedGeneration: generation }, at);
  }
  conditions = withStalled(conditions, update.ready, generation, at);
  const { problems: _problems, operation: _operation, units: unitsBefore, verified: lastVerified, ...kept } = before;
  const verified = progress.verified ?? lastVerified;
  const problems = (update.problems ?? []).slice(0, 50).map(presentProblem);
  const { plan, attempted, commit, objects, shards } = progress;
  const units =
    progress.units === undefined ? unitsBefore : unitStatuses(unitsBefore, progress.units, unitFacts(progress, update));
  const next: GitSyncStatus = {
    ...kept,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: [...conditions],
    ...(attempted === undefined ? {} : { attempted }),
    ...(commit === undefined ? {} : { commit }),
    ...(verified === undefined || verified === 'off' ? {} : { verified }),
    ...(plan === undefined || !tellsMore(plan, before, attempted)
      ? {}
      : { plan: presentPlan(plan, attempted, progress.warnings ?? []) }),
    ...(objects === undefined ? {} : { objects }),
    ...(shards === undefined ? {} : { inventoryRef: { name: inventoryName(sync.metadata, 0), shards } }),
    ...(update.revision === undefined ? {} : { revision: update.revision }),
    ...(update.source === undefined ? {} : { source: update.source }),
    ...(update.health === undefined ? {} : { health: update.health }),
    ...(update.handledRequest === undefined ? {} : { handledRequest: update.handledRequest }),
    ...(problems.length === 0 ? {} : { problems }),
    ...(units === undefined ? {} : { units }),
  };
  // A time alone is no news: with nothing else to say, nothing is written (S-086).
  if (isDeepStrictEqual(JSON.parse(JSON.stringify(next)), before)) return before;
  return { ...next, lastAttemptAt: at, ...(update.ready.status === 'True' ? { lastSyncAt: at } : {}) };
}

function unitFacts({ objectsOf, unitOf = new Map() }: Progress, { applied, problems = [] }: StatusUpdate): UnitFacts {
  return { objects: objectsOf, unitOf, applied, problems };
}

const STALLING: ReadonlySet<string> = new Set<ErrorCode>(['GitHistoryRewritten', 'GitTagMoved']);

/** True while only a person can go on. It appears with the first time, and says False from then on when it is over. */
function withStalled(
  conditions: readonly Condition[] | undefined,
  { status, reason, message }: Ready,
  observedGeneration: number | undefined,
  at: string,
): readonly Condition[] {
  const type = 'Stalled';
  if (STALLING.has(reason)) return setCondition(conditions, { type, status: 'True', reason, message, observedGeneration }, at);
  const stalled = findCondition(conditions, type);
  // What went wrong before a revision was looked at says nothing about it.
  if (stalled === undefined || status === 'False') return conditions ?? [];
  return setCondition(
    conditions,
    { type, status: 'False', reason: 'Following', message: 'nothing is refused', observedGeneration },
    at,
  );
}

/** The plan of a second look, in which everything is unchanged, must not hide what the sync of this revision did. */
function tellsMore(plan: Plan, before: GitSyncStatus, attempted: CommitSha | undefined): boolean {
  return before.plan?.revision !== attempted || plan.changes.some(({ action }) => action !== 'unchanged' && action !== 'skip');
}

export function presentPlan(
  plan: Plan,
  revision: CommitSha | undefined,
  warnings: readonly string[],
): NonNullable<GitSyncStatus['plan']> {
  const changes = plan.changes
    .filter(({ action }) => action !== 'unchanged')
    .slice(0, 100)
    .map(presentChange);
  return {
    ...(revision === undefined ? {} : { revision }),
    ...countActions(plan),
    changes,
    warnings: [...plan.warnings, ...warnings].slice(0, 20).map((text) => text.slice(0, 2048)),
  };
}

function presentChange({ action, id, position, reason }: Change): NonNullable<GitSyncStatus['plan']>['changes'][number] {
  return {
    action,
    object: id.slice(0, 1024),
    ...(position === undefined ? {} : { file: position.file }),
    ...(position?.line === undefined ? {} : { line: position.line }),
    ...(position?.document === undefined ? {} : { document: position.document }),
    ...(reason === undefined ? {} : { reason: reason.slice(0, 4096) }),
  };
}

function presentProblem({ code, message, object, position }: Problem): NonNullable<GitSyncStatus['problems']>[number] {
  return {
    code,
    message: message.slice(0, 4096),
    ...(object === undefined ? {} : { object: object.slice(0, 1024) }),
    ...(position === undefined ? {} : { file: position.file }),
    ...(position?.line === undefined ? {} : { line: position.line }),
    ...(position?.document === undefined ? {} : { document: position.document }),
  };
}

/** @throws StreamSpaceError when the plan has a change that may not be made; before the first write, or not at all */
export function stopIfBlocked(plan: Plan): void {
  const blocked = plan.changes.filter((change): change is Extract<Change, { action: 'blocked' }> => change.action === 'blocked');
  const [first] = blocked;
  if (first === undefined) return;
  const problems: Problem[] = blocked.map(({ code, id, reason, position }) => ({
    code,
    object: id,
    message: `${describeId(id)}: ${reason ?? code}`,
    ...(position === undefined ? {} : { position }),
  }));
  throw failureFrom(problems, first.code);
}
