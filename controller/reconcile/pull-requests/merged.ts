// Merged pull requests, ours or not: what became of them in the cluster, told in our comment and as a status of the merge commit. What
// was told stands in the comment itself, so a restart tells nothing twice; what has settled is not looked at any more.
import type { GitSyncStatus } from '../../../schemas/kinds/git-sync/git-sync.ts';
import { type MergeResult, resultLine, resultNote } from '../../changes/comment/result-note.ts';
import type { CommentMemory } from '../../changes/comment/standing-comment.ts';
import type { CommentNote, MergedRef } from '../../changes/forge/forge.ts';
import { parseCommitSha } from '../../git/commit-sha.ts';
import { type MergeOutcome, mergeOutcome, SETTLING_MS } from '../merge-outcome.ts';
import type { PullRequestPorts } from './ports.ts';
import type { ForgeTarget } from './target.ts';

/** Over a weekend, for a sync that waits for its window. */
export const FOLLOWED_MS = 72 * 3_600_000;
/** What was merged before we had said anything of it is told so long after it: a repository that is new here has many. */
const BEGUN_MS = 3_600_000;

/** By number: what was seen last of each and since when, or that there is nothing more to tell. */
export type Told = Map<number, { readonly seen: string; readonly since: Date } | 'settled'>;

export async function tellMerged(
  { git, forge, now }: Pick<PullRequestPorts, 'git' | 'forge' | 'now'>,
  target: ForgeTarget,
  { number, mergeCommit, mergedAt }: MergedRef,
  told: Told,
  signal: AbortSignal,
): Promise<void> {
  const before = told.get(number);
  if (before === 'settled') return;
  const { sync, repository, mark, branch, at } = target;
  const status = sync.status ?? {};
  const contains = (commit: string): Promise<boolean> => git.descends(repository, parseCommitSha(commit), mergeCommit, signal);
  // What it says of drift, it says with the name of the object, which may be another each time.
  const { drift, ...outcomeNow } = { drift: undefined, ...(await mergeOutcome({ status, contains, applied: false })) };
  const seen = JSON.stringify([outcomeNow, status.health, drift !== undefined]);
  if (before?.seen === seen && now().getTime() - before.since.getTime() <= SETTLING_MS) return;
  let result: MergeResult | undefined;
  let settled = false;
  const decide = async (known: CommentMemory | undefined): Promise<CommentNote | undefined> => {
    const memory = known ?? {};
    settled = isSettled(memory, now()) || (known === undefined && now().getTime() - mergedAt.getTime() > BEGUN_MS);
    if (settled) return undefined;
    const outcome = await mergeOutcome({ status, contains, applied: memory['revision'] !== undefined });
    if (outcome === undefined) return undefined;
    result = resultOf(outcome, status, memory, now());
    return { text: resultNote(result, { gitSync: mark, mergeCommit, into: branch }), memory: remembered(result) };
  };
  await forge.note(at, number, mark, decide, signal);
  if (result !== undefined) {
    const context = `streamspace/${mark}`;
    await forge.setStatus(at, mergeCommit, { context, ...verdictOf(result), url: undefined }, signal);
  }
  told.set(number, settled ? 'settled' : { seen, since: now() });
}

/** What was good to the end of its time is not followed any longer: what comes then comes from others. */
function isSettled({ health, at = '' }: CommentMemory, now: Date): boolean {
  return health === 'Healthy' && now.getTime() - Date.parse(at) > SETTLING_MS;
}

function resultOf(outcome: MergeOutcome, status: GitSyncStatus, memory: CommentMemory, now: Date): MergeResult {
  if (outcome.state !== 'Applied') return outcome;
  // The first revision with it in it stays the one that is told.
  const { revision = outcome.revision, at = status.lastSyncAt ?? now.toISOString(), changed } = memory;
  const count = changed === undefined ? changedBy(status, revision) : Number.parseInt(changed, 10);
  const health = outcome.drift !== undefined && status.health !== 'Degraded' ? 'Drifted' : (status.health ?? 'Unknown');
  return { state: 'Applied', revision, at, health, changed: count };
}

function remembered(result: MergeResult): CommentMemory {
  if (result.state !== 'Applied') return { health: result.state };
  const { revision, at, health, changed } = result;
  return { revision, at, health, ...(changed === undefined ? {} : { changed: String(changed) }) };
}

function changedBy({ plan }: GitSyncStatus, revision: string): number | undefined {
  if (plan?.revision !== revision) return undefined;
  return plan.create + plan.configure + plan.replace + plan.delete;
}

function verdictOf(result: MergeResult): { readonly state: 'pending' | 'success' | 'failure'; readonly description: string } {
  const description = resultLine(result).slice(0, 140);
  if (result.state === 'Waiting') return { state: 'pending', description };
  const good = result.state === 'Applied' && result.health !== 'Degraded';
  return { state: good ? 'success' : 'failure', description };
}
