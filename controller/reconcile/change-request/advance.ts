// The steps of a change request that is open: a commit on its branch, approvals, the merge.

import { findCondition } from '../../../runtime/kube/conditions.ts';
import { ERRORS, StreamSpaceError } from '../../../schemas/errors.ts';
import type { ChangeRequest } from '../../../schemas/kinds/changes/change-request.ts';
import { type ApprovalsNeeded, approvalsNeeded } from '../../changes/approval-rules.ts';
import { approversIn, type Judged, judgeReviews, listedReviews, objectionIn } from '../../changes/approvals.ts';
import type { ForgeReview, OpenedRequest } from '../../changes/forge/forge.ts';
import { missingOwners } from '../../changes/owners/judge-owners.ts';
import { isSignedBy } from '../../git/clone/sign-commit.ts';
import { anyDiffers, differingFiles } from '../../git/clone/undo.ts';
import { broughtBy } from '../../git/clone/write-commit.ts';
import { type CommitSha, parseCommitSha } from '../../git/commit-sha.ts';
import type { CommitSigner } from '../../git/sign/ssh-signer.ts';
import { askedAt, COMMITTER, commitChange, mergeMessageOf } from './commit.ts';
import { ownersOfChange, withOwners } from './owners.ts';
import type { ChangeTarget } from './ports.ts';
import { hasNews, judgeFor } from './reviews.ts';
import type { ChangeRun } from './run.ts';
import { signerOf } from './signer.ts';
import { is, isNot, type OpenStatus, type Verdict } from './status.ts';

interface Standing {
  /** Here and at the forge. */
  readonly said: readonly ForgeReview[];
  /** Undefined: never. */
  readonly expiresAt: string | undefined;
  /** Nothing is made any more; only a merge that was made already is noticed. */
  readonly expired: boolean;
}

type Files = ReadonlyMap<string, Uint8Array | undefined>;

/** A commit that stands on its branch. Its contents may be many megabytes, and are read when somebody needs them. */
interface StandingCommit {
  /** Of all its files. */
  readonly paths: readonly string[];
  readonly contents: () => Promise<Files>;
  /** It was made, and looked at, in this very call. */
  readonly isNew: boolean;
}

/** `News`: something was said while it was looked at, so it is looked at anew. */
export type Kept = 'Merged' | 'Open' | 'News';

export async function keepOpen(run: ChangeRun, target: ChangeTarget, standing: Standing): Promise<Kept> {
  const { ports, signal } = run;
  const { sha: tip, ref } = await ports.git.resolve(target.repository, { branch: target.branch }, signal);
  await ports.git.fetch(target.repository, ref, tip, signal);
  const known = run.request.status?.commit;
  // Cut off after the merge and before the status, or merged by somebody with git.
  if (known !== undefined && (await ports.git.descends(target.repository, tip, parseCommitSha(known), signal))) {
    const by = await ports.git.inClone(target.repository, (clone) => broughtBy(clone, parseCommitSha(known), tip, signal));
    await merged(run, target, by, judgeFor(run, standing.said));
    return 'Merged';
  }
  const there = known === undefined ? undefined : await ports.forge.findRequest(target.forge, signal);
  // Squashed or rebased there: the commit itself is in no branch.
  if (there?.state === 'Merged' && there.mergeCommit !== undefined) {
    await merged(run, target, parseCommitSha(there.mergeCommit), judgeFor(run, standing.said));
    return 'Merged';
  }
  if (standing.expired) return 'Open';
  if (there?.state === 'Closed') throw closedRequest(there);
  const signer = await signerOf(ports.client, target, ports.now(), signal);
  const { paths, contents, isNew } =
    (await commitThatStands(run, target, tip, signer)) ?? (await commitAnew(run, target, tip, { ...standing, signer }));
  const { request } = run;
  const commit = parseCommitSha(request.status?.commit ?? '');
  const judged = judgeFor(run, standing.said);
  const needed = approvalsNeeded(target.changes, request.spec, { paths, objects: request.status?.objects });
  const approvers = approversIn(judged);
  const owners = await ownersOfChange(run, target, tip, { judged, paths });
  await run.save(withOwners(openStatus(request, judged, needed, standing.expiresAt), owners));
  if (approvers.length < needed.count || objectionIn(judged) !== undefined) return 'Open';
  if (owners !== undefined && missingOwners(owners) !== undefined) return 'Open';
  const checks = await ports.forge.checks(target.forge, commit, signal);
  if (checks.state !== 'passed') {
    const { state, message } = checks;
    const verdict = state === 'failed' ? isNot('ChecksFailed', message) : isNot('ChecksPending', message);
    await run.save({ phase: 'Open', ready: verdict });
    return 'Open';
  }
  const files = await contents();
  // What has come into the branch since may not go together with this; and where nothing has, the GitSync, the rights of its service
  // account, or what admission takes may be others than on the day it was made. So no look is older than the call that it was made in.
  if (!isNew) {
    const before = ports.git.tree(target.repository, ref, tip, signal);
    const { objects, objectCount = objects.length } = await ports.check({ target, request, tip, before, files }, signal);
    // The same files may be other objects by now.
    const now = approvalsNeeded(target.changes, request.spec, { paths, objects });
    if (approvers.length < now.count) {
      const open = withOwners(openStatus(request, judged, now, standing.expiresAt), owners);
      await run.save({ ...open, fields: { ...open.fields, objects, objectCount } });
      return 'Open';
    }
  }
  const wish = {
    commit,
    tip,
    files,
    committer: COMMITTER,
    at: mergedAt(request, judged),
    message: mergeMessageOf(request, approvers),
    signer,
  };
  if (await hasNews(run, target, standing.said)) return 'News';
  const by = await ports.forge.merge(target.forge, wish, signal);
  if (by === 'Behind') {
    // On the branch as it is: another commit, which has to be approved anew.
    await commitAnew(run, target, tip, { ...standing, signer });
    return 'Open';
  }
  await merged(run, target, by, judged);
  return 'Merged';
}

