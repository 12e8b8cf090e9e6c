// What change requests need of a forge. Each operation may be called again after a crash: it finds what is there already and makes
// nothing twice. An adapter per forge; plain-git.ts is for any remote without pull requests.

import type { ForgeSettings } from '../../../schemas/kinds/git-sync/git-sync-changes.ts';
import type { Signature } from '../../git/clone/write-commit.ts';
import type { CommitSha } from '../../git/commit-sha.ts';
import type { CommitSigner } from '../../git/sign/ssh-signer.ts';
import type { Repository } from '../../git/source.ts';
import type { GitCredentials } from '../../git/wire/credentials.ts';
import type { CommentMemory } from '../comment/standing-comment.ts';

/** What an adapter is told of a change request; the same at each call. */
/** Where its pull request is. */
export interface PullRequestPlace {
  readonly type: ForgeSettings['type'];
  /** Without a slash at its end. */
  readonly apiUrl: string;
  readonly owner: string;
  readonly name: string;
  readonly mergeMethod: ForgeSettings['mergeMethod'];
  readonly people: ForgeSettings['people'];
}

export interface ForgeRequest {
  /** To read with. */
  readonly repository: Repository;
  /** To push and to ask the forge with. */
  readonly credentials: GitCredentials;
  /** Its own branch, named after its UID. */
  readonly branch: string;
  /** The branch that it is for. */
  readonly into: string;
  readonly title: string;
  readonly body: string;
  /** Undefined: the remote has no pull requests. */
  readonly place: PullRequestPlace | undefined;
}

export interface ForgeReview {
  /** Who it is here, or the login of somebody who is not known here. */
  readonly by: string;
  readonly verdict: 'Approve' | 'Reject';
  readonly commit: string;
  readonly at: string;
  readonly reason?: string | undefined;
  /** Why it counts for nothing, whoever gave it. */
  readonly void?: 'Dismissed' | 'Unknown' | 'NoRight' | undefined;
}

/** What is to stand in the branch once it is merged. */
export interface MergeWish {
  readonly commit: CommitSha;
  /** What the branch has to be at: moved, nothing is merged. */
  readonly tip: CommitSha;
  /** The files of the commit, for a branch that has moved beside them. */
  readonly files: ReadonlyMap<string, Uint8Array | undefined>;
  readonly committer: Signature;
  readonly at: Date;
  readonly message: string;
  /** For a merge commit that is ours; one of a forge is its own. */
  readonly signer?: CommitSigner | undefined;
}

export interface OpenedRequest {
  /** Where people look at it; left out where that is our own page. */
  readonly url?: string;
  readonly number?: number;
  readonly state: 'Open' | 'Closed' | 'Merged';
  /** What the branch was at after the merge. */
  readonly mergeCommit?: string;
}

/** What the forge itself asks for before a merge. */
export interface ForgeChecks {
  readonly state: 'passed' | 'pending' | 'failed';
  /** Which of it is not so. */
  readonly message: string;
}

export interface Forge {
  /** Makes the branch, or moves it, to this commit of the clone. @throws GitPushRaced, GitPushRefused */
  ensureBranch(request: ForgeRequest, commit: CommitSha, signal: AbortSignal): Promise<void>;
  /** Opens the pull request, or finds the one that is open; one for a branch, whatever happens in between. */
  openRequest(request: ForgeRequest, signal: AbortSignal): Promise<OpenedRequest>;
  /** What the forge says of it: undefined where there is none. */
  findRequest(request: ForgeRequest, signal: AbortSignal): Promise<OpenedRequest | undefined>;
  /** Reviews that were given there. */
  reviews(request: ForgeRequest, signal: AbortSignal): Promise<readonly ForgeReview[]>;
  /** Whether what the forge itself asks for before a merge is so. */
  checks(request: ForgeRequest, commit: CommitSha, signal: AbortSignal): Promise<ForgeChecks>;
  /**
   * @returns what the branch is at then; `Behind` where the forge merges only what was made on the branch as it is
   * @throws GitPushRaced where it has moved, GitPushRefused
   */
  merge(request: ForgeRequest, wish: MergeWish, signal: AbortSignal): Promise<CommitSha | 'Behind'>;
  /** Takes the branch away. */
  close(request: ForgeRequest, signal: AbortSignal): Promise<void>;
}

/** A repository of a forge, for whoever looks at all of its pull requests. */
export interface ForgeAt {
  readonly place: PullRequestPlace;
  readonly credentials: GitCredentials;
}

export interface PullRequestRef {
  readonly number: number;
  readonly head: string;
  /** Its branch is in another repository. */
  readonly fork: boolean;
}

export interface MergedRef {
  readonly number: number;
  readonly mergeCommit: CommitSha;
  readonly mergedAt: Date;
}

/** Somebody asks in a comment for a plan. */
export interface PlanCommand {
  readonly number: number;
  /** Of the comment: one that is written later has a greater one. */
  readonly id: number;
  readonly login: string;
}

/** What stands in front of the plan, and what we have to remember with it. */
export interface CommentNote {
  readonly text: string;
  readonly memory: CommentMemory;
}

/** One that somebody names. */
export interface NamedPullRequest extends PullRequestRef {
  readonly state: 'Open' | 'Closed' | 'Merged';
  /** The branch that it is for. */
  readonly into: string;
}

export interface ForgeStatus {
  readonly context: string;
  readonly state: 'pending' | 'success' | 'failure';
  /** At most 140 characters. */
  readonly description: string;
  readonly url: string | undefined;
}

/** All pull requests of a repository, ours or not. */
export interface PullRequests {
  /** @returns undefined: there is none of this number */
  get(at: ForgeAt, number: number, signal: AbortSignal): Promise<NamedPullRequest | undefined>;
  /** Those that are open for this branch. */
  list(at: ForgeAt, into: string, signal: AbortSignal): Promise<readonly PullRequestRef[]>;
  /** Those that were merged into this branch since, of the 50 that something was said of last. */
  merged(at: ForgeAt, into: string, since: Date, signal: AbortSignal): Promise<readonly MergedRef[]>;
  /** Of each pull request the last comment that asks for a plan of this GitSync, of those that were written or changed since. */
  commands(at: ForgeAt, mark: string, since: Date, signal: AbortSignal): Promise<readonly PlanCommand[]>;
  /** Writes what we have to say of a pull request, or what is new in it: the texts, as many as there are, in their order. */
  comment(at: ForgeAt, number: number, mark: string, texts: readonly string[], signal: AbortSignal): Promise<void>;
  /**
   * Puts a note in front of what we have said, in place of the one before. Nothing is written where it says so already.
   * @param decide by what is remembered there, or by that nothing was said yet; `undefined` leaves it as it is
   */
  note(
    at: ForgeAt,
    number: number,
    mark: string,
    decide: (memory: CommentMemory | undefined) => Promise<CommentNote | undefined>,
    signal: AbortSignal,
  ): Promise<void>;
  /** Of a commit; nothing is written where it says so already, and `pending` only where it says nothing yet. */
  setStatus(at: ForgeAt, commit: string, status: ForgeStatus, signal: AbortSignal): Promise<void>;
}
