// What takes the edits of a change request back, field by field: for where undoing its commit as text meets what others wrote beside it.
// Pure.
import type { ChangeEdit, FieldChange } from '../../schemas/kinds/changes/change-edit.ts';
import { parseChangePath } from '../../schemas/kinds/changes/change-path.ts';

/**
 * Each says what was granted, so that what somebody has written over it since is a conflict.
 * @returns undefined where the edits do not say what was there before
 */
export function takenBack(edits: readonly ChangeEdit[]): readonly ChangeEdit[] | undefined {
  const back: ChangeEdit[] = [];
  for (const { action, object, changes = [] } of edits.toReversed()) {
    const opposites = changes.toReversed().map(oppositeOf);
    if (action !== 'Patch' || !opposites.every((change) => change !== undefined)) return undefined;
    back.push({ action, object, changes: opposites });
  }
  return back;
}

function oppositeOf({ op, path, value, was }: FieldChange): FieldChange | undefined {
  if (op === 'Remove' || value === undefined) return undefined;
  if (parseChangePath(path)?.at(-1)?.kind === 'append' || was === 'null') return { op: 'Remove', path, was: value };
  return was === undefined ? undefined : { op: 'Set', path, value: was, was: value };
}
