// The pull requests of a GitSync: each is rendered and planned as what its merge would be, and told on it, in comments that are changed
// in place and as a commit status. Planned again when it, or the branch it is for, has moved, or somebody asks; after its merge what became of it is told
// there. Nothing is written to the cluster.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { GitSync } from '../../../schemas/kinds/git-sync/git-sync.ts';
import type { CommentFacts } from '../../changes/comment/plan-comment.ts';
import { failureComment, planComment } from '../../changes/comment/plan-comment.ts';
import type { PullRequestRef } from '../../changes/forge/forge.ts';
import { mergeCommit } from '../../git/clone/merge-commit.ts';
import { type CommitSha, parseCommitSha } from '../../git/commit-sha.ts';
import type { SourceTree } from '../../git/source-tree.ts';
import { countActions, hasChanges, type Plan } from '../../plan/plan.ts';
import type { ObjectKey, ReconcileContext, ReconcileResult, Reconciler } from '../contract.ts';
import { describeFailure } from '../failures.ts';
import { AskedPlans } from './asked.ts';
import { FOLLOWED_MS, type Told, tellMerged } from './merged.ts';
import type { PullRequestPorts } from './ports.ts';
import { type ForgeTarget, forgeTargetOf } from './target.ts';

/** Without a hook; with one it comes at once. */
const POLL_MS = 60_000;

export function createPullRequestReconciler(ports: PullRequestPorts): Reconciler {
  /** By GitSync. */
  const known = new Map<string, Known>();
  return {
    kind: 'PullRequests',
    reconcile: (key, context) => reconcile(ports, known, key, context),
  };
}

/** What need not be said or asked again; a restart looks at what stands on the pull requests. */
interface Known {
  /** By number: what was planned last (`stampOf`). */
  readonly planned: Map<number, string>;
  readonly told: Told;
  readonly asked: AskedPlans;
}

const markOf = ({ namespace = '', name }: ObjectKey): string => `${namespace}/${name}`;

async function reconcile(
  ports: PullRequestPorts,
  all: Map<string, Known>,
  key: ObjectKey,
  { signal, log }: ReconcileContext,
): Promise<ReconcileResult> {
  const { client, git, forge } = ports;
  const mark = markOf(key);
  const sync = await client.find<GitSync>(RESOURCES.gitSyncs, key.namespace, key.name, { signal });
  const target = sync === undefined ? undefined : await forgeTargetOf(client, sync, signal);
  if (target === undefined) {
    all.delete(mark);
    return {};
  }
  const { sha: tip, ref } = await git.resolve(target.repository, { branch: target.branch }, signal);
  await git.fetch(target.repository, ref, tip, signal);
  const open = await forge.list(target.at, target.branch, signal);
  const since = new Date(ports.now().getTime() - FOLLOWED_MS);
  const merged = await forge.merged(target.at, target.branch, since, signal);
  const known = all.get(mark) ?? { planned: new Map<number, string>(), told: new Map(), asked: new AskedPlans() };
  all.set(mark, known);
  keepOnly(known.planned, open);
  keepOnly(known.told, merged);
  const failures: unknown[] = [];
  // The others are not held up by one, such as one whose head has moved since the list was made.
  const attempt = async (number: number | undefined, what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ gitSync: mark, pullRequest: number, err: error }, what);
      failures.push(error);
    }
  };
  const { asked } = known;
  await attempt(undefined, 'comments could not be looked for', () => asked.look(ports, target, open, signal));
  let againMs = POLL_MS;
  for (const pull of forksLast(open)) {
    const { number } = pull;
    const stamp = stampOf(pull, tip, sync?.status?.revision);
    const waitMs = asked.waitMs(number, ports.now());
    if (known.planned.get(number) === stamp && waitMs !== 0) {
      againMs = Math.min(againMs, waitMs ?? POLL_MS);
      continue;
    }
    await attempt(number, 'a pull request could not be planned', async () => {
      await tellPlan(ports, target, pull, tip, signal);
      known.planned.set(number, stamp);
      if (waitMs === 0) await asked.answer(ports, target, number, signal);
    });
  }
  for (const pull of merged)
    await attempt(pull.number, 'what became of a pull request could not be told', () =>
      tellMerged(ports, target, pull, known.told, signal),
    );
  if (failures.length > 0) throw failures[0];
  return { requeueAfterMs: againMs };
}

/**
 * What a plan depends on. It is held against the cluster, so what stands there counts too: right after a merge the branch is ahead of it, and the
 * plan of another pull request still has in it what is about to be applied. Of a fork nothing meets the cluster.
 *
 * @param applied the commit that the GitSync has applied
 */
function stampOf({ head, fork }: PullRequestRef, tip: CommitSha, applied: string | undefined): string {
  return fork ? `${head} ${tip}` : `${head} ${tip} ${applied ?? ''}`;
}

/** What anybody may send can take all the time that there is to render it. */
function forksLast(pulls: readonly PullRequestRef[]): readonly PullRequestRef[] {
  return pulls.toSorted((a, b) => Number(a.fork) - Number(b.fork));
}

function keepOnly(known: Map<number, unknown>, pulls: readonly { readonly number: number }[]): void {
  const numbers = new Set(pulls.map(({ number }) => number));
  for (const number of known.keys()) if (!numbers.has(number)) known.delete(number);
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
    // Of a fork nothing that only the cluster knows is told.
    const effects = pull.fork ? [] : await ports.effects(plan, signal);
    const texts = planComment(plan, { ...facts, effects }, target.spec.mask);
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
