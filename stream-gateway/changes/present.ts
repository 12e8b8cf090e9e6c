// Change requests as a person sees them, with what he may do with each.
import { crc32 } from 'node:zlib';
import { type ChangeView, changeView } from '../../schemas/api/changes.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { type Decisions, type ResourceRule, rulesAllow } from '../auth/decisions.ts';
import { type AccessIn, NO_ACCESS } from '../http/live/access.ts';
import type { ChangeRequestJson } from '../sessions/kinds-json.ts';
import { viewable } from '../sessions/views.ts';
import type { Person } from '../store/people.ts';

export function presentChange(change: ChangeRequestJson, person: Person, rules: readonly ResourceRule[]): ChangeView {
  const own = change.spec.requestedBy.name === person.name;
  const open = isOpen(change);
  const approve = rulesAllow(rules, 'approve', 'changerequests', change.metadata.name);
  const may = {
    approve: open && approve && !own && change.status?.commit !== undefined,
    withdraw: open && own && change.spec.takesBack === undefined,
  };
  const result = changeView.safeParse({ ...change, may });
  if (result.success) return result.data;
  throw new StreamSpaceError('Internal', `ChangeRequest ${change.metadata.name} is not of the version of this gateway`, {
    cause: result.error,
  });
}

/** Nothing of it is merged yet, and nothing has ended it. */
export function isOpen({ spec, status }: Pick<ChangeRequestJson, 'spec' | 'status'>): boolean {
  return !(spec.withdrawn ?? false) && ['Pending', 'Open'].includes(status?.phase ?? 'Pending');
}

export function changeAccess(decisions: Decisions): AccessIn<ChangeRequestJson> {
  return async (person, namespace) => {
    if (!(await decisions.allowedIn(person, 'watch', 'changerequests', namespace))) return NO_ACCESS;
    const rules = await decisions.rulesIn(person, namespace);
    return {
      stamp: `watch ${crc32(JSON.stringify(rules))}`,
      present: (change) => viewable(() => withoutDiff(presentChange(change, person, rules))),
    };
  };
}

/** A list would be megabytes with what only the page of one shows. */
export function withoutDiff(view: ChangeView): ChangeView {
  if (view.status === undefined) return view;
  const { diff: _diff, codeOwners: _owners, ...status } = view.status;
  return { ...view, status };
}
