// How many approvals a change takes: what the GitSync asks for of every one, or more for the files and kinds that it names. Pure. What
// cannot be told is taken for what takes more.
import {
  type ChangeRequestSpec,
  type ChangeRequestStatus,
  MAX_CHANGED_OBJECTS,
} from '../../schemas/kinds/changes/change-request.ts';
import type { ApprovalRule, GitSyncChanges } from '../../schemas/kinds/git-sync/git-sync-changes.ts';
import { compilePattern, type Effort, matchesPattern } from './owners/owner-pattern.ts';

export interface ApprovalsNeeded {
  readonly count: number;
  /** Which rule says so; undefined where none asks for more. */
  readonly reason: string | undefined;
}

export interface ChangedParts {
  /** Of all files, not only of those that the status lists. */
  readonly paths: readonly string[];
  readonly objects?: ChangeRequestStatus['objects'];
}

/** Of all patterns and files together: about half a second. */
const MAX_EFFORT = 20_000_000;
const MAX_REASON = 512;

export function approvalsNeeded(
  { requireApprovals, approvalRules }: Pick<GitSyncChanges, 'requireApprovals' | 'approvalRules'>,
  { requestedBy, takesBack }: Pick<ChangeRequestSpec, 'requestedBy' | 'takesBack'>,
  { paths, objects = [] }: ChangedParts,
): ApprovalsNeeded {
  // Its time was part of what was approved.
  if (takesBack !== undefined) return { count: 0, reason: undefined };
  const effort: Effort = { left: MAX_EFFORT };
  // Nobody gets round a review by having no right to give one: with 0 only what somebody asks for who may approve goes unreviewed.
  let needed: ApprovalsNeeded = {
    count: requireApprovals === 0 && !requestedBy.mayApprove ? 1 : requireApprovals,
    reason: undefined,
  };
  for (const rule of approvalRules) {
    if (rule.approvals <= needed.count) continue;
    const reason = reasonOfPaths(rule, paths, effort) ?? reasonOfKinds(rule, objects);
    if (reason !== undefined) needed = { count: rule.approvals, reason: reason.slice(0, MAX_REASON) };
  }
  return needed;
}

function reasonOfPaths(rule: ApprovalRule, paths: readonly string[], effort: Effort): string | undefined {
  for (const text of rule.paths ?? []) {
    const pattern = compilePattern(text);
    const found = paths.find((path) => pattern === undefined || matchesPattern(pattern, path.split('/'), effort) !== false);
    if (found !== undefined) return `${found} is among ${text}`;
  }
  return undefined;
}

function reasonOfKinds({ kinds = [] }: ApprovalRule, objects: NonNullable<ChangeRequestStatus['objects']>): string | undefined {
  const found = objects.find(({ kind }) => kinds.includes(kind));
  if (found !== undefined) return `it changes ${found.kind} ${found.name}`;
  // The status lists no more of them.
  return kinds.length > 0 && objects.length >= MAX_CHANGED_OBJECTS ? 'it changes more objects than are listed' : undefined;
}