/** Of a review and not of the clock: made again after a crash, it is the same merge. */
function mergedAt(request: ChangeRequest, judged: readonly Judged[]): Date {
  const times = judged.flatMap(({ standing, at }) => (standing === 'Counts' ? [Date.parse(at)] : []));
  return new Date(Math.max(askedAt(request).getTime(), ...times.filter(Number.isFinite)));
}

/** The commit, while the branch has not touched them since, and it is signed as it has to be: then its approvals stand, too. */
async function commitThatStands(
  { ports, request, signal }: ChangeRun,
  target: ChangeTarget,
  tip: CommitSha,
  signer: CommitSigner | undefined,
): Promise<StandingCommit | undefined> {
  const { commit, baseCommit } = request.status ?? {};
  if (commit === undefined || baseCommit === undefined) return undefined;
  const { repository, forge } = target;
  const onBranch = { branch: forge.branch };
  try {
    await ports.git.fetch(repository, onBranch, parseCommitSha(commit), signal);
  } catch (error) {
    // Somebody has taken the branch away or moved it: the commit is made again.
    if (error instanceof StreamSpaceError && ['GitRefNotFound', 'GitReadIncomplete'].includes(error.code)) return undefined;
    throw error;
  }
  if (signer !== undefined) {
    const signed = await ports.git.inClone(repository, (clone) => isSignedBy(clone, parseCommitSha(commit), signer));
    if (!signed) return undefined;
  }
  const base = parseCommitSha(baseCommit);
  const made = parseCommitSha(commit);
  const paths = await ports.git.inClone(repository, async (clone) => {
    const all = await differingFiles(clone, base, made, [], signal);
    return (await anyDiffers(clone, base, tip, all, signal)) ? undefined : all;
  });
  if (paths === undefined) return undefined;
  await ports.forge.ensureBranch(forge, made, signal);
  const after = ports.git.tree(repository, onBranch, made, signal);
  return {
    paths,
    isNew: false,
    contents: async () => {
      const contents = new Map<string, Uint8Array | undefined>();
      for (const path of paths) contents.set(path, await after.file(path));
      return contents;
    },
  };
}

