// ChangeRequest: a wish for a change of what Git owns, with who asks and why. The controller makes a commit of it, and merges it
// when those who may have approved. Made at run time by people, through the gateway.
import * as z from 'zod';
import { SUBJECT_NAME } from '../../names.ts';
import { commitId } from '../git-sync/commit-id.ts';
import { ATOMIC, cel, conditions, dnsLabel, type KindDefinition, type KubeObject, observedGeneration, time } from '../kind.ts';
import { changedObject, changeEdit } from './change-edit.ts';

const person = z
  .string()
  .min(1)
  .max(128)
  .regex(SUBJECT_NAME, 'write a name without spaces, with its provider and a colon in front where it has one');
const FIXED = 'a change request cannot be changed: withdraw it and make another';
const fixed = cel({ rule: 'self == oldSelf', message: FIXED });

export const changeReview = z
  .object({
    by: person.describe('Who. Admission lets nobody write the name of another.'),
    verdict: z
      .enum(['Approve', 'Reject'])
      .describe(
        'What is said. One rejection here ends the change request for good; one at the forge (requested changes) holds it until the same person approves or it is dismissed.',
      ),
    commit: commitId.describe('Of which commit it is said: an approval counts for this one alone.'),
    at: time.max(32).describe('When.'),
    reason: z.string().min(1).max(1000).optional().describe('Why.'),
  })
  .describe('What somebody says of it who has the right `approve`.');
export type ChangeReview = z.infer<typeof changeReview>;

export const MAX_REVIEWS = 64;
/** As many as a commit of ours may have. */
export const MAX_CHANGED_FILES = 64;
/** As many as a status lists; a change may have more. */
export const MAX_CHANGED_OBJECTS = 64;

export const EDITS_OR_ROLLBACK = 'a change request has edits or a rollback';
/** What takes a change request back is named by this and its UID: there is one, however often it is made. */
export const TAKE_BACK_PREFIX = 'back-';
const ONE_WAY = 'a rollback says one of to, last and commits';

export const rollbackWish = z
  .object({
    to: commitId.optional().describe('The files become what they were at this commit of the branch.'),
    last: z.int().min(1).max(100).optional().describe('Or: so many of the last commits that touched them are undone.'),
    commits: z
      .array(commitId)
      .min(1)
      .max(16)
      .optional()
      .describe('Or: these commits are undone, the newest first, and what came after them stays.'),
    paths: z
      .array(
        z
          .string()
          .min(1)
          .max(512)
          .regex(/^[^/:].*$/, 'write a path from the root of the repository')
          .refine((path) => !path.split('/').includes('..'), 'write a path without ..'),
      )
      .min(1)
      .max(32)
      .optional()
      .describe(
        'Which files or folders of the GitSync, from the root of the repository. Left out: all that it renders, with what its render reads.',
      ),
  })
  .refine((wish) => [wish.to, wish.last, wish.commits].filter((each) => each !== undefined).length === 1, ONE_WAY)
  .meta({
    ...ATOMIC,
    ...cel({ rule: '[has(self.to), has(self.last), has(self.commits)].filter(x, x).size() == 1', message: ONE_WAY }),
  });
export type RollbackWish = z.infer<typeof rollbackWish>;

