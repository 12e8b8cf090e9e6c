// To be a member of a team in which one only looks on, as an edit of the team. Pure.
import type { ChangeEdit } from '../../../../../schemas/kinds/changes/change-edit.ts';
import { formatChangePath } from '../../../../../schemas/kinds/changes/change-path.ts';
import { API_GROUP_VERSION } from '../../../../../schemas/names.ts';
import type { TeamDetail } from '../../api/access/teams-api.ts';

const MEMBER = JSON.stringify('member');

/** Whoever is named in the team gets another role; whoever is in it by a group is named beside it. */
export function membershipFor(user: string, { name, members }: Pick<TeamDetail, 'name' | 'members'>): ChangeEdit {
  const object = { apiVersion: API_GROUP_VERSION, kind: 'Team', name };
  const mine = members.filter((member) => member.kind === 'User' && member.name === user);
  const [only] = mine;
  if (only === undefined || mine.length > 1) {
    const value = JSON.stringify({ user, role: 'member' });
    return { action: 'Patch', object, changes: [{ op: 'Set', path: 'spec.members[]', value }] };
  }
  const path = formatChangePath([
    { kind: 'field', name: 'spec' },
    { kind: 'field', name: 'members' },
    { kind: 'item', key: ['user'], value: user },
    { kind: 'field', name: 'role' },
  ]);
  return { action: 'Patch', object, changes: [{ op: 'Set', path, value: MEMBER, was: JSON.stringify(only.role) }] };
}
