// Where the claims of the identity provider become a person. RBAC knows no prefixes: a group `x:platform-admins` would be
// a subject of its own that no rule foresaw, so a name that cannot be one here ends the sign-in instead of being mended.
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { Person } from '../store/people.ts';
import { validSubjectName } from './identity.ts';

export interface ClaimNames {
  /** The claim that names a person. Default `preferred_username`. */
  readonly nameClaim: string;
  /** The claim with the groups, a list of texts; without it a person is in none. Default `groups`. */
  readonly groupsClaim: string;
}

/** More would not fit into the headers of a request to the API server. */
const MAX_GROUPS = 500;
const MAX_DISPLAY_NAME = 200;
const RULE = 'names have 1 to 128 characters without colon, white space and control characters';

/** @throws StreamSpaceError `SignInFailed` that names the claim and the rule, never the value */
export function personOfClaims(claims: Readonly<Record<string, unknown>>, names: ClaimNames): Person {
  const name = claims[names.nameClaim];
  if (name === undefined) throw refusal(`the identity provider sent no claim ${names.nameClaim}`);
  if (!validSubjectName(name)) throw refusal(`the claim ${names.nameClaim} cannot be a name here: ${RULE}`);
  return { name, displayName: displayNameOf(claims['name']) ?? name, groups: groupsOf(claims[names.groupsClaim], names) };
}

function groupsOf(claim: unknown, { groupsClaim }: ClaimNames): readonly string[] {
  if (claim === undefined || claim === null) return [];
  if (!Array.isArray(claim)) throw refusal(`the claim ${groupsClaim} is not a list of groups`);
  const groups = new Set<string>();
  for (const [index, group] of claim.entries()) {
    if (!validSubjectName(group)) throw refusal(`entry ${index + 1} of the claim ${groupsClaim} cannot be a group here: ${RULE}`);
    groups.add(group);
  }
  if (groups.size > MAX_GROUPS) throw refusal(`the claim ${groupsClaim} has ${groups.size} groups, ${MAX_GROUPS} are allowed`);
  return [...groups].sort();
}

/** For eyes only: whatever a person is called, without what would break a line. */
function displayNameOf(claim: unknown): string | undefined {
  if (typeof claim !== 'string') return undefined;
  const text = claim.replace(/\p{Cc}+/gu, ' ').trim();
  return text === '' ? undefined : text.slice(0, MAX_DISPLAY_NAME);
}

function refusal(message: string): StreamSpaceError {
  return new StreamSpaceError('SignInFailed', message);
}