export const changeRequestSpec = z.object({
  requestedBy: z
    .object({
      name: person.describe('By the name of the identity provider. Admission lets nobody write the name of another.'),
      displayName: z.string().min(1).max(128).optional().describe('As the author of the commit is called.'),
      mayApprove: z.boolean().describe('Whether this person had the right `approve` when asking.'),
    })
    .meta(fixed)
    .describe('Who asks, and is the author of the commit.'),
  reason: z.string().min(1).max(1000).meta(fixed).describe('Why; it becomes the message of the commit.'),
  target: z
    .object({
      namespace: dnsLabel.describe('Its namespace.'),
      name: dnsLabel.describe('Its name.'),
    })
    .meta(fixed)
    .describe('The GitSync whose repository is changed.'),
  edits: z
    .array(changeEdit)
    .max(16)
    .default([])
    .meta({ 'x-kubernetes-list-type': 'atomic', ...fixed })
    .describe('What is to change, one after the other, in one commit.'),
  rollback: rollbackWish.optional().describe('In place of edits: what is to be undone.'),
  until: time
    .max(32)
    .optional()
    .describe(
      'When what is asked for is taken back, by a change request that the controller makes then. What is not merged by then ends. Left out: it stays.',
    ),
  takesBack: z
    .object({
      name: z.string().min(1).max(253).describe('Its name.'),
      uid: z.string().min(1).max(64).describe('Its UID.'),
    })
    .optional()
    .describe(
      'The change request of the same namespace that is taken back, for its `until` is over. Its approvals count for this one too. Admission lets the controller alone write it.',
    ),
  reviews: z
    .array(changeReview)
    .max(MAX_REVIEWS)
    .default([])
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('What has been said of it. They are added to and never changed.'),
  withdrawn: z
    .boolean()
    .default(false)
    .meta(cel({ rule: '!oldSelf || self', message: 'what was withdrawn does not come back' }))
    .describe('Taken back by whoever asked.'),
});

export const changePhase = z.enum(['Pending', 'Open', 'Merged', 'Applied', 'Rejected', 'Withdrawn', 'Expired', 'Failed']);
export type ChangePhase = z.infer<typeof changePhase>;

/** None comes after these. */
export const FINAL_PHASES: readonly ChangePhase[] = ['Applied', 'Rejected', 'Withdrawn', 'Expired', 'Failed'];

interface WithStatus {
  readonly status?: ChangeRequestStatus | undefined;
}

/** It has ended, and nothing is done for it any more: what was applied has stayed as it should be for its time. */
export function isDone({ status }: WithStatus): boolean {
  return FINAL_PHASES.includes(status?.phase ?? 'Pending') && (settledOf(status)?.status ?? 'True') === 'True';
}

/** What is wrong with it since its merge; undefined: nothing is known to be. */
export function troubleAfterMerge({ status }: WithStatus): { readonly reason: string; readonly message: string } | undefined {
  const settled = settledOf(status);
  return settled?.status === 'False' ? settled : undefined;
}

function settledOf(status: ChangeRequestStatus | undefined) {
  return status?.conditions?.find(({ type }) => type === 'Settled');
}

export const reviewStanding = z.enum(['Counts', 'Stale', 'Author', 'Repeated', 'Dismissed', 'Unknown', 'NoRight', 'NoPerson']);

