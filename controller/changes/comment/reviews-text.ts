// Who has approved a change request, and whose review counts for nothing and why, in front of its plan. Pure. Names stand in code, as in the plan.
import type { ChangeRequestStatus } from '../../../schemas/kinds/changes/change-request.ts';
import { inline } from './plan-comment.ts';

type Review = NonNullable<ChangeRequestStatus['approvals']>[number];

const WHY: Readonly<Record<Exclude<Review['standing'], 'Counts'>, string>> = {
  Stale: 'it was given for an earlier commit',
  Author: 'nobody approves what they have asked for themselves',
  Repeated: 'the same person has said something later',
  Dismissed: 'it was dismissed',
  Unknown: 'nobody here is known by this name (`spec.changes.forge.people` of the GitSync)',
  NoRight: 'this person may not approve here',
  NoPerson: 'a machine or the break-glass account approves nothing',
};
const MAX_SHOWN = 10;
const MAX_NAME_CHARACTERS = 60;

/** @returns nothing while there is nothing to say of reviews */
export function reviewsText({ approvals = [], approvalsNeeded }: ChangeRequestStatus): string {
  if (approvalsNeeded === undefined) return '';
  const counted = approvals.filter(({ standing, verdict }) => standing === 'Counts' && verdict === 'Approve').length;
  const missing = Math.max(0, approvalsNeeded - counted);
  const head = `**Approvals:** ${counted} of ${approvalsNeeded}${missing === 0 ? '' : `, ${missing} missing`}\n`;
  // The last ones: who has just said something looks for it.
  const shown = approvals.filter(({ standing }) => standing !== 'Repeated').slice(-MAX_SHOWN);
  const more = approvals.filter(({ standing }) => standing !== 'Repeated').length - shown.length;
  const lines = shown.map((review) => `- ${lineOf(review)}\n`).join('');
  return `${head}${lines === '' ? '' : `\n${lines}`}${more === 0 ? '' : `\n_and ${more} earlier_\n`}`;
}

function lineOf({ by, verdict, commit, standing }: Review): string {
  const what = `${inline(by.slice(0, MAX_NAME_CHARACTERS))} ${verdict === 'Approve' ? 'approves' : 'rejects'} ${inline(commit.slice(0, 12))}`;
  return standing === 'Counts' ? what : `${what}: not counted, ${WHY[standing]}`;
}
