// The forge of a change request: by what its GitSync says.
import type { GitTransport } from '../../git/wire/http.ts';
import type { Forge, ForgeRequest } from './forge.ts';
import { createGiteaApi } from './gitea-api.ts';
import { createGitHubApi } from './github-api.ts';
import { createPlainGitForge, type PlainGitPorts } from './plain-git.ts';
import { createPullRequestForge } from './pull-requests.ts';

/** One that asks the right one of all. */
export function createForges(ports: PlainGitPorts & { readonly transport: GitTransport }): Forge {
  const plain = createPlainGitForge(ports);
  const github = createPullRequestForge(createGitHubApi(ports.transport), plain);
  const gitea = createPullRequestForge(createGiteaApi(ports.transport), plain);
  const of = ({ pullRequest }: ForgeRequest): Forge => {
    if (pullRequest === undefined) return plain;
    return pullRequest.type === 'GitHub' ? github : gitea;
  };
  return {
    ensureBranch: (request, ...rest) => of(request).ensureBranch(request, ...rest),
    openRequest: (request, ...rest) => of(request).openRequest(request, ...rest),
    findRequest: (request, ...rest) => of(request).findRequest(request, ...rest),
    comment: (request, ...rest) => of(request).comment(request, ...rest),
    reviews: (request, ...rest) => of(request).reviews(request, ...rest),
    checks: (request, ...rest) => of(request).checks(request, ...rest),
    merge: (request, ...rest) => of(request).merge(request, ...rest),
    close: (request, ...rest) => of(request).close(request, ...rest),
  };
}