export const changeRequestStatus = z.object({
  observedGeneration: observedGeneration.optional(),
  conditions: conditions.optional(),
  phase: changePhase
    .optional()
    .describe(
      '`Pending`: the commit is being made. `Open`: it waits for approvals. `Merged`: it is in the branch, and not yet in the cluster. `Applied`: it is in the cluster. `Rejected`, `Withdrawn`, `Expired`: it ended without a merge. `Failed`: no commit can be made of it.',
    ),
  branch: z.string().max(512).optional().describe('The branch that the commit is on until it is merged.'),
  into: z.string().max(512).optional().describe('The branch that it is for.'),
  url: z
    .string()
    .max(2048)
    .regex(/^https?:\/\//, 'write an http or https URL')
    .optional()
    .describe('Its pull request.'),
  number: z.int().min(1).max(1_000_000_000).optional().describe('The number of its pull request.'),
  commit: commitId.optional().describe('The commit, which approvals are given for.'),
  baseCommit: commitId.optional().describe('The commit that it was made on.'),
  mergeCommit: commitId.optional().describe('What the branch was at after the merge.'),
  files: z
    .array(
      z.object({
        path: z.string().max(1024).describe('From the root of the repository.'),
        action: z.enum(['Added', 'Changed', 'Removed']).describe('What becomes of it.'),
        additions: z.int().min(0).max(1_000_000).describe('Lines that come.'),
        deletions: z.int().min(0).max(1_000_000).describe('Lines that go.'),
      }),
    )
    .max(MAX_CHANGED_FILES)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .optional()
    .describe('The files of the commit; the first of them.'),
  fileCount: z.int().min(0).max(1_000_000).optional().describe('How many files the commit changes.'),
  diff: z.string().max(131_072).optional().describe('The commit as a unified diff, cut off after 128 KiB.'),
  objects: z
    .array(
      changedObject.extend({
        action: z.enum(['Create', 'Configure', 'Delete']).describe('What becomes of it in the cluster.'),
      }),
    )
    .max(MAX_CHANGED_OBJECTS)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .optional()
    .describe('The objects that it changes; the first of them.'),
  objectCount: z.int().min(0).max(1_000_000).optional().describe('How many objects it changes.'),
  approvals: z
    .array(
      changeReview.extend({
        standing: reviewStanding.describe(
          '`Counts`; `Stale`: it was given for another commit; `Author`: nobody approves what he has asked for himself; `Repeated`: the same person has said something later, here or at the forge, be it dismissed; `Dismissed`: it was dismissed at the forge; `Unknown`: `spec.changes.forge.people` of the GitSync does not say who this is; `NoRight`: whoever gave it at the forge has no right `approve` here; `NoPerson`: it is by a machine of a team or by the break-glass account, behind which may be whoever asked.',
        ),
      }),
    )
    .max(MAX_REVIEWS)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .optional()
    .describe(
      'What was said, with what it is worth; of more than these first what counts, then the last of each person. What is decided is decided by all of it.',
    ),
  approvalsNeeded: z.int().min(0).max(10).optional().describe('How many approvals it takes.'),
  approvalsReason: z
    .string()
    .max(512)
    .optional()
    .describe('Which of `spec.changes.approvalRules` of the GitSync says so, where one does.'),
  codeOwners: z
    .object({
      file: z.string().max(64).describe('Which file says so, as it is in the branch.'),
      required: z.boolean().describe('Whether the merge waits for them.'),
      problem: z.string().max(512).optional().describe('Why it cannot be read.'),
      skippedLines: z
        .array(z.int().min(1))
        .max(20)
        .meta({ 'x-kubernetes-list-type': 'atomic' })
        .optional()
        .describe('Lines of it that are not understood, and count for nothing; the first of them.'),
      files: z
        .array(
          z.object({
            path: z.string().max(1024).describe('From the root of the repository.'),
            owners: z
              .array(z.string().max(128))
              .max(10)
              .meta({ 'x-kubernetes-list-type': 'atomic' })
              .describe('Who owns it, as it stands in the file; the first of them.'),
            approvedBy: z
              .array(person)
              .max(10)
              .meta({ 'x-kubernetes-list-type': 'atomic' })
              .describe('Who of them has approved this commit.'),
          }),
        )
        .max(MAX_CHANGED_FILES)
        .meta({ 'x-kubernetes-list-type': 'atomic' })
        .describe('Changed files that have owners; first of all those whose owner is missing.'),
      fileCount: z.int().min(0).max(1_000_000).optional().describe('How many changed files have owners.'),
    })
    .optional()
    .describe('Whose files it changes.'),
  expiresAt: time
    .max(32)
    .optional()
    .describe('When it ends, should it not be merged before. Left out for what takes back: that waits until it is merged.'),
  takenBackBy: z.string().max(253).optional().describe('The change request that takes it back, once `spec.until` is over.'),
  result: z
    .object({
      revision: commitId.describe('The revision that was applied, with the change in it.'),
      health: z.string().max(64).describe('Of the GitSync then.'),
      at: time.max(32).describe('When it was seen.'),
    })
    .optional()
    .describe('What became of it in the cluster.'),
  rollback: z
    .object({ name: dnsLabel.describe('Its name, in the same namespace.') })
    .optional()
    .describe('The change request that undoes it, asked for by the controller (`spec.changes.autoRollback` of the GitSync).'),
});

export type ChangeRequestSpec = z.infer<typeof changeRequestSpec>;
export type ChangeRequestStatus = z.infer<typeof changeRequestStatus>;
export type ChangeRequest = KubeObject<ChangeRequestSpec, ChangeRequestStatus>;

export const changeRequestKind: KindDefinition = {
  kind: 'ChangeRequest',
  plural: 'changerequests',
  singular: 'changerequest',
  shortNames: ['change'],
  scope: 'Namespaced',
  description:
    'A wish for a change of what Git owns: who asks, why and what. The controller makes a commit of it, and merges it when those who may have approved.',
  spec: changeRequestSpec,
  status: changeRequestStatus,
  rules: [
    { rule: '(has(self.edits) && size(self.edits) > 0) != has(self.rollback)', message: EDITS_OR_ROLLBACK },
    {
      rule: 'has(self.rollback) == has(oldSelf.rollback) && (!has(self.rollback) || self.rollback == oldSelf.rollback)',
      message: FIXED,
    },
    ...['until', 'takesBack'].map((field) => ({
      rule: `has(self.${field}) == has(oldSelf.${field}) && (!has(self.${field}) || self.${field} == oldSelf.${field})`,
      message: FIXED,
    })),
  ],
  columns: [
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
    { name: 'By', type: 'string', jsonPath: '.spec.requestedBy.name' },
    { name: 'Target', type: 'string', jsonPath: '.spec.target.name' },
    { name: 'Commit', type: 'string', jsonPath: '.status.commit', priority: 1 },
    { name: 'Merge', type: 'string', jsonPath: '.status.mergeCommit', priority: 1 },
    { name: 'Expires', type: 'string', jsonPath: '.status.expiresAt', priority: 1 },
    { name: 'Until', type: 'string', jsonPath: '.spec.until', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  conditions: {
    Ready: {
      Applied: 'It is merged, and in the cluster.',
      Merged: 'It is merged, and not yet in the cluster.',
      AwaitingApproval: 'It waits for approvals.',
      Progressing: 'The commit is being made.',
      AwaitingCodeOwners: 'Enough have approved; an owner of a file that it changes has not.',
      ChangesRequested:
        'Somebody who may approve has requested changes at the forge; it goes on once the same person approves there or here, or that is dismissed.',
      ChecksPending: 'Enough have approved; a check that the forge asks for is not there yet.',
      ChecksFailed: 'Enough have approved; a check that the forge asks for has failed.',
      Rejected: 'Somebody has rejected it.',
      Withdrawn: 'Whoever asked has taken it back.',
      ChangeExpired: 'Nobody merged it in time.',
      NothingToTakeBack: 'What was granted until a time is not in Git any more.',
      'any error code': 'It cannot be made or merged; docs/reference/errors.md has the remedy.',
    },
    Rendered: {
      Valid: 'The repository with the change in it renders, validates and plans.',
      'any error code': 'It does not; the message names file, line and field.',
    },
    Approved: {
      Approved: 'Enough people have approved this commit.',
      AwaitingApproval: 'They have not yet.',
      AwaitingCodeOwners: 'They have; an owner of a file that it changes has not.',
      ChangesRequested: 'Somebody who may approve has requested changes at the forge.',
      NotNeeded: 'The GitSync asks for none, and whoever asked may approve; or it takes back what was approved until a time.',
    },
    Merged: {
      Merged: 'The commit is in the branch of the GitSync.',
      NotMerged: 'It is not.',
    },
    Conflict: {
      NoConflict: 'The change can be made on the branch as it is now.',
      ChangeConflict: 'The branch has changed so that it cannot; the message says where.',
    },
    Settled: {
      Settling: 'It is applied; what it changed is watched for 15 minutes.',
      Healthy: 'What it changed has stayed healthy for that time.',
      Degraded: 'Something that it changed has failed; the message says what.',
      Drifted: 'Somebody has changed something that it changed, past Git, and it is not put back.',
      NotFollowed: 'Its GitSync is not there any more.',
      'any error code': 'The sync with it in it fails; docs/reference/errors.md has the remedy.',
    },
    Expired: {
      ChangeExpired: 'Its time is over.',
      Open: 'It is not.',
      Never: 'It takes back what was granted until a time, and waits until it is merged.',
    },
  },
};
