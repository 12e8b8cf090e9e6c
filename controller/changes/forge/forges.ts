// The forge of a change request: by what its GitSync says.
import type { GitTransport } from '../../git/wire/http.ts';
import type { Forge, ForgeRequest, PullRequests } from './forge.ts';
import { createGiteaApi } from './gitea-api.ts';
import { createGitHubApi } from './github-api.ts';
import { createPlainGitForge, type PlainGitPorts } from './plain-git.ts';
import { createPullRequestForge } from './pull-requests.ts';
import { createPullRequests } from './tell-pull-requests.ts';

export interface Forges {
  /** Of change requests: the right one for each. */
  readonly forge: Forge;
  readonly pullRequests: PullRequests;
}

export function createForges(ports: PlainGitPorts & { readonly transport: GitTransport }): Forges {
  const plain = createPlainGitForge(ports);
  const apis = { GitHub: createGitHubApi(ports.transport), Gitea: createGiteaApi(ports.transport) };
  const github = createPullRequestForge(apis.GitHub, plain);
  const gitea = createPullRequestForge(apis.Gitea, plain);
  const of = ({ place }: ForgeRequest): Forge => {
    if (place === undefined) return plain;
    return place.type === 'GitHub' ? github : gitea;
  };
  const forge: Forge = {
    ensureBranch: (request, ...rest) => of(request).ensureBranch(request, ...rest),
    openRequest: (request, ...rest) => of(request).openRequest(request, ...rest),
    findRequest: (request, ...rest) => of(request).findRequest(request, ...rest),
    reviews: (request, ...rest) => of(request).reviews(request, ...rest),
    checks: (request, ...rest) => of(request).checks(request, ...rest),
    merge: (request, ...rest) => of(request).merge(request, ...rest),
    close: (request, ...rest) => of(request).close(request, ...rest),
  };
  return { forge, pullRequests: createPullRequests(({ type }) => apis[type]) };
}
