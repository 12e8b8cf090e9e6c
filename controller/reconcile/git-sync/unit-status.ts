// What the status says of each unit, and of the whole where not every unit could be rendered. Pure.
import type { StreamSpaceError } from '../../../schemas/errors.ts';
import type { GitSyncStatus } from '../../../schemas/kinds/git-sync/git-sync.ts';
import type { CommitSha } from '../../git/commit-sha.ts';
import type { ObjectId } from '../../render/manifest.ts';
import type { Problem } from '../../validate/validate.ts';
import { describeFailure, problemsIn } from '../failures.ts';
import type { UnitFailure, UnitOutcome } from './units.ts';

type UnitStatus = NonNullable<GitSyncStatus['units']>[number];

export interface UnitFacts {
  /** What the inventory holds, by unit; `undefined`: not known yet. */
  readonly objects: ReadonlyMap<string, number> | undefined;
  /** Which unit an object of the set comes from. */
  readonly unitOf: ReadonlyMap<ObjectId, string>;
  /** Set once everything that could be rendered is applied. */
  readonly applied: CommitSha | undefined;
  readonly problems: readonly Problem[];
}

/** `undefined` where the GitSync is the one unit. */
export function unitStatuses(
  before: GitSyncStatus['units'],
  outcomes: readonly UnitOutcome[],
  facts: UnitFacts,
): GitSyncStatus['units'] {
  const known = new Map(before?.map((each) => [each.name, each]));
  const statuses = outcomes.flatMap((outcome) => {
    const { name } = outcome.unit;
    return name === undefined ? [] : [unitStatus(name, known.get(name), outcome, facts)];
  });
  return statuses.length === 0 ? undefined : statuses;
}

function unitStatus(
  name: string,
  was: UnitStatus | undefined,
  { unit, treeId, failure }: UnitOutcome,
  facts: UnitFacts,
): UnitStatus {
  const { objects, unitOf, applied, problems } = facts;
  const problem = problemOf(failure) ?? problems.find(({ object }) => object !== undefined && unitOf.get(object) === name);
  const asBefore = was?.ready === true && was.tree === treeId;
  const revision = applied !== undefined && problem === undefined ? applied : was?.revision;
  return {
    name,
    path: unit.path,
    ...(treeId === undefined ? {} : { tree: treeId }),
    objects: objects?.get(name) ?? (objects === undefined ? (was?.objects ?? 0) : 0),
    ...(revision === undefined ? {} : { revision }),
    ready: problem === undefined && (applied !== undefined || asBefore),
    ...(problem === undefined ? {} : { problem: presentUnitProblem(problem) }),
  };
}

function problemOf(failure: UnitFailure | undefined): Problem | undefined {
  return failure && problemsIn(failure.error)[0];
}

function presentUnitProblem({ code, message, position }: Problem): NonNullable<UnitStatus['problem']> {
  return {
    code,
    message: message.slice(0, 512),
    ...(position === undefined ? {} : { file: position.file.slice(0, 1024) }),
    ...(position?.line === undefined ? {} : { line: position.line }),
  };
}

export interface FailedUnits {
  readonly reason: StreamSpaceError['code'];
  readonly message: string;
  readonly problems: readonly Problem[];
  /** Until the first of them is rendered again; infinite where only a new commit helps. */
  readonly retryInMs: number;
}

/** `undefined` where every unit could be rendered. */
export function failedUnits(outcomes: readonly UnitOutcome[], sha: CommitSha): FailedUnits | undefined {
  const failed = outcomes.flatMap(({ unit, failure }) => (failure === undefined ? [] : [{ name: unit.name ?? '', ...failure }]));
  const [first] = failed;
  if (first === undefined) return undefined;
  const others = outcomes.length - failed.length;
  const more =
    failed.length === 1
      ? ''
      : ` (and ${failed.length - 1} more: ${failed
          .slice(1, 6)
          .map(({ name }) => name)
          .join(', ')})`;
  const rest = others === 0 ? 'no unit is at' : `${others} of ${outcomes.length} units are at`;
  return {
    reason: first.error.code,
    message: `unit ${first.name}: ${describeFailure(first.error)}${more}; ${rest} revision ${sha.slice(0, 12)}`.slice(0, 4000),
    problems: failed.flatMap(({ error }) => problemsIn(error)),
    retryInMs: Math.min(...failed.map(({ retryInMs }) => retryInMs)),
  };
}
