import { expect, test } from 'vitest';
import { approversIn, judgeReviews, listedReviews } from './approvals.ts';
import type { ForgeReview } from './forge/forge.ts';

const [A, B] = ['a'.repeat(40), 'b'.repeat(40)];
const at = (minute: number): string => `2027-03-01T09:${String(minute).padStart(2, '0')}:00Z`;
const review = (minute: number, said: Partial<ForgeReview> = {}): ForgeReview => ({
  ...{ by: 'ada', verdict: 'Approve', commit: A, at: at(minute) },
  ...said,
});
const standings = (commit: string, ...reviews: readonly ForgeReview[]): readonly string[] =>
  judgeReviews(reviews, 'mina', commit).map(({ standing }) => standing);

test('the last of each person counts by its time, wherever it stands in the list', () => {
  const [page, forge] = [review(2, { commit: B }), review(1)];
  expect(judgeReviews([page, forge], 'mina', B).map((each) => [each.at, each.standing])).toEqual([
    [forge.at, 'Repeated'],
    [page.at, 'Counts'],
  ]);
  // Forges write their own time zone; where two times are one, what stands later was said later.
  const zoned = review(0, { commit: B, at: '2027-03-01T11:03:00+02:00' });
  expect(standings(B, zoned, review(2, { verdict: 'Reject' }))).toEqual(['Repeated', 'Counts']);
  expect(standings(A, review(1, { verdict: 'Reject' }), review(1))).toEqual(['Repeated', 'Counts']);
  expect(standings(A, review(1), review(2, { by: 'bob' }), review(0, { by: 'mina' }))).toEqual(['Author', 'Counts', 'Counts']);
});

test('what was dismissed, or came of somebody who has lost the right, has taken the place of what the same person said before', () => {
  for (const nothing of ['Dismissed', 'NoRight'] as const)
    for (const verdict of ['Approve', 'Reject'] as const) {
      const judged = judgeReviews([review(1), review(2, { verdict, void: nothing })], 'mina', A);
      expect(judged.map(({ standing }) => standing)).toEqual(['Repeated', nothing]);
      expect(approversIn(judged)).toEqual([]);
    }
  expect(standings(A, review(1, { void: 'Dismissed' }), review(2))).toEqual(['Dismissed', 'Counts']);
  // The login of a stranger may be the name of somebody here.
  expect(standings(A, review(1), review(2, { verdict: 'Reject', void: 'Unknown' }))).toEqual(['Counts', 'Unknown']);
});

test('S-100 an approval by a machine or the break-glass account is nobody new, and what either rejects counts', () => {
  for (const by of ['machine:web.ci', 'break-glass:root']) {
    const [approval] = judgeReviews([review(1, { by })], 'mina', A);
    expect(approval?.standing).toBe('NoPerson');
    const [rejection] = judgeReviews([review(1, { by, verdict: 'Reject' })], 'mina', A);
    expect(rejection?.standing).toBe('Counts');
  }
  expect(approversIn(judgeReviews([review(1, { by: 'machine:web.ci' }), review(2)], 'mina', A))).toEqual(['ada']);
});

test('of more than a status lists it is what counts, then the last of each person, in the order in which they were said', () => {
  const stale = (minute: number, by: string) => review(minute, { by, commit: B });
  const many = [stale(1, 'x'), stale(2, 'y'), stale(3, 'x'), review(4, { by: 'z' }), stale(5, 'y'), review(6)];
  const listed = (max: number) => listedReviews(judgeReviews(many, 'mina', A), max).map(({ at: when }) => when);
  expect(listed(9)).toEqual([1, 2, 3, 4, 5, 6].map(at));
  expect(listed(5)).toEqual([2, 3, 4, 5, 6].map(at));
  expect(listed(3)).toEqual([4, 5, 6].map(at));
  expect(listed(2)).toEqual([4, 6].map(at));
});
