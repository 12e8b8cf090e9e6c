// Which owners each changed file needs, and who of them has approved. Pure.
import type { ChangeRequestStatus } from '../../../schemas/kinds/changes/change-request.ts';
import type { ForgeSettings } from '../../../schemas/kinds/git-sync/git-sync-changes.ts';
import type { Owner } from './code-owners.ts';

export type OwnersStatus = NonNullable<ChangeRequestStatus['codeOwners']>;

/** Who is who: of the forge, where there is one, and of the teams here. */
export interface OwnerPeople {
  /** Undefined: without a forge a login is the name of a person here. */
  readonly people: ForgeSettings['people'] | undefined;
  /** Names of people, by the name of the Team. */
  readonly teams: ReadonlyMap<string, readonly string[]>;
}

/** Of one file. */
const MAX_LISTED = 10;
const MAX_TEXT = 128;
const MAX_NAMED_FILES = 5;

/** Names of people here. Nobody: a login that `people` does not name, a Team that is not there, a mail address at a forge. */
export function peopleOf({ kind, name }: Owner, { people, teams }: OwnerPeople): readonly string[] {
  switch (kind) {
    case 'Team':
      return teams.get(name) ?? [];
    case 'Mail':
      return people === undefined ? [name] : [];
    case 'User':
      if (people === undefined) return [name];
      return people.filter(({ login }) => login.toLowerCase() === name.toLowerCase()).map(({ user }) => user);
  }
}

/**
 * @param owned by path, for each changed file that has owners
 * @param approvers whose approvals count: never whoever asked
 */
export function judgeOwners(
  owned: ReadonlyMap<string, readonly Owner[]>,
  known: OwnerPeople,
  approvers: readonly string[],
): OwnersStatus['files'] {
  return [...owned].map(([path, owners]) => {
    const own = new Set(owners.flatMap((owner) => peopleOf(owner, known)));
    return {
      path,
      owners: owners.slice(0, MAX_LISTED).map(({ text }) => text.slice(0, MAX_TEXT)),
      approvedBy: approvers.filter((name) => own.has(name)).slice(0, MAX_LISTED),
    };
  });
}

/** What the merge waits for, in words; undefined where it waits for no owner. @param owners with all files, not only those that a status lists */
export function missingOwners({ required, problem, files }: OwnersStatus): string | undefined {
  if (!required) return undefined;
  if (problem !== undefined) return problem;
  const missing = files.filter(({ approvedBy }) => approvedBy.length === 0);
  if (missing.length === 0) return undefined;
  const named = missing.slice(0, MAX_NAMED_FILES).map(({ path, owners }) => `${path} of ${owners.join(' or ')}`);
  const more = missing.length > MAX_NAMED_FILES ? `, and ${missing.length - MAX_NAMED_FILES} more files` : '';
  return `an owner has to approve ${named.join(', ')}${more}`;
}
