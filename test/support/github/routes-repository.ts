// Who is asking, the repository itself, its branches and who may do what in it.
import { commitFacts } from './changes.ts';
import { ApiFailure, forbidden, notFound } from './failure.ts';
import { presentCommit, presentProtection, presentProtectionSummary, presentRules } from './present-commit.ts';
import { presentAccount, presentFullRepository, repositoryPage, repositoryUrl } from './present-repository.ts';
import { type ApiRequest, list, type Route, repositoryOf } from './route.ts';
import type { Repository } from './state.ts';

const REPO = '/repos/{owner}/{repo}';

export const REPOSITORY_ROUTES: Readonly<Record<string, Route>> = {
  [`GET ${REPO}`]: async (request) => {
    const repository = repositoryOf(request, 'read');
    return { status: 200, body: presentFullRepository(request.forge, repository, request.credential?.account) };
  },

  [`GET ${REPO}/branches/{branch}`]: async (request) => {
    const { forge } = request;
    const repository = repositoryOf(request, 'read');
    const { branch, sha } = branchOf(request, repository);
    const url = `${repositoryUrl(forge, repository)}/branches/${encodeURIComponent(branch)}`;
    const protection = repository.protections.get(branch);
    return {
      status: 200,
      body: {
        name: branch,
        commit: presentCommit(forge, repository, await commitFacts(repository.git, sha)),
        _links: { self: url, html: `${repositoryPage(forge, repository)}/tree/${branch}` },
        protected: protection !== undefined,
        protection: presentProtectionSummary(protection),
        protection_url: `${url}/protection`,
      },
    };
  },

  [`GET ${REPO}/branches/{branch}/protection`]: async (request) => {
    const { forge, credential } = request;
    const repository = repositoryOf(request, 'read');
    if (!forge.has(repository, credential?.account, 'admin')) throw notFound();
    const { branch } = branchOf(request, repository);
    const protection = repository.protections.get(branch);
    if (protection === undefined) throw new ApiFailure(404, 'Branch not protected');
    const url = `${repositoryUrl(forge, repository)}/branches/${encodeURIComponent(branch)}/protection`;
    return { status: 200, body: presentProtection(url, protection) };
  },

  [`GET ${REPO}/rules/branches/{branch}`]: async (request) => {
    const repository = repositoryOf(request, 'read');
    const ruleset = repository.rulesets.get(request.parameters['branch'] ?? '');
    return await list(request, ruleset === undefined ? [] : presentRules(repository, ruleset), (rule) => rule);
  },

  [`GET ${REPO}/collaborators/{username}/permission`]: async (request) => {
    const { forge } = request;
    const repository = repositoryOf(request, 'read');
    if (!forge.has(repository, request.credential?.account, 'write')) {
      throw forbidden('Must have push access to view collaborator permission.');
    }
    const login = request.parameters['username'] ?? '';
    const account = forge.knownAccount(login);
    if (account === undefined) throw new ApiFailure(404, `${login} is not a user`);
    const role = forge.role(repository, account) ?? 'none';
    const permissions = {
      pull: role !== 'none',
      triage: role === 'write' || role === 'admin',
      push: role === 'write' || role === 'admin',
      maintain: role === 'admin',
      admin: role === 'admin',
    };
    const user = { ...presentAccount(forge, account), permissions, role_name: role };
    return { status: 200, body: { permission: role, role_name: role, user } };
  },
};

function branchOf({ parameters }: ApiRequest, repository: Repository): { readonly branch: string; readonly sha: string } {
  const branch = parameters['branch'] ?? '';
  const sha = repository.heads.get(branch);
  if (sha === undefined) throw new ApiFailure(404, 'Branch not found');
  return { branch, sha };
}
