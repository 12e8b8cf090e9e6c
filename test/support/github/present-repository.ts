// Accounts and repositories as GitHub writes them.
import type { Forge } from './forge.ts';
import type { Json, JsonObject } from './json.ts';
import type { Account, Repository, Role } from './state.ts';

export function nodeId(kind: string, id: number): string {
  return Buffer.from(`0:${kind}${id}`).toString('base64');
}

export function iso(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

export function presentAccount(forge: Forge, { id, login, type }: Account): JsonObject {
  const url = `${forge.apiUrl}/users/${encodeURIComponent(login)}`;
  return {
    login,
    id,
    node_id: nodeId(type, id),
    avatar_url: `${forge.webUrl}/avatars/u/${id}`,
    gravatar_id: '',
    url,
    html_url: `${forge.webUrl}/${type === 'Bot' ? `apps/${login.replace('[bot]', '')}` : login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    user_view_type: 'public',
    site_admin: false,
  };
}

export function presentOwnAccount(forge: Forge, account: Account): JsonObject {
  return {
    ...presentAccount(forge, account),
    name: forge.people.profile(account).name,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: [...forge.repositories.values()].filter(({ owner }) => owner === account).length,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: iso(account.createdAt),
    updated_at: iso(account.createdAt),
  };
}

export const APP_PERMISSIONS = {
  ...{ contents: 'write', issues: 'write', metadata: 'read', pull_requests: 'write', statuses: 'write' },
};

/** The app behind a bot account. */
export function presentApp(forge: Forge, bot: Account): JsonObject {
  const slug = bot.login.replace('[bot]', '');
  return {
    id: bot.id,
    slug,
    node_id: nodeId('Integration', bot.id),
    client_id: `Iv1.${bot.id}`,
    owner: presentAccount(forge, forge.account('app-owner', 'Organization')),
    name: slug,
    description: null,
    external_url: `${forge.webUrl}/${slug}`,
    html_url: `${forge.webUrl}/apps/${slug}`,
    created_at: iso(bot.createdAt),
    updated_at: iso(bot.createdAt),
    permissions: APP_PERMISSIONS,
    events: ['pull_request', 'pull_request_review', 'push', 'issue_comment'],
    installations_count: 1,
  };
}

/** Addresses below a repository's own that are only told, not served. */
const BELOW: Readonly<Record<string, string>> = {
  archive_url: '/{archive_format}{/ref}',
  assignees_url: '/assignees{/user}',
  blobs_url: '/git/blobs{/sha}',
  branches_url: '/branches{/branch}',
  collaborators_url: '/collaborators{/collaborator}',
  comments_url: '/comments{/number}',
  commits_url: '/commits{/sha}',
  compare_url: '/compare/{base}...{head}',
  contents_url: '/contents/{+path}',
  contributors_url: '/contributors',
  deployments_url: '/deployments',
  downloads_url: '/downloads',
  events_url: '/events',
  forks_url: '/forks',
  git_commits_url: '/git/commits{/sha}',
  git_refs_url: '/git/refs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  hooks_url: '/hooks',
  issue_comment_url: '/issues/comments{/number}',
  issue_events_url: '/issues/events{/number}',
  issues_url: '/issues{/number}',
  keys_url: '/keys{/key_id}',
  labels_url: '/labels{/name}',
  languages_url: '/languages',
  merges_url: '/merges',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  pulls_url: '/pulls{/number}',
  releases_url: '/releases{/id}',
  stargazers_url: '/stargazers',
  statuses_url: '/statuses/{sha}',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  tags_url: '/tags',
  teams_url: '/teams',
  trees_url: '/git/trees{/sha}',
};

export function repositoryUrl(forge: Forge, { owner, name }: Repository): string {
  return `${forge.apiUrl}/repos/${owner.login}/${name}`;
}

export function repositoryPage(forge: Forge, { owner, name }: Repository): string {
  return `${forge.webUrl}/${owner.login}/${name}`;
}

/** As it stands inside of other answers. */
export function presentMinimalRepository(forge: Forge, repository: Repository): JsonObject {
  const url = repositoryUrl(forge, repository);
  return {
    id: repository.id,
    node_id: nodeId('Repository', repository.id),
    name: repository.name,
    full_name: `${repository.owner.login}/${repository.name}`,
    private: repository.private,
    owner: presentAccount(forge, repository.owner),
    html_url: repositoryPage(forge, repository),
    description: null,
    fork: repository.parent !== undefined,
    url,
    ...Object.fromEntries(Object.entries(BELOW).map(([name, rest]) => [name, url + rest])),
  };
}

/** As it stands in the head and the base of a pull request. */
export function presentRepository(forge: Forge, repository: Repository): JsonObject {
  const page = repositoryPage(forge, repository);
  const host = new URL(forge.webUrl).host;
  const open = [...repository.pulls.values()].filter(({ state }) => state === 'open').length;
  const at = iso(repository.createdAt);
  return {
    ...presentMinimalRepository(forge, repository),
    created_at: at,
    updated_at: at,
    pushed_at: at,
    git_url: `git://${host}/${repository.owner.login}/${repository.name}.git`,
    ssh_url: `git@${host}:${repository.owner.login}/${repository.name}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    homepage: null,
    size: 1,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: true,
    has_projects: true,
    has_downloads: true,
    has_wiki: true,
    has_pages: false,
    has_discussions: false,
    forks_count: forge.network(repository).length - 1,
    mirror_url: null,
    archived: false,
    disabled: false,
    open_issues_count: open,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.private ? 'private' : 'public',
    forks: forge.network(repository).length - 1,
    open_issues: open,
    watchers: 0,
    default_branch: repository.defaultBranch,
  };
}

/** As it is answered when asked for by name; who may not push is not told how merges are made. */
export function presentFullRepository(forge: Forge, repository: Repository, viewer: Account | undefined): JsonObject {
  const parent = repository.parent === undefined ? undefined : presentRepository(forge, repository.parent);
  const may = (role: Role): boolean => forge.has(repository, viewer, role);
  const settings: Readonly<Record<string, Json>> = {
    allow_merge_commit: repository.mergeMethods.includes('merge'),
    allow_squash_merge: repository.mergeMethods.includes('squash'),
    allow_rebase_merge: repository.mergeMethods.includes('rebase'),
    allow_auto_merge: false,
    allow_update_branch: false,
    delete_branch_on_merge: repository.deleteBranchOnMerge,
  };
  return {
    ...presentRepository(forge, repository),
    ...(viewer === undefined
      ? {}
      : { permissions: { admin: may('admin'), maintain: may('admin'), push: may('write'), triage: may('write'), pull: true } }),
    ...(may('write') ? settings : {}),
    ...(parent === undefined ? {} : { parent, source: parent }),
    network_count: forge.network(repository).length - 1,
    subscribers_count: 0,
  };
}
