// What an adapter has to know of a forge with pull requests: each call is one question or one change of its REST API. What is made of
// them is the same for all of them (pull-requests.ts).
import type { GitCredentials } from '../../git/wire/credentials.ts';
import type { PullRequestPlace } from './forge.ts';

/** A repository of the forge, and who asks. */
export interface ForgeRepository {
  readonly place: PullRequestPlace;
  readonly credentials: GitCredentials;
  readonly signal: AbortSignal;
}

export interface PullRequest {
  readonly number: number;
  readonly url: string;
  readonly state: 'Open' | 'Closed' | 'Merged';
  readonly title: string;
  readonly body: string;
  readonly head: string;
  /** The branch that it is for. */
  readonly into: string;
  /** Its branch is in another repository. */
  readonly fork: boolean;
  readonly mergeCommit: string | undefined;
  readonly mergedAt: string | undefined;
}

export interface PullRequestWish {
  readonly branch: string;
  readonly into: string;
  readonly title: string;
  readonly body: string;
}

export interface PullRequestReview {
  readonly login: string;
  readonly verdict: 'Approve' | 'Reject' | 'Other';
  readonly commit: string;
  readonly at: string;
  readonly body: string;
  readonly dismissed: boolean;
}

export interface PullRequestComment {
  /** One that is written later has a greater one. */
  readonly id: number;
  readonly login: string;
  readonly body: string;
}

/** Of any pull request. */
export interface RecentComment extends PullRequestComment {
  readonly number: number;
}

export interface CommitStatus {
  /** Of which of our GitSyncs. */
  readonly context: string;
  readonly state: 'pending' | 'success' | 'failure' | 'error';
  /** At most 140 characters. */
  readonly description: string;
  readonly url: string | undefined;
}

/** What stands on a commit: of each context the newest. */
export interface CommitCheck {
  readonly context: string;
  readonly state: 'pending' | 'success' | 'failure';
  readonly description: string;
}

export type MergeOutcome =
  | { readonly kind: 'merged'; readonly commit: string }
  /** Its head, or the branch it is for, is not what was said. */
  | { readonly kind: 'moved' }
  /** The branch that it is for asks for heads that are up to date with it. */
  | { readonly kind: 'behind' }
  | { readonly kind: 'refused'; readonly message: string };

/** Each throws ForgeAuthFailed, ForgeUnreachable, ForgeRateLimited, ForgeRefused. */
export interface PullRequestApi {
  /** Login of whoever the credentials are. */
  login(at: ForgeRepository): Promise<string>;
  /** Of this branch into that one: the one that is open, else the newest. */
  find(at: ForgeRepository, branch: string, into: string): Promise<PullRequest | undefined>;
  /** Whatever has become of it; undefined: there is none of this number. */
  get(at: ForgeRepository, number: number): Promise<PullRequest | undefined>;
  /** Those that are open for this branch, at most 100, those of longest standing first. */
  list(at: ForgeRepository, into: string): Promise<readonly PullRequest[]>;
  /** Those for this branch that are closed, merged or not: the 50 that something was said of last. */
  closed(at: ForgeRepository, into: string): Promise<readonly PullRequest[]>;
  /** Of all pull requests and issues: what was written or changed since, about 100 at most. */
  recentComments(at: ForgeRepository, since: Date): Promise<readonly RecentComment[]>;
  /** @returns what the forge says where it opens none, as there is one already or for another reason */
  open(at: ForgeRepository, wish: PullRequestWish): Promise<PullRequest | { readonly refused: string }>;
  edit(at: ForgeRepository, number: number, change: { readonly title?: string; readonly body?: string }): Promise<void>;
  close(at: ForgeRepository, number: number): Promise<void>;
  reviews(at: ForgeRepository, number: number): Promise<readonly PullRequestReview[]>;
  comments(at: ForgeRepository, number: number): Promise<readonly PullRequestComment[]>;
  createComment(at: ForgeRepository, number: number, body: string): Promise<void>;
  editComment(at: ForgeRepository, id: number, body: string): Promise<void>;
  deleteComment(at: ForgeRepository, id: number): Promise<void>;
  setStatus(at: ForgeRepository, commit: string, status: CommitStatus): Promise<void>;
  checks(at: ForgeRepository, commit: string): Promise<readonly CommitCheck[]>;
  /** Contexts that have to be green before a merge into this branch. */
  requiredContexts(at: ForgeRepository, branch: string): Promise<readonly string[]>;
  merge(
    at: ForgeRepository,
    number: number,
    wish: { readonly head: string; readonly title: string; readonly message: string },
  ): Promise<MergeOutcome>;
}
