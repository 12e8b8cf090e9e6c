// The id of a commit, and where a repository is followed.
import { StreamSpaceError } from '../../schemas/errors.ts';

/** 40 lower-case hexadecimal digits. */
export type CommitSha = string & { readonly __brand: 'CommitSha' };

/** The one way to a `CommitSha`, so whoever holds one need not check it again. @throws GitShaInvalid */
export function parseCommitSha(text: string): CommitSha {
  if (!/^[0-9a-f]{40}$/.test(text)) throw new StreamSpaceError('GitShaInvalid', 'expected 40 hexadecimal digits');
  return text as CommitSha;
}

/** What to follow: exactly one of them. */
export interface GitRef {
  /** The number of a pull request: its head, also of one from a fork. */
  readonly pullRequest?: number | undefined;
  readonly branch?: string | undefined;
  readonly tag?: string | undefined;
  /** A range of versions: the highest tag in it. */
  readonly semver?: string | undefined;
  readonly commit?: string | undefined;
}

/** `branch main`, `tag v1`, `commit abc...` for messages. */
export function describeRef(ref: GitRef): string {
  if (ref.commit !== undefined) return `commit ${ref.commit}`;
  if (ref.tag !== undefined) return `tag ${ref.tag}`;
  if (ref.pullRequest !== undefined) return `pull request ${ref.pullRequest}`;
  if (ref.semver !== undefined) return `tag in the range ${ref.semver}`;
  return `branch ${ref.branch ?? 'main'}`;
}

export interface CommitFacts {
  readonly author: string;
  /** First line, at most 1,024 characters. */
  readonly message: string;
  /** RFC 3339, UTC. */
  readonly time: string;
}
