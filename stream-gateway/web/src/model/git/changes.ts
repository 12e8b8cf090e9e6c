// Change requests as the page sorts and words them. Pure.
import type { ChangeView } from '../../../../../schemas/api/changes.ts';
import { type ChangePhase, FINAL_PHASES, troubleAfterMerge } from '../../../../../schemas/kinds/changes/change-request.ts';
import type { EditableName } from '../../api/git/changes-api.ts';
import type { Tone } from '../sessions/phases.ts';

export const CHANGE_TABS = ['waiting', 'mine', 'all'] as const;
export type ChangeTab = (typeof CHANGE_TABS)[number];

const TONES: Readonly<Record<ChangePhase, Tone>> = {
  Pending: 'busy',
  Open: 'quiet',
  Merged: 'busy',
  Applied: 'good',
  Rejected: 'off',
  Withdrawn: 'off',
  Expired: 'off',
  Failed: 'bad',
};

export function phaseOf({ status }: ChangeView): ChangePhase {
  return status?.phase ?? 'Pending';
}

export function isOver(change: ChangeView): boolean {
  return FINAL_PHASES.includes(phaseOf(change));
}

/** It is in force, and will be taken back. */
export function awaitsItsTime(change: ChangeView): boolean {
  return phaseOf(change) === 'Applied' && change.spec.until !== undefined && change.status?.takenBackBy === undefined;
}

/** `Waits` and `Kept`: what was granted until a time is still in Git, for now or for good. */
export type TakeBack = 'Unknown' | 'Waits' | 'Done' | 'Gone' | 'Kept';

/** @param taking the change that takes another one back; undefined: it cannot be read */
export function takeBackOf(taking: ChangeView | undefined): TakeBack {
  if (taking === undefined) return 'Unknown';
  switch (phaseOf(taking)) {
    case 'Pending':
    case 'Open':
      return 'Waits';
    case 'Merged':
    case 'Applied':
      return 'Done';
    case 'Withdrawn':
      return 'Gone';
    case 'Rejected':
    case 'Expired':
    case 'Failed':
      return 'Kept';
  }
}

export function toneOfChange(phase: ChangePhase): Tone {
  return TONES[phase];
}

/** The newest first. */
export function changesIn(tab: ChangeTab, all: readonly ChangeView[], me: string): readonly ChangeView[] {
  const shown = all.filter((change) => {
    const { may, spec } = change;
    if (tab === 'waiting') return may.approve || (isUnwell(change) && concerns(change, me));
    return tab === 'mine' ? spec.requestedBy.name === me : true;
  });
  return shown.toSorted((a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp));
}

/** Merged, and since then the sync with it fails, or what it changed does. */
export function isUnwell(change: ChangeView): boolean {
  return troubleAfterMerge(change) !== undefined;
}

/** Whoever has asked for it, and whoever has let it in. */
function concerns(change: ChangeView, me: string): boolean {
  return change.spec.requestedBy.name === me || approversOf(change).includes(me);
}

/** Whose commit it is, or whose merge. */
export function changeBehind(all: readonly ChangeView[], revision: string): ChangeView | undefined {
  return all.find(({ status }) => status?.mergeCommit !== undefined && [status.commit, status.mergeCommit].includes(revision));
}

export function approversOf({ status }: ChangeView): readonly string[] {
  const counted = (status?.approvals ?? []).filter(({ verdict, standing }) => verdict === 'Approve' && standing === 'Counts');
  return counted.map(({ by }) => by);
}

export function approvalsOf(change: ChangeView): { readonly given: number; readonly needed: number } {
  return { given: approversOf(change).length, needed: change.status?.approvalsNeeded ?? 1 };
}

/** What stands against it, told by the controller; null where all is well. */
export function troubleOf(change: ChangeView): { readonly code: string; readonly message: string } | null {
  const after = troubleAfterMerge(change);
  if (after !== undefined) return { code: after.reason, message: after.message };
  const ready = change.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready === undefined || ready.status !== 'False' || ready.reason === 'AwaitingApproval') return null;
  return ['Withdrawn', 'Rejected'].includes(ready.reason) && phaseOf(change) === 'Withdrawn'
    ? null
    : { code: ready.reason, message: ready.message };
}

export function editableText({ kind, namespace, name }: EditableName): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

export interface DiffLine {
  readonly kind: 'added' | 'removed' | 'place' | 'file' | 'same';
  readonly text: string;
}

/** Of a unified diff, without what git says for machines. A line of a file may look like a head: it counts as one before the first place alone. */
export function diffLines(diff: string): readonly DiffLine[] {
  let inFile = false;
  let before = '';
  return diff.split('\n').flatMap((line): readonly DiffLine[] => {
    if (line.startsWith('diff ')) inFile = false;
    if (line.startsWith('@@')) {
      inFile = true;
      return [{ kind: 'place', text: line }];
    }
    if (!inFile) {
      if (line.startsWith('--- ')) before = line.slice(4).replace(/^a\//, '');
      if (!line.startsWith('+++ ')) return [];
      const after = line.slice(4).replace(/^b\//, '');
      return [{ kind: 'file', text: after === '/dev/null' ? before : after }];
    }
    if (line === '') return [];
    if (line.startsWith('+')) return [{ kind: 'added', text: line }];
    if (line.startsWith('-')) return [{ kind: 'removed', text: line }];
    return [{ kind: 'same', text: line }];
  });
}