async function commitAnew(
  run: ChangeRun,
  target: ChangeTarget,
  tip: CommitSha,
  standing: Standing & { readonly signer: CommitSigner | undefined },
): Promise<StandingCommit> {
  const { ports, signal, request } = run;
  const before = ports.git.tree(target.repository, { branch: target.branch }, tip, signal);
  const asked = { target, request, tip, before };
  const { files, modes, edits } = await ports.edit(asked, signal);
  const { objects, objectCount = objects.length } = await ports.check({ ...asked, files, edits }, signal);
  const paths = [...files.keys()];
  const made = await commitChange(ports, target, request, { parent: tip, files, modes, signer: standing.signer }, signal);
  await ports.forge.ensureBranch(target.forge, made.commit, signal);
  const there = await ports.forge.openRequest(target.forge, signal);
  if (there.state === 'Closed') throw closedRequest(there);
  const judged = judgeReviews(standing.said, request.spec.requestedBy.name, made.commit);
  const needed = approvalsNeeded(target.changes, request.spec, { paths, objects });
  const open = openStatus(request, judged, needed, standing.expiresAt);
  await run.save({
    ...open,
    fields: {
      ...open.fields,
      branch: target.forge.branch,
      into: target.branch,
      ...(there.url === undefined ? {} : { url: there.url }),
      ...(there.number === undefined ? {} : { number: there.number }),
      commit: made.commit,
      baseCommit: tip,
      files: made.files,
      fileCount: paths.length,
      diff: made.diff,
      objects,
      objectCount,
    },
    rendered: is('Valid', `the repository with the change in it is valid on ${tip.slice(0, 12)}`),
  });
  return { paths, contents: async () => files, isNew: true };
}

/** Reasons of a merge that waits for the forge. */
const CHECKS: ReadonlySet<string> = new Set(['ChecksPending', 'ChecksFailed']);

function openStatus(
  request: ChangeRequest,
  judged: readonly Judged[],
  { count: needed, reason }: ApprovalsNeeded,
  expiresAt: string | undefined,
): OpenStatus {
  const count = approversIn(judged).length;
  const why = reason === undefined ? '' : `, as ${reason}`;
  const words = `${count} of ${needed} ${needed === 1 ? 'approval' : 'approvals'}${why}`;
  const before = findCondition(request.status?.conditions, 'Ready');
  // What stands against the merge is told until it is merged, and not told anew each time.
  const stuck = before !== undefined && (Object.hasOwn(ERRORS, before.reason) || CHECKS.has(before.reason)) ? before : undefined;
  const going = stuck ?? { status: 'Unknown', reason: 'Progressing', message: 'enough have approved; it is being merged' };
  const missing = objectionOf(judged) ?? (count < needed ? isNot('AwaitingApproval', words) : undefined);
  const approved = needed === 0 ? is('NotNeeded', 'no approval is asked for') : is('Approved', words);
  return {
    phase: 'Open',
    ready: missing ?? verdictOf(going),
    conflict: isNot('NoConflict', 'it can be made on the branch as it is'),
    approved: missing ?? approved,
    merged: isNot('NotMerged', 'it is on its branch'),
    expired: expiresAt === undefined ? isNot('Never', 'it waits until it is merged') : isNot('Open', `it ends at ${expiresAt}`),
    fields: { approvals: listedReviews(judged), approvalsNeeded: needed, approvalsReason: reason, expiresAt },
  };
}

function objectionOf(judged: readonly Judged[]): Verdict | undefined {
  const objection = objectionIn(judged);
  if (objection === undefined) return undefined;
  const { by, reason } = objection;
  const message = `${by} has requested changes at the forge (it goes on once ${by} approves, or somebody dismisses that)`;
  return isNot('ChangesRequested', reason === undefined ? message : `${message}: ${reason}`);
}

function verdictOf({ status, reason, message }: Verdict): Verdict {
  return { status, reason, message };
}

async function merged(run: ChangeRun, target: ChangeTarget, by: CommitSha, judged: readonly Judged[]): Promise<void> {
  const message = `${target.branch} has it since ${by.slice(0, 12)}`;
  await run.save({
    phase: 'Merged',
    ready: { status: 'Unknown', reason: 'Merged', message },
    merged: is('Merged', message),
    fields: { mergeCommit: by, approvals: listedReviews(judged) },
  });
  run.ports.pushed(target.repository.url);
}

export function closedRequest({ url }: OpenedRequest): StreamSpaceError {
  return new StreamSpaceError('PullRequestClosed', `somebody has closed ${url ?? 'its pull request'} without merging it`);
}
