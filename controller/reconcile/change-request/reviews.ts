// What has been said of a change request, on our page and at the forge.
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

/** What that is worth for the commit as it is now. */
export function judgeFor(
  { request: { spec, status } }: Pick<ChangeRun, 'request'>,
  said: readonly ForgeReview[],
): readonly Judged[] {
  return judgeReviews(said, spec.requestedBy.name, status?.commit);
}
