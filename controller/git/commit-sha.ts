// The id of a commit, and where a repository is followed.
import { StreamSpaceError } from '../../schemas/errors.ts';

/** 40 lower-case hexadecimal digits. */
export type CommitSha = string & { readonly __brand: 'CommitSha' };

/** The one way to a `CommitSha`, so whoever holds one need not check it again. @throws GitShaInvalid */
export function parseCommitSha(text: string): CommitSha {
  if (!/^[0-9a-f]{40}$/.test(text)) throw new StreamSpaceError('GitShaInvalid', 'expected 40 hexadecimal digits');
  return text as CommitSha;
}

/** What to follow: exactly one of the three. */
export interface GitRef {
  readonly branch?: string | undefined;
  readonly tag?: string | undefined;
  readonly commit?: string | undefined;
}

/** `branch main`, `tag v1`, `commit abc...` for messages. */
export function describeRef(ref: GitRef): string {
  if (ref.commit !== undefined) return `commit ${ref.commit}`;
  if (ref.tag !== undefined) return `tag ${ref.tag}`;
  return `branch ${ref.branch ?? 'main'}`;
}

export interface CommitFacts {
  readonly author: string;
  /** First line, at most 1,024 characters. */
  readonly message: string;
  /** RFC 3339, UTC. */
  readonly time: string;
}

/** What a commit object says of itself. */
export function factsOf(commit: {
  readonly author: { readonly name: string };
  readonly message: string;
  /** `timestamp` in seconds. */
  readonly committer: { readonly timestamp: number };
}): CommitFacts {
  return {
    author: commit.author.name.slice(0, 256),
    message: (commit.message.split('\n', 1)[0] ?? '').slice(0, 1024),
    time: new Date(commit.committer.timestamp * 1000).toISOString(),
  };
}

/** Username and password (or a token as password). Never printed: `toString` and `toJSON` give nothing away. */
export class GitCredentials {
  readonly #username: string;
  readonly #password: string;

  constructor(username: string, password: string) {
    this.#username = username;
    this.#password = password;
  }

  /** The value of an Authorization header. */
  basic(): string {
    return `Basic ${Buffer.from(`${this.#username}:${this.#password}`, 'utf8').toString('base64')}`;
  }

  toJSON(): string {
    return '[redacted]';
  }
}
