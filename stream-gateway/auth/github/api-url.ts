// Where a GitHub answers programs.
import type { GitHubProviderSpec } from '../../../schemas/kinds/sign-in/github-provider.ts';

/** Where the REST API of this GitHub is, without a slash at the end. */
export function githubApiUrl({ url, apiUrl }: Pick<GitHubProviderSpec, 'url' | 'apiUrl'>): string {
  if (apiUrl !== undefined) return apiUrl;
  const { protocol, host } = new URL(url);
  return host === 'github.com' || host.endsWith('.ghe.com') ? `${protocol}//api.${host}` : `${protocol}//${host}/api/v3`;
}
