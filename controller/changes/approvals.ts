// What reviews are worth: each counts for the commit that it was given for, nobody's for his own wish, each person's last one. Pure.
import type { ChangeRequestStatus } from '../../schemas/kinds/changes/change-request.ts';
import type { ForgeReview } from './forge/forge.ts';

export type Judged = NonNullable<ChangeRequestStatus['approvals']>[number];

export function judgeReviews(reviews: readonly ForgeReview[], author: string, commit: string | undefined): readonly Judged[] {
  return reviews.map((review, index) => {
    const { reason, void: nothing, ...said } = review;
    return {
      ...said,
      ...(reason === undefined ? {} : { reason }),
      standing: nothing ?? standingOf(reviews, index, author, commit),
    };
  });
}

function standingOf(
  reviews: readonly ForgeReview[],
  index: number,
  author: string,
  commit: string | undefined,
): Judged['standing'] {
  const review = reviews[index];
  if (review === undefined || review.by === author) return 'Author';
  if (reviews.slice(index + 1).some(({ by, void: nothing }) => by === review.by && nothing === undefined)) return 'Repeated';
  // A rejection is of the wish, whatever commit was made of it.
  return review.verdict === 'Reject' || review.commit === commit ? 'Counts' : 'Stale';
}

export function approversIn(judged: readonly Judged[]): readonly string[] {
  return judged.flatMap(({ by, verdict, standing }) => (verdict === 'Approve' && standing === 'Counts' ? [by] : []));
}

export function rejectionIn(judged: readonly Judged[]): Judged | undefined {
  return judged.find(({ verdict, standing }) => verdict === 'Reject' && standing === 'Counts');
}
