// What reviews are worth: each counts for the commit that it was given for, nobody's for his own wish, each person's last one. Pure.
import { type ChangeRequestStatus, MAX_REVIEWS } from '../../schemas/kinds/changes/change-request.ts';
import { isPersonal } from '../../schemas/names.ts';
import type { ForgeReview } from './forge/forge.ts';

export type Judged = NonNullable<ChangeRequestStatus['approvals']>[number];

/** @returns in the order in which they were given, whether here or at the forge */
export function judgeReviews(reviews: readonly ForgeReview[], author: string, commit: string | undefined): readonly Judged[] {
  const inOrder = reviews.toSorted((a, b) => timeOf(a) - timeOf(b));
  const last = new Map(inOrder.flatMap((review, index) => (isOfSomebodyKnown(review) ? [[review.by, index] as const] : [])));
  return inOrder.map((review, index) => {
    const { reason, void: nothing, ...said } = review;
    const isLast = (last.get(review.by) ?? index) <= index;
    return {
      ...said,
      ...(reason === undefined ? {} : { reason }),
      standing: nothing ?? standingOf(review, { author, commit, isLast }),
    };
  });
}

/** Whose time cannot be read was first: it takes the place of nothing. */
function timeOf({ at }: ForgeReview): number {
  const time = Date.parse(at);
  return Number.isNaN(time) ? 0 : time;
}

/** Also what was dismissed was said. A login that nobody is known by may be the name of somebody else here. */
function isOfSomebodyKnown({ void: nothing }: ForgeReview): boolean {
  return nothing !== 'Unknown';
}

function standingOf(
  { by, verdict, commit: reviewed }: ForgeReview,
  { author, commit, isLast }: { readonly author: string; readonly commit: string | undefined; readonly isLast: boolean },
): Judged['standing'] {
  if (by === author) return 'Author';
  if (!isLast) return 'Repeated';
  if (verdict === 'Approve' && !isPersonal(by)) return 'NoPerson';
  // A rejection is of the wish, whatever commit was made of it.
  return verdict === 'Reject' || reviewed === commit ? 'Counts' : 'Stale';
}

export function approversIn(judged: readonly Judged[]): readonly string[] {
  return judged.flatMap(({ by, verdict, standing }) => (verdict === 'Approve' && standing === 'Counts' ? [by] : []));
}

/** On our own page one is the end, whatever the same person says after it. */
export function rejectionIn<T extends Pick<ForgeReview, 'by' | 'verdict'>>(reviews: readonly T[], author: string): T | undefined {
  return reviews.find(({ by, verdict }) => verdict === 'Reject' && by !== author);
}

/** Who wants something else first. At a forge that is a state: it is over once the same person approves, or somebody dismisses it. */
export function objectionIn(judged: readonly Judged[]): Judged | undefined {
  return judged.find(({ verdict, standing }) => verdict === 'Reject' && standing === 'Counts');
}

/**
 * As many as a status may have: anybody may write reviews at a forge, and they must not push out what counts. For showing; what is decided
 * is decided by all of them.
 */
export function listedReviews(judged: readonly Judged[], max = MAX_REVIEWS): Judged[] {
  const rank = ({ standing }: Judged): number => (standing === 'Counts' ? 0 : standing === 'Repeated' ? 2 : 1);
  // The newest of the same rank.
  const kept = new Set(
    judged
      .toReversed()
      .toSorted((a, b) => rank(a) - rank(b))
      .slice(0, max),
  );
  return judged.filter((review) => kept.has(review));
}
