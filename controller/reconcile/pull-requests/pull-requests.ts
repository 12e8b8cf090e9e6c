// The pull requests of a GitSync: each is rendered and planned as what its merge would be, and told on it, in comments that are changed
// in place and as a commit status. Planned again when it, or the branch it is for, has moved. Nothing is written to the cluster.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient } from '../../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { GitSync } from '../../../schemas/kinds/git-sync/git-sync.ts';
import type { CommentFacts } from '../../changes/comment/plan-comment.ts';
import { failureComment, planComment } from '../../changes/comment/plan-comment.ts';
import type { PullRequestRef, PullRequests } from '../../changes/forge/forge.ts';
import { mergeCommit } from '../../git/clone/merge-commit.ts';
import { type CommitSha, parseCommitSha } from '../../git/commit-sha.ts';
import type { GitSource } from '../../git/source.ts';
import type { SourceTree } from '../../git/source-tree.ts';
import { countActions, hasChanges, type Plan } from '../../plan/plan.ts';
import type { ObjectKey, ReconcileContext, ReconcileResult, Reconciler } from '../contract.ts';
import { describeFailure } from '../failures.ts';
import { type ForgeTarget, forgeTargetOf } from './target.ts';

export interface PullRequestPorts {
  readonly client: Pick<KubeClient, 'find'>;
  readonly git: Pick<GitSource, 'resolve' | 'fetch' | 'tree' | 'inClone'>;
  readonly forge: PullRequests;
  /** @param trusted false: from a fork; nothing of it meets the cluster @throws what stands against it */
  readonly plan: (asked: PlanAsked, signal: AbortSignal) => Promise<Plan>;
  /** Sentences about what the plan touches. */
  readonly effects: (plan: Plan, signal: AbortSignal) => Promise<readonly string[]>;
}

export interface PlanAsked {
  readonly target: ForgeTarget;
  readonly tip: CommitSha;
  readonly before: SourceTree;
  readonly after: SourceTree;
  readonly trusted: boolean;
  readonly number: number;
}

/** Without a hook; with one it comes at once. */
const POLL_MS = 60_000;

export function createPullRequestReconciler(ports: PullRequestPorts): Reconciler {
  /** By GitSync and number: what was planned last, as head and tip. */
  const planned = new Map<string, Map<number, string>>();
  return {
    kind: 'PullRequests',
    reconcile: (key, context) => reconcile(ports, planned, key, context),
  };
}

const markOf = ({ namespace = '', name }: ObjectKey): string => `${namespace}/${name}`;

async function reconcile(
  ports: PullRequestPorts,
  planned: Map<string, Map<number, string>>,
  key: ObjectKey,
  { signal, log }: ReconcileContext,
): Promise<ReconcileResult> {
  const { client, git, forge } = ports;
  const mark = markOf(key);
  const sync = await client.find<GitSync>(RESOURCES.gitSyncs, key.namespace, key.name, { signal });
  const target = sync === undefined ? undefined : await forgeTargetOf(client, sync, signal);
  if (target === undefined) {
    planned.delete(mark);
    return {};
  }
  const { sha: tip, ref } = await git.resolve(target.repository, { branch: target.branch }, signal);
  await git.fetch(target.repository, ref, tip, signal);
  const open = await forge.list(target.at, target.branch, signal);
  const known = planned.get(mark) ?? new Map<number, string>();
  const numbers = new Set(open.map(({ number }) => number));
  planned.set(mark, new Map([...known].filter(([number]) => numbers.has(number))));
  const failures: unknown[] = [];
  for (const pull of open) {
    const stamp = `${pull.head} ${tip}`;
    if (known.get(pull.number) === stamp) continue;
    try {
      await tellPlan(ports, target, pull, tip, signal);
      planned.get(mark)?.set(pull.number, stamp);
    } catch (error) {
      signal.throwIfAborted();
      // The others are not held up by one, such as one whose head has moved since the list was made.
      log.warn({ gitSync: mark, pullRequest: pull.number, err: error }, 'a pull request could not be planned');
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return { requeueAfterMs: POLL_MS };
}

async function tellPlan(
  ports: PullRequestPorts,
  target: ForgeTarget,
  pull: PullRequestRef,
  tip: CommitSha,
  signal: AbortSignal,
): Promise<void> {
  const { forge } = ports;
  const { mark, branch, at } = target;
  const facts: CommentFacts = { gitSync: mark, commit: pull.head, into: branch, base: tip, effects: [] };
  const context = `streamspace/${mark}`;
  const status = (state: 'pending' | 'success' | 'failure', description: string): Promise<void> =>
    forge.setStatus(at, pull.head, { context, state, description: description.slice(0, 140), url: undefined }, signal);
  await status('pending', 'it is being planned');
  try {
    const plan = await planOf(ports, target, pull, tip, signal);
    const texts = planComment(plan, { ...facts, effects: await ports.effects(plan, signal) });
    await forge.comment(at, pull.number, mark, texts, signal);
    const blocked = countActions(plan).blocked > 0;
    await status(blocked ? 'failure' : 'success', summaryOf(plan));
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
