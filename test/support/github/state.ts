// What GitHub remembers beside git: accounts, repositories, pull requests and what people did to them.
import type { BareRepository } from './git.ts';
import type { Json } from './json.ts';

export type Role = 'read' | 'write' | 'admin';

export interface Account {
  readonly id: number;
  /** People change it, and others may take it then. */
  login: string;
  readonly type: 'User' | 'Bot' | 'Organization';
  readonly createdAt: Date;
}

export interface Credential {
  readonly account: Account;
  /** `jwt` is how an app speaks for itself, `client` an OAuth App; `installation` is what an app acts with. */
  readonly kind: 'user' | 'jwt' | 'client' | 'installation';
  /** As of a fine-grained token: what the account itself may do is the other limit. */
  readonly access: 'read' | 'write';
  /** Default: never. */
  readonly expiresAt?: Date;
  /** Of a token of an OAuth App, and of one that speaks for itself. */
  readonly oauth?: { readonly clientId: string; readonly scopes: readonly string[] };
}

export interface Protection {
  /** From people with write access, not the author. Default: 0. */
  readonly requiredApprovals?: number;
  readonly requiredContexts?: readonly string[];
  /** The head must contain the base. Default: false. */
  readonly strict?: boolean;
  readonly requireCodeOwnerReviews?: boolean;
  /** A push takes approvals back. Default: false. */
  readonly dismissStale?: boolean;
  /** Default: true. Otherwise admins merge past all of this. */
  readonly enforceAdmins?: boolean;
}

export type ReviewState = 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED';

export interface Review {
  readonly id: number;
  readonly account: Account;
  readonly body: string;
  state: ReviewState;
  readonly commitId: string;
  readonly submittedAt: Date;
}

export interface Comment {
  readonly id: number;
  /** Of the pull request. */
  readonly number: number;
  readonly account: Account;
  body: string;
  readonly createdAt: Date;
  updatedAt: Date;
}

export interface CommitStatus {
  readonly id: number;
  readonly sha: string;
  readonly state: 'error' | 'failure' | 'pending' | 'success';
  readonly context: string;
  readonly description: string | null;
  readonly targetUrl: string | null;
  readonly creator: Account;
  readonly createdAt: Date;
}

export type CheckConclusion = 'success' | 'failure' | 'neutral' | 'cancelled' | 'skipped' | 'timed_out' | 'action_required';

export interface CheckRun {
  readonly id: number;
  readonly sha: string;
  readonly name: string;
  /** `null` while it runs. */
  readonly conclusion: CheckConclusion | null;
  readonly startedAt: Date;
}

export interface PullRequest {
  readonly id: number;
  readonly number: number;
  readonly author: Account;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  readonly draft: boolean;
  readonly maintainerCanModify: boolean;
  readonly head: { readonly repository: Repository; readonly ref: string };
  baseRef: string;
  /** Both follow git while it is open, and stay what they were when it is closed. */
  headSha: string;
  baseSha: string;
  readonly createdAt: Date;
  updatedAt: Date;
  closedAt: Date | null;
  mergedAt: Date | null;
  mergedBy: Account | null;
  /** Of the test merge while it is open; `null` for a conflict. */
  mergeCommitSha: string | null;
  readonly reviews: Review[];
}

export type MergeMethod = 'merge' | 'squash' | 'rebase';

export interface Repository {
  readonly id: number;
  readonly owner: Account;
  readonly name: string;
  readonly private: boolean;
  readonly defaultBranch: string;
  readonly git: BareRepository;
  readonly parent: Repository | undefined;
  readonly createdAt: Date;
  /** By login; the owner is always admin. */
  readonly roles: Map<string, Role>;
  readonly pulls: Map<number, PullRequest>;
  readonly comments: Map<number, Comment>;
  readonly statuses: CommitStatus[];
  readonly checkRuns: CheckRun[];
  /** By branch. */
  readonly protections: Map<string, Protection>;
  readonly rulesets: Map<string, Protection>;
  mergeMethods: readonly MergeMethod[];
  deleteBranchOnMerge: boolean;
  /** So many answers say that mergeability is not known yet, as GitHub does after each push. */
  mergeabilityUnknown: number;
  /** As last seen; what differs from it has been pushed since. */
  heads: ReadonlyMap<string, string>;
  lastPusher: Account;
}

export interface Counts {
  pullRequests: number;
  comments: number;
  commentEdits: number;
  commentDeletions: number;
  statuses: number;
  merges: number;
  refDeletions: number;
}

export type GitHubEvent =
  | {
      readonly event: 'pull_request';
      readonly action: 'opened' | 'closed' | 'reopened' | 'edited' | 'synchronize';
      readonly repository: Repository;
      readonly pull: PullRequest;
      readonly sender: Account;
      readonly more?: Readonly<Record<string, Json>>;
    }
  | {
      readonly event: 'pull_request_review';
      readonly action: 'submitted' | 'dismissed';
      readonly repository: Repository;
      readonly pull: PullRequest;
      readonly review: Review;
      readonly sender: Account;
    }
  | {
      readonly event: 'issue_comment';
      readonly action: 'created' | 'edited' | 'deleted';
      readonly repository: Repository;
      readonly pull: PullRequest;
      readonly comment: Comment;
      readonly sender: Account;
      readonly more?: Readonly<Record<string, Json>>;
    }
  | {
      readonly event: 'push';
      readonly repository: Repository;
      readonly branch: string;
      readonly before: string | undefined;
      readonly after: string | undefined;
      readonly sender: Account;
    };
