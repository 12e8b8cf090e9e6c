// The plan of one pull request, made and told on it.
import { type ErrorCode, StreamSpaceError } from '../../../schemas/errors.ts';
import { type CommentFacts, failureComment, planComment } from '../../changes/comment/plan-comment.ts';
import type { PullRequestRef } from '../../changes/forge/forge.ts';
import { mergeCommit } from '../../git/clone/merge-commit.ts';
import { type CommitSha, parseCommitSha } from '../../git/commit-sha.ts';
import type { SourceTree } from '../../git/source-tree.ts';
import { countActions, hasChanges, type Plan } from '../../plan/plan.ts';
import { describeFailure } from '../failures.ts';
import type { PullRequestPorts } from './ports.ts';
import type { ForgeTarget } from './target.ts';

/** @returns the code of what stands against it, which is told */
export async function tellPlan(
  ports: PullRequestPorts,
  target: ForgeTarget,
  pull: PullRequestRef,
  tip: CommitSha,
  signal: AbortSignal,
): Promise<ErrorCode | undefined> {
  const { forge } = ports;
  const { mark, branch, at } = target;
  const facts: CommentFacts = { gitSync: mark, commit: pull.head, into: branch, base: tip, effects: [] };
  const context = `streamspace/${mark}`;
  const status = (state: 'pending' | 'success' | 'failure', description: string): Promise<void> =>
    forge.setStatus(at, pull.head, { context, state, description: description.slice(0, 140), url: undefined }, signal);
  await status('pending', 'it is being planned');
  try {
    const plan = await planOf(ports, target, pull, tip, signal);
    // Of a fork nothing that only the cluster knows is told.
    const effects = pull.fork ? [] : await ports.effects(plan, signal);
    const texts = planComment(plan, { ...facts, effects }, target.spec.mask);
    await forge.comment(at, pull.number, mark, texts, signal);
    const blocked = countActions(plan).blocked > 0;
    await status(blocked ? 'failure' : 'success', summaryOf(plan));
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    // What passes by itself is tried again, and says nothing.
    if (!(error instanceof StreamSpaceError) || error.entry.retry !== 'never') throw error;
    await forge.comment(
      at,
      pull.number,
      mark,
      [failureComment(facts, { code: error.code, message: describeFailure(error) })],
      signal,
    );
    await status('failure', error.code);
    return error.code;
  }
}

async function planOf(
  { git, plan }: PullRequestPorts,
  target: ForgeTarget,
  { number, head, fork }: PullRequestRef,
  tip: CommitSha,
  signal: AbortSignal,
): Promise<Plan> {
  const { repository, branch } = target;
  const sha = parseCommitSha(head);
  const ref = { pullRequest: number };
  await git.fetch(repository, ref, sha, signal);
  const merged = await git.inClone(repository, (clone) => mergeCommit(clone, tip, sha, signal));
  const tree = (commit: CommitSha): SourceTree => git.tree(repository, { branch }, commit, signal);
  return await plan({ target, tip, before: tree(tip), after: tree(merged), trusted: !fork, number }, signal);
}

function summaryOf(plan: Plan): string {
  if (!hasChanges(plan)) return 'nothing to do';
  const { create, configure, replace, delete: gone, blocked } = countActions(plan);
  const words = [
    [gone, 'to delete'],
    [replace, 'to replace'],
    [create, 'to create'],
    [configure, 'to change'],
    [blocked, 'refused'],
  ] as const;
  return words.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`])).join(', ');
}
