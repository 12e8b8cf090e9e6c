// Commits and what hangs on them (statuses, check runs, refs, branches) as GitHub writes them.
import type { ChangedFile, CommitFacts, Person } from './changes.ts';
import type { Forge } from './forge.ts';
import type { JsonObject } from './json.ts';
import { iso, nodeId, presentAccount, presentApp, repositoryPage, repositoryUrl } from './present-repository.ts';
import type { CheckRun, CommitStatus, Protection, Repository } from './state.ts';

export function presentCommit(forge: Forge, repository: Repository, commit: CommitFacts): JsonObject {
  const base = repositoryUrl(forge, repository);
  const page = repositoryPage(forge, repository);
  const url = `${base}/commits/${commit.sha}`;
  return {
    sha: commit.sha,
    node_id: Buffer.from(`C_${commit.sha}`).toString('base64'),
    commit: {
      author: presentPerson(commit.author),
      committer: presentPerson(commit.committer),
      message: commit.message,
      tree: { sha: commit.tree, url: `${base}/git/trees/${commit.tree}` },
      url: `${base}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
    },
    url,
    html_url: `${page}/commit/${commit.sha}`,
    comments_url: `${url}/comments`,
    author: accountOf(forge, commit.author),
    committer: accountOf(forge, commit.committer),
    parents: commit.parents.map((sha) => ({ sha, url: `${base}/commits/${sha}`, html_url: `${page}/commit/${sha}` })),
  };
}

function presentPerson({ name, email, date }: Person): JsonObject {
  return { name, email, date: iso(new Date(date)) };
}

/** By the address GitHub gives each account; any other belongs to nobody here. */
function accountOf(forge: Forge, { email }: Person): JsonObject | null {
  const [, login = ''] = /^\d+\+(.+)@users\.noreply\.github\.com$/.exec(email) ?? [];
  const account = forge.knownAccount(login);
  return account === undefined ? null : presentAccount(forge, account);
}

export function presentFile(forge: Forge, repository: Repository, head: string, file: ChangedFile): JsonObject {
  const page = repositoryPage(forge, repository);
  const name = file.path.split('/').map(encodeURIComponent).join('/');
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${page}/blob/${head}/${name}`,
    raw_url: `${page}/raw/${head}/${name}`,
    contents_url: `${repositoryUrl(forge, repository)}/contents/${name}?ref=${head}`,
    ...(file.patch === undefined ? {} : { patch: file.patch }),
    ...(file.previousPath === undefined ? {} : { previous_filename: file.previousPath }),
  };
}

/** As it stands in the combined status. */
export function presentSimpleStatus(forge: Forge, repository: Repository, status: CommitStatus): JsonObject {
  return {
    url: `${repositoryUrl(forge, repository)}/statuses/${status.sha}`,
    avatar_url: `${forge.webUrl}/avatars/u/${status.creator.id}`,
    id: status.id,
    node_id: nodeId('StatusContext', status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: iso(status.createdAt),
    updated_at: iso(status.createdAt),
  };
}

export function presentStatus(forge: Forge, repository: Repository, status: CommitStatus): JsonObject {
  return { ...presentSimpleStatus(forge, repository, status), creator: presentAccount(forge, status.creator) };
}

export function presentCheckRun(forge: Forge, repository: Repository, run: CheckRun): JsonObject {
  const url = `${repositoryUrl(forge, repository)}/check-runs/${run.id}`;
  const page = `${repositoryPage(forge, repository)}/runs/${run.id}`;
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('CheckRun', run.id),
    head_sha: run.sha,
    external_id: '',
    url,
    html_url: page,
    details_url: page,
    status: run.conclusion === null ? 'in_progress' : 'completed',
    conclusion: run.conclusion,
    started_at: iso(run.startedAt),
    completed_at: run.conclusion === null ? null : iso(run.startedAt),
    output: { title: null, summary: null, text: null, annotations_count: 0, annotations_url: `${url}/annotations` },
    check_suite: { id: run.id },
    app: presentApp(forge, forge.account('github-actions[bot]', 'Bot')),
    pull_requests: [],
  };
}

export function presentRef(forge: Forge, repository: Repository, ref: string, sha: string): JsonObject {
  const base = repositoryUrl(forge, repository);
  return {
    ref,
    node_id: Buffer.from(`REF_${repository.id}${ref}`).toString('base64'),
    url: `${base}/git/${ref}`,
    object: { sha, type: 'commit', url: `${base}/git/commits/${sha}` },
  };
}

/** As it stands in a branch, which everybody may read. */
export function presentProtectionSummary(protection: Protection | undefined): JsonObject {
  const contexts = protection?.requiredContexts ?? [];
  return {
    enabled: protection !== undefined,
    required_status_checks: {
      enforcement_level: contexts.length === 0 ? 'off' : protection?.enforceAdmins === false ? 'non_admins' : 'everyone',
      contexts,
      checks: contexts.map((context) => ({ context, app_id: null })),
    },
  };
}

/** Only for admins. Rules that are off are left out. */
export function presentProtection(url: string, protection: Protection): JsonObject {
  const contexts = protection.requiredContexts ?? [];
  const reviews = {
    url: `${url}/required_pull_request_reviews`,
    dismiss_stale_reviews: protection.dismissStale === true,
    require_code_owner_reviews: protection.requireCodeOwnerReviews === true,
    require_last_push_approval: false,
    required_approving_review_count: protection.requiredApprovals ?? 0,
  };
  const checks = {
    url: `${url}/required_status_checks`,
    strict: protection.strict === true,
    contexts,
    contexts_url: `${url}/required_status_checks/contexts`,
    checks: contexts.map((context) => ({ context, app_id: null })),
  };
  return {
    url,
    ...(protection.requiredApprovals !== undefined || protection.requireCodeOwnerReviews === true
      ? { required_pull_request_reviews: reviews }
      : {}),
    ...(contexts.length > 0 || protection.strict === true ? { required_status_checks: checks } : {}),
    required_signatures: { url: `${url}/required_signatures`, enabled: false },
    enforce_admins: { url: `${url}/enforce_admins`, enabled: protection.enforceAdmins ?? true },
    required_linear_history: { enabled: false },
    allow_force_pushes: { enabled: false },
    allow_deletions: { enabled: false },
    block_creations: { enabled: false },
    required_conversation_resolution: { enabled: false },
    lock_branch: { enabled: false },
    allow_fork_syncing: { enabled: false },
  };
}

export function presentRules(repository: Repository, protection: Protection): readonly JsonObject[] {
  const ruleset = {
    ruleset_source_type: 'Repository',
    ruleset_source: `${repository.owner.login}/${repository.name}`,
    ruleset_id: repository.id,
  };
  const reviews = {
    allowed_merge_methods: ['merge', 'squash', 'rebase'],
    dismiss_stale_reviews_on_push: protection.dismissStale === true,
    require_code_owner_review: protection.requireCodeOwnerReviews === true,
    require_last_push_approval: false,
    required_approving_review_count: protection.requiredApprovals ?? 0,
    required_review_thread_resolution: false,
  };
  const contexts = protection.requiredContexts ?? [];
  const checks = {
    required_status_checks: contexts.map((context) => ({ context })),
    strict_required_status_checks_policy: protection.strict === true,
  };
  return [
    { type: 'pull_request', parameters: reviews, ...ruleset },
    ...(contexts.length === 0 ? [] : [{ type: 'required_status_checks', parameters: checks, ...ruleset }]),
  ];
}
