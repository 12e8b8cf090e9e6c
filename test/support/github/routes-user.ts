// What a token says of the person whose it is. One of an OAuth App says what its scopes let it.
import { ApiFailure, forbidden, notFound } from './failure.ts';
import type { Forge } from './forge.ts';
import type { JsonObject } from './json.ts';
import type { Membership, Team } from './people.ts';
import { iso, nodeId, presentAccount, presentOwnAccount } from './present-repository.ts';
import { type ApiRequest, list, type Route } from './route.ts';
import type { Account } from './state.ts';

export const USER_ROUTES: Readonly<Record<string, Route>> = {
  'GET /user': async (request) => ({ status: 200, body: presentOwnAccount(request.forge, person(request)) }),

  'GET /user/emails': async (request) => {
    const account = person(request);
    if (!may(request, 'user:email')) throw notFound();
    const present = ({ email, primary, verified }: { email: string; primary: boolean; verified: boolean }): JsonObject => {
      return { email, primary, verified, visibility: primary ? 'private' : null };
    };
    return await list(request, request.forge.people.profile(account).emails, present);
  },

  'GET /user/memberships/orgs': async (request) => {
    const account = person(request);
    if (!may(request, 'read:org')) throw forbidden('You need at least read:org scope or user scope to list your organizations.');
    const wanted = request.query.get('state');
    const found = request.forge.people.memberships(account).filter(({ state }) => wanted === null || state === wanted);
    return await list(request, found, (each) => presentMembership(request.forge, account, each));
  },

  'GET /user/teams': async (request) => {
    const account = person(request);
    if (!may(request, 'read:org')) throw notFound();
    return await list(request, request.forge.people.teamsOf(account), (team) => presentTeam(request.forge, team));
  },

  'DELETE /applications/{client_id}/token': async ({ forge, parameters, credential, body }) => {
    if (credential?.kind !== 'client' || credential.oauth?.clientId !== parameters['client_id']) throw notFound();
    const { access_token: token } = body as { readonly access_token: string };
    const { oauth } = forge.credential(token, () => notFound());
    if (oauth?.clientId !== parameters['client_id']) throw notFound();
    forge.revoke(token);
    return { status: 204 };
  },
};

function person({ credential }: ApiRequest): Account {
  if (credential === undefined) throw new ApiFailure(401, 'Requires authentication');
  if (credential.kind !== 'user') throw forbidden('Resource not accessible by integration');
  return credential.account;
}

/** A personal token of the double may everything that its person may. */
function may({ credential }: ApiRequest, scope: string): boolean {
  return credential?.oauth === undefined || credential.oauth.scopes.includes(scope);
}

function presentOrganization({ apiUrl, webUrl }: Forge, { id, login }: Account): JsonObject {
  const url = `${apiUrl}/orgs/${login}`;
  return {
    ...{ login, id, node_id: nodeId('Organization', id), url, repos_url: `${url}/repos`, events_url: `${url}/events` },
    ...{ hooks_url: `${url}/hooks`, issues_url: `${url}/issues`, members_url: `${url}/members{/member}` },
    ...{ public_members_url: `${url}/public_members{/member}`, avatar_url: `${webUrl}/avatars/u/${id}`, description: null },
  };
}

function presentMembership(forge: Forge, account: Account, { organization, state }: Membership): JsonObject {
  const organizationUrl = `${forge.apiUrl}/orgs/${organization.login}`;
  return {
    ...{ url: `${organizationUrl}/memberships/${account.login}`, state, role: 'member', organization_url: organizationUrl },
    ...{ organization: presentOrganization(forge, organization), user: presentAccount(forge, account) },
  };
}

function presentTeam(forge: Forge, { id, slug, organization, members }: Team): JsonObject {
  const url = `${forge.apiUrl}/organizations/${organization.id}/team/${id}`;
  const since = iso(organization.createdAt);
  return {
    ...{
      id,
      node_id: nodeId('Team', id),
      name: slug,
      slug,
      description: null,
      privacy: 'closed',
      permission: 'pull',
      parent: null,
    },
    ...{ url, html_url: `${forge.webUrl}/orgs/${organization.login}/teams/${slug}`, members_url: `${url}/members{/member}` },
    ...{ repositories_url: `${url}/repos`, type: 'organization', members_count: members.size, repos_count: 0 },
    ...{ created_at: since, updated_at: since },
    organization: {
      ...presentOrganization(forge, organization),
      ...{ html_url: `${forge.webUrl}/${organization.login}`, type: 'Organization', created_at: since, updated_at: since },
      ...{ has_organization_projects: true, has_repository_projects: true, public_repos: 0, public_gists: 0 },
      ...{ followers: 0, following: 0, archived_at: null },
    },
  };
}
