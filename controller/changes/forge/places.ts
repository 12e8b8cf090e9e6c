// Where the API of a forge is, by the URL of a repository there. Pure.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { ForgeSettings } from '../../../schemas/kinds/git-sync/git-sync-changes.ts';
import type { PullRequestPlace } from './forge.ts';

export interface ForgePlace {
  readonly apiUrl: string;
  readonly owner: string;
  readonly name: string;
}

/** `SCHEME://HOST/api/v1` of the URL of a repository, with owner and name. @throws ChangesNotConfigured */
export function giteaPlace(url: URL): ForgePlace {
  const parts = url.pathname
    .replace(/\.git\/?$/, '')
    .split('/')
    .filter((part) => part !== '');
  const [owner, name] = parts.slice(-2);
  if (owner === undefined || name === undefined)
    throw new StreamSpaceError(
      'ChangesNotConfigured',
      `${url.origin}${url.pathname} does not end with an owner and a repository`,
    );
  return {
    apiUrl: `${url.origin}${parts
      .slice(0, -2)
      .map((part) => `/${part}`)
      .join('')}/api/v1`,
    owner,
    name,
  };
}

/** The API of the host of a repository, with owner and name. @throws ChangesNotConfigured */
export function githubPlace(url: URL): ForgePlace {
  const [owner, name, ...more] = url.pathname
    .replace(/\.git\/?$/, '')
    .split('/')
    .filter((part) => part !== '');
  if (owner === undefined || name === undefined || more.length > 0)
    throw new StreamSpaceError('ChangesNotConfigured', `${url.origin}${url.pathname} is no OWNER/REPOSITORY of GitHub`);
  return { apiUrl: url.host === 'github.com' ? 'https://api.github.com' : `${url.origin}/api/v3`, owner, name };
}

/** @throws ChangesNotConfigured */
export function placeOf(url: string, { type, apiUrl, mergeMethod, people }: ForgeSettings): PullRequestPlace {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    throw new StreamSpaceError('ChangesNotConfigured', `${url} is no http or https URL, so it does not say where the forge is`);
  const found = type === 'GitHub' ? githubPlace(parsed) : giteaPlace(parsed);
  return { type, ...found, apiUrl: (apiUrl ?? found.apiUrl).replace(/\/+$/, ''), mergeMethod, people };
}
