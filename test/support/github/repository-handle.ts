// What people do at GitHub while our side looks on: reviews, comments, merges, rules, pushes; straight into the state.
import type { BranchFiles } from './branch-files.ts';
import { writeBranch } from './branch-files.ts';
import type { Forge } from './forge.ts';
import { mergePullRequest, signatureOf } from './merge.ts';
import { close, observe, reopen } from './pull-requests.ts';
import { addComment } from './routes-comments.ts';
import { addStatus } from './routes-commits.ts';
import type {
  CheckConclusion,
  CommitStatus,
  MergeMethod,
  Protection,
  PullRequest,
  Repository,
  ReviewState,
  Role,
} from './state.ts';

const VERDICTS = { approve: 'APPROVED', requestChanges: 'CHANGES_REQUESTED', comment: 'COMMENTED' } as const satisfies Record<
  string,
  ReviewState
>;

/** A pull request as GitHub remembers it, for tests to look at. */
export interface PullRequestFacts {
  readonly number: number;
  readonly title: string;
  readonly body: string | null;
  readonly state: 'open' | 'closed';
  readonly merged: boolean;
  readonly author: string;
  /** `owner:branch` */
  readonly head: string;
  readonly headSha: string;
  readonly base: string;
  readonly baseSha: string;
  readonly mergeCommitSha: string | null;
}

export interface CommentFacts {
  readonly id: number;
  readonly number: number;
  readonly author: string;
  readonly body: string;
}

export class RepositoryHandle {
  readonly owner: string;
  readonly name: string;
  /** The bare repository on disk; pushes into it are taken up as if they came by HTTP, from the owner. */
  readonly folder: string;
  readonly #forge: Forge;
  readonly #repository: Repository;
  readonly #exclusive: <T>(work: () => Promise<T>) => Promise<T>;

  constructor(forge: Forge, repository: Repository, exclusive: <T>(work: () => Promise<T>) => Promise<T>) {
    this.owner = repository.owner.login;
    this.name = repository.name;
    this.folder = repository.git.folder;
    this.#forge = forge;
    this.#repository = repository;
    this.#exclusive = exclusive;
  }

  /** Without credentials in it. */
  get gitUrl(): string {
    return `${this.#forge.webUrl}/${this.owner}/${this.name}.git`;
  }

  /** `none` takes the right away. */
  collaborator(login: string, role: Role | 'none'): void {
    this.#forge.account(login);
    if (role === 'none') this.#repository.roles.delete(login.toLowerCase());
    else this.#repository.roles.set(login.toLowerCase(), role);
  }

  /** `undefined` takes the rules away. Classic branch protection, which also refuses direct pushes. */
  async protect(branch: string, protection: Protection | undefined): Promise<void> {
    const { protections, git } = this.#repository;
    if (protection === undefined) protections.delete(branch);
    else protections.set(branch, protection);
    await git.writeProtectedRefs([...protections.keys()]);
  }

  /** The same wishes as a ruleset: told by `/rules/branches`, not by `/protection`. */
  ruleset(branch: string, rules: Protection | undefined): void {
    if (rules === undefined) this.#repository.rulesets.delete(branch);
    else this.#repository.rulesets.set(branch, rules);
  }

  mergeMethods(methods: readonly MergeMethod[], options: { readonly deleteBranch?: boolean } = {}): void {
    this.#repository.mergeMethods = methods;
    this.#repository.deleteBranchOnMerge = options.deleteBranch ?? false;
  }

  /** So many answers say `mergeable: null`, as GitHub does while it still computes. */
  mergeabilityUnknown(times: number): void {
    this.#repository.mergeabilityUnknown = times;
  }

