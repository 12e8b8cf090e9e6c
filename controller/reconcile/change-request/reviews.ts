// What has been said of a change request, on our page and at the forge.
import { isDeepStrictEqual } from 'node:util';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { ChangeRequest } from '../../../schemas/kinds/changes/change-request.ts';
import { type Judged, judgeReviews } from '../../changes/approvals.ts';
import type { ForgeReview } from '../../changes/forge/forge.ts';
import type { ChangeTarget } from './ports.ts';
import type { ChangeRun } from './run.ts';

/** Reviews of our own page, and those of the forge. */
export async function reviewsOf({ ports, request, signal }: ChangeRun, target: ChangeTarget): Promise<readonly ForgeReview[]> {
  const there = await ports.forge.reviews(target.forge, signal);
  // Our own page asks before it writes one; at a forge anybody may say what he likes.
  const rights = new Map<string, boolean>();
  for (const { by } of there.filter((review) => review.void === undefined))
    if (!rights.has(by)) rights.set(by, await ports.mayApprove(by, request, signal));
  const known = there.map((review) =>
    review.void === undefined && rights.get(review.by) !== true ? { ...review, void: 'NoRight' as const } : review,
  );
  return [...(request.spec.reviews ?? []), ...known];
}

/**
 * Whether anything has been said or taken back since, or it is gone. Fetching, checking and planning take seconds, and whoever rejects it
 * meanwhile is told that it is rejected; so this is asked right before the merge. What comes while the merge itself is being written, one
 * request, comes too late.
 */
export async function hasNews(run: ChangeRun, target: ChangeTarget, said: readonly ForgeReview[]): Promise<boolean> {
  const { ports, request, signal } = run;
  const { namespace, name, uid } = request.metadata;
  const now = await ports.client.find<ChangeRequest>(RESOURCES.changeRequests, namespace, name, { signal });
  if (now === undefined || now.metadata.uid !== uid || now.metadata.deletionTimestamp !== undefined) return true;
  return now.spec.withdrawn || !isDeepStrictEqual(await reviewsOf({ ...run, request: now }, target), said);
}

/** What that is worth for the commit as it is now. */
export function judgeFor(
  { request: { spec, status } }: Pick<ChangeRun, 'request'>,
  said: readonly ForgeReview[],
): readonly Judged[] {
  return judgeReviews(said, spec.requestedBy.name, status?.commit);
}
