// The pull requests of a GitSync: each is rendered and planned as what its merge would be, and told on it, in comments that are changed
// in place and as a commit status. Planned again when it, or the branch it is for, has moved, or somebody asks; after its merge what became of it is told
// there. Nothing is written to the cluster.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { ChangeRequest } from '../../../schemas/kinds/changes/change-request.ts';
import type { GitSync } from '../../../schemas/kinds/git-sync/git-sync.ts';
import { reviewsText } from '../../changes/comment/reviews-text.ts';
import type { PullRequestRef } from '../../changes/forge/forge.ts';
import { MAX_OPEN } from '../../changes/forge/pull-request-api.ts';
import { type CommitSha, parseCommitSha } from '../../git/commit-sha.ts';
import type { ObjectKey, ReconcileContext, ReconcileResult, Reconciler } from '../contract.ts';
import { AskedPlans } from './asked.ts';
import { FOLLOWED_MS, type Told, tellMerged } from './merged.ts';
import type { PullRequestPorts } from './ports.ts';
import { type ForgeTarget, forgeTargetOf } from './target.ts';
import { tellPlan } from './tell-plan.ts';
import { FORK_BUDGET_MS, NO_NUMBER, type Stamp, Turns } from './turns.ts';

/** Without a hook; with one it comes at once. */
const POLL_MS = 60_000;
/** So that other GitSyncs have their turn in between. */
const SOON_MS = 1_000;

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
  readonly turns: Turns;
  readonly told: Told;
  readonly asked: AskedPlans;
  /** By number: what was said last of the reviews of a change request. */
  readonly reviews: Map<number, string>;
}

const markOf = ({ namespace = '', name }: ObjectKey): string => `${namespace}/${name}`;

async function reconcile(
  ports: PullRequestPorts,
  all: Map<string, Known>,
  key: ObjectKey,
  { signal, log }: ReconcileContext,
): Promise<ReconcileResult> {
  const { client, git, forge, now } = ports;
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
  if (open.length >= MAX_OPEN)
    log.warn(
      { gitSync: mark, most: MAX_OPEN },
      'there are more open pull requests than are looked at; those that rest longest have no plan',
    );
  const merged = await forge.merged(target.at, target.branch, new Date(now().getTime() - FOLLOWED_MS), signal);
  const known = all.get(mark) ?? {
    turns: new Turns(),
    told: new Map(),
    asked: new AskedPlans(),
    reviews: new Map<number, string>(),
  };
  all.set(mark, known);
  const { turns, told, asked, reviews } = known;
  turns.keepOnly(open, merged);
  keepOnly(told, merged);
  keepOnly(reviews, open);
  let againMs = POLL_MS;
  const sooner = (ms: number | undefined): void => {
    againMs = Math.min(againMs, ms ?? POLL_MS);
  };
  // The others are not held up by one, such as one whose head has moved since the list was made.
  const attempt = async (number: number, of: string, what: string, work: () => Promise<void>): Promise<void> => {
    const waitMs = turns.waitMs(number, of, now());
    if (waitMs > 0) {
      sooner(waitMs);
      return;
    }
    try {
      await work();
      turns.succeeded(number);
    } catch (error) {
      signal.throwIfAborted();
      // Then it lets nobody else in either.
      if (error instanceof StreamSpaceError && error.retryAfterMs !== undefined) throw error;
      log.warn({ gitSync: mark, pullRequest: number, err: error }, what);
      turns.failed(number, of, now());
      sooner(turns.waitMs(number, of, now()));
    }
  };
  // Before the plans: it is quick, and somebody waits for it.
  for (const pull of merged)
    await attempt(pull.number, pull.mergeCommit, 'what became of a pull request could not be told', () =>
      tellMerged(ports, target, pull, told, signal),
    );
  await attempt(NO_NUMBER, 'comments', 'comments could not be looked for', () => asked.look(ports, target, open, signal));
  let forksMs = 0;
  for (const pull of turns.inOrder(open)) {
    const { number, fork } = pull;
    const stamp = stampOf(target, pull, tip);
    const waitMs = asked.waitMs(number, now(), { byNamed: turns.isStopped(number, stamp) });
    if (!turns.isDue(number, stamp) && waitMs !== 0) sooner(waitMs);
    else if (fork && forksMs >= FORK_BUDGET_MS) sooner(SOON_MS);
    else {
      const began = now().getTime();
      await attempt(number, stamp.own, 'a pull request could not be planned', async () => {
        // Merged, and the forge says so in a moment: the plan stays what its merge was to be.
        const isIn = async () => await git.descends(target.repository, tip, parseCommitSha(pull.head), signal);
        if (waitMs !== 0 && turns.hasPlan(number, stamp) && (await isIn())) return;
        const code = await tellPlan(ports, target, pull, tip, signal);
        turns.planned(pull, stamp, now(), code);
        if (waitMs === 0) await asked.answer(ports, target, number, signal);
      });
      if (fork) forksMs += now().getTime() - began;
    }
  }
  for (const [number, text] of reviewsOf(ports.changes(), key, open))
    if (reviews.get(number) !== text)
      await attempt(-number, text, 'what reviews are worth could not be told', async () => {
        await forge.reviews(target.at, number, mark, text, signal);
        reviews.set(number, text);
      });
  return { requeueAfterMs: againMs };
}

/** Of the change requests of this GitSync that wait at the forge. */
function reviewsOf(
  changes: Iterable<ChangeRequest>,
  { namespace, name }: ObjectKey,
  open: readonly PullRequestRef[],
): ReadonlyMap<number, string> {
  const ours = new Set(open.flatMap(({ number, fork }) => (fork ? [] : [number])));
  return new Map(
    [...changes].flatMap(({ spec: { target }, status = {} }) => {
      const isHere = target.namespace === namespace && target.name === name && ours.has(status.number ?? 0);
      const text = isHere ? reviewsText(status) : '';
      return text === '' || status.number === undefined ? [] : [[status.number, text] as const];
    }),
  );
}

/**
 * What a plan depends on. It is held against the cluster, so what stands there counts too: right after a merge the branch is ahead of it, and the
 * plan of another pull request still has in it what is about to be applied. Of a fork nothing meets the cluster. What is hidden, and which paths are
 * rendered, the spec says.
 */
function stampOf({ sync }: ForgeTarget, { head, fork }: PullRequestRef, tip: CommitSha): Stamp {
  return { own: `${head} ${sync.metadata.generation ?? 0}`, base: fork ? tip : `${tip} ${sync.status?.revision ?? ''}` };
}

function keepOnly(known: Map<number, unknown>, pulls: readonly { readonly number: number }[]): void {
  const numbers = new Set(pulls.map(({ number }) => number));
  for (const number of known.keys()) if (!numbers.has(number)) known.delete(number);
}