  /** A commit on a branch with these files changed; gives its id. */
  async push(
    branch: string,
    files: BranchFiles,
    options: { readonly by?: string; readonly message?: string; readonly from?: string } = {},
  ): Promise<string> {
    return await this.#changing(async () => {
      const by = this.#forge.account(options.by ?? this.owner);
      this.#repository.lastPusher = by;
      const message = options.message ?? `Change ${Object.keys(files).join(', ')}`;
      const { git, defaultBranch } = this.#repository;
      return await writeBranch(git, {
        branch,
        files,
        message,
        author: signatureOf(by),
        from: options.from ?? defaultBranch,
        at: this.#forge.now(),
      });
    });
  }

  async deleteBranch(branch: string, by: string = this.owner): Promise<void> {
    await this.#changing(async () => {
      this.#repository.lastPusher = this.#forge.account(by);
      await this.#repository.git.run('update-ref', '-d', `refs/heads/${branch}`);
    });
  }

  /** Of the head as it is now. Gives the id of the review. */
  async review(number: number, by: string, verdict: keyof typeof VERDICTS, body = ''): Promise<number> {
    return await this.#changing(async () => {
      const pull = this.#pull(number);
      const review = {
        id: this.#forge.nextId(),
        account: this.#forge.account(by),
        body,
        state: VERDICTS[verdict],
        commitId: pull.headSha,
        submittedAt: this.#forge.now(),
      };
      pull.reviews.push(review);
      const { repository, sender } = { repository: this.#repository, sender: review.account };
      this.#forge.emit({ event: 'pull_request_review', action: 'submitted', repository, pull, review, sender });
      return review.id;
    });
  }

  async dismissReview(number: number, id: number, by: string): Promise<void> {
    await this.#changing(async () => {
      const pull = this.#pull(number);
      const review = pull.reviews.find((each) => each.id === id);
      if (review === undefined) throw new Error(`pull request ${number} has no review ${id}`);
      review.state = 'DISMISSED';
      const { repository, sender } = { repository: this.#repository, sender: this.#forge.account(by) };
      this.#forge.emit({ event: 'pull_request_review', action: 'dismissed', repository, pull, review, sender });
    });
  }

  async comment(number: number, by: string, body: string): Promise<number> {
    return await this.#changing(async () => {
      return addComment(this.#forge, this.#repository, this.#pull(number), this.#forge.account(by), body).id;
    });
  }

  async status(sha: string, context: string, state: CommitStatus['state'], by: string = this.owner): Promise<void> {
    await this.#changing(async () => {
      const wish = { sha, context, state, description: null, targetUrl: null };
      addStatus(this.#forge, this.#repository, this.#forge.account(by), wish);
    });
  }

  /** `null` for one that runs. */
  checkRun(sha: string, name: string, conclusion: CheckConclusion | null): void {
    this.#repository.checkRuns.push({ id: this.#forge.nextId(), sha, name, conclusion, startedAt: this.#forge.now() });
  }

  async close(number: number, by: string): Promise<void> {
    await this.#changing(async () => close(this.#forge, this.#repository, this.#pull(number), this.#forge.account(by)));
  }

  async reopen(number: number, by: string): Promise<void> {
    await this.#changing(async () => await reopen(this.#forge, this.#repository, this.#pull(number), this.#forge.account(by)));
  }

  /** As the button does: rules apply. Gives the commit the base is at then. */
  async merge(number: number, by: string, method: MergeMethod = 'merge'): Promise<string> {
    return await this.#changing(async () => {
      return await mergePullRequest(this.#forge, this.#repository, this.#pull(number), this.#forge.account(by), { method });
    });
  }

  async pullRequests(): Promise<readonly PullRequestFacts[]> {
    return await this.#changing(async () => [...this.#repository.pulls.values()].map(factsOf));
  }

  comments(number: number): readonly CommentFacts[] {
    const found = [...this.#repository.comments.values()].filter((comment) => comment.number === number);
    return found.map(({ id, account, body }) => ({ id, number, author: account.login, body }));
  }

  #pull(number: number): PullRequest {
    const pull = this.#repository.pulls.get(number);
    if (pull === undefined) throw new Error(`${this.owner}/${this.name} has no pull request ${number}`);
    return pull;
  }

  /** What was pushed before comes first, and what the work itself pushes is taken up, too. */
  async #changing<T>(work: () => Promise<T>): Promise<T> {
    return await this.#exclusive(async () => {
      await observe(this.#forge, this.#repository);
      const result = await work();
      await observe(this.#forge, this.#repository);
      return result;
    });
  }
}

function factsOf(pull: PullRequest): PullRequestFacts {
  return {
    number: pull.number,
    title: pull.title,
    body: pull.body,
    state: pull.state,
    merged: pull.mergedAt !== null,
    author: pull.author.login,
    head: `${pull.head.repository.owner.login}:${pull.head.ref}`,
    headSha: pull.headSha,
    base: pull.baseRef,
    baseSha: pull.baseSha,
    mergeCommitSha: pull.mergeCommitSha,
  };
}
