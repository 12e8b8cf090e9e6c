// The commit of a change request: its author is whoever asks, its committer we; the same wish on the same base is the same commit,
// so that a crash in between makes no second one.
import {
  type ChangeRequest,
  type ChangeRequestStatus,
  MAX_CHANGED_FILES,
} from '../../../schemas/kinds/changes/change-request.ts';
import { inertText } from '../../changes/comment/inert-text.ts';
import { type CommitWish, describeCommit, type Signature, writeCommit } from '../../git/clone/write-commit.ts';
import type { CommitSha } from '../../git/commit-sha.ts';
import type { ChangeRequestPorts, ChangeTarget, CheckedChange } from './ports.ts';

export const COMMITTER: Signature = { name: 'StreamSpace', mail: 'noreply@streamspace.io' };

export interface MadeCommit {
  readonly commit: CommitSha;
  readonly diff: string;
  /** The first of them. */
  readonly files: NonNullable<ChangeRequestStatus['files']>;
}

export async function commitChange(
  { git }: Pick<ChangeRequestPorts, 'git'>,
  { repository }: Pick<ChangeTarget, 'repository'>,
  request: ChangeRequest,
  { hidden = [], ...made }: Pick<CommitWish, 'parent' | 'files' | 'modes' | 'signer'> & Pick<CheckedChange, 'hidden'>,
  signal: AbortSignal,
): Promise<MadeCommit> {
  return await git.inClone(repository, async (clone) => {
    const wish = { ...made, author: authorOf(request), committer: COMMITTER, at: askedAt(request), message: messageOf(request) };
    const commit = await writeCommit(clone, wish, signal);
    const { diff, files } = await describeCommit(clone, made.parent, commit, new Set(hidden), signal);
    return { commit, diff, files: files.slice(0, MAX_CHANGED_FILES) };
  });
}

export function authorOf({ spec: { requestedBy } }: ChangeRequest): Signature {
  // A mail that reaches nobody: we know none that is proven to be this person's.
  return {
    name: requestedBy.displayName ?? requestedBy.name,
    mail: `${encodeURIComponent(requestedBy.name)}@noreply.streamspace.io`,
  };
}

export function askedAt({ metadata }: ChangeRequest): Date {
  return new Date(metadata.creationTimestamp ?? 0);
}

/** The trailers say who it was in a way that nobody can choose himself (git-interpret-trailers). */
export function messageOf(request: ChangeRequest): string {
  return `${inertText(request.spec.reason.trim())}\n\n${trailersOf(request)}`;
}

export function mergeMessageOf(request: ChangeRequest, approvers: readonly string[]): string {
  const approved = approvers.map((name) => `StreamSpace-Approved-By: ${name}\n`).join('');
  return `Merge change request ${request.metadata.namespace}/${request.metadata.name}\n\n${trailersOf(request)}${approved}`;
}

function trailersOf({ metadata: { namespace, name }, spec: { requestedBy } }: ChangeRequest): string {
  return `StreamSpace-Change: ${namespace}/${name}\nStreamSpace-Requested-By: ${requestedBy.name}\n`;
}
