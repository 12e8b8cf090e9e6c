// What GitHub's lists say about organizations and teams, as groups. Pure.
import type { GitHubOrganization } from '../../../schemas/kinds/sign-in/github-provider.ts';

interface Organization {
  readonly id: number;
  readonly login: string;
}

/** One of `GET /user/memberships/orgs`. */
export interface Membership {
  readonly state: string;
  readonly organization: Organization;
}

/** One of `GET /user/teams`. */
export interface TeamMembership {
  readonly slug: string;
  readonly organization: Organization;
}

/** Of the organizations that count, those that somebody has joined: an invitation alone is no membership. */
export function organizationsOf(
  counting: readonly GitHubOrganization[],
  memberships: readonly Membership[],
): readonly GitHubOrganization[] {
  return counting.filter((each) => memberships.some(({ state, organization }) => state === 'active' && isIt(each, organization)));
}

/** `org` and `org/team`, with the name of the organization as it is written here: a rename there changes nothing. */
export function groupsIn(organizations: readonly GitHubOrganization[], teams: readonly TeamMembership[]): readonly string[] {
  return organizations.flatMap((each) => [
    each.name,
    ...teams.filter(({ organization }) => isIt(each, organization)).map(({ slug }) => `${each.name}/${slug}`),
  ]);
}

/** GitHub's names know no case. */
function isIt({ name, id }: GitHubOrganization, organization: Organization): boolean {
  return id === undefined ? name.toLowerCase() === organization.login.toLowerCase() : id === organization.id;
}
