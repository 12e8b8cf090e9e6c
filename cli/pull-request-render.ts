// Renders what the merge of a pull request would be, as the controller does it: its head is fetched from `refs/pull/N/head` and merged with
// the branch of the GitSync, in a clone that is thrown away.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NamedPullRequest } from '../controller/changes/forge/forge.ts';
import { createForges } from '../controller/changes/forge/forges.ts';
import { mergeCommit } from '../controller/git/clone/merge-commit.ts';
import { type CommitSha, parseCommitSha } from '../controller/git/commit-sha.ts';
import { GIT_SOURCE_LIMITS, GitSource } from '../controller/git/source.ts';
import { GitTransport } from '../controller/git/wire/http.ts';
import { renderUnits, type UnitOutcome } from '../controller/reconcile/git-sync/units.ts';
import { type ForgeTarget, forgeTargetOf } from '../controller/reconcile/pull-requests/target.ts';
import type { KubeClient } from '../runtime/kube/types.ts';
import { StreamSpaceError } from '../schemas/errors.ts';
import type { GitSync } from '../schemas/kinds/git-sync/git-sync.ts';
import type { CliContext } from './command.ts';
import { rendersOf } from './local-render.ts';

/**
 * Every unit of the merge, positions relative to the root of the repository.
 * @throws ChangesNotConfigured without pull requests, NotFound for one that is not open for the branch of the GitSync, ChangeConflict
 */
export async function renderPullRequest(
  sync: GitSync,
  number: number,
  client: KubeClient,
  context: CliContext,
): Promise<readonly UnitOutcome[]> {
  const { signal } = context;
  const target = await forgeTargetOf(client, sync, signal);
  if (target === undefined) throw withoutPullRequests(sync);
  await using made = new AsyncDisposableStack();
  const directory = await mkdtemp(path.join(tmpdir(), 'streamspace-plan-'));
  made.defer(() => rm(directory, { recursive: true, force: true }));
  const transport = made.use(new GitTransport());
  // Nobody else waits for it, so it may take the time that a download may take.
  const git = made.use(new GitSource({ directory, transport, limits: { patienceMs: GIT_SOURCE_LIMITS.fetchMs } }));
  const pull = await createForges({ git, transport }).pullRequests.get(target.at, number, signal);
  const head = headOf(pull, number, target);
  const { repository, branch } = target;
  const { sha: tip, ref } = await git.resolve(repository, { branch }, signal);
  await git.fetch(repository, ref, tip, signal);
  await git.fetch(repository, { pullRequest: number }, head, signal);
  const merged = await git.inClone(repository, (clone) => mergeCommit(clone, tip, head, signal));
  const tree = git.tree(repository, { branch }, merged, signal);
  return await renderUnits(rendersOf(context), tree, target.spec, `pull request ${number}`, signal);
}

function withoutPullRequests({ metadata, spec }: GitSync): StreamSpaceError {
  const missing = spec.changes?.forge === undefined ? 'spec.changes.forge is not set' : 'spec.ref names no branch';
  const name = `${metadata.namespace ?? ''}/${metadata.name}`;
  return new StreamSpaceError('ChangesNotConfigured', `the GitSync ${name} has no pull requests: ${missing}`);
}

function headOf(pull: NamedPullRequest | undefined, number: number, { at, branch }: ForgeTarget): CommitSha {
  const { owner, name } = at.place;
  const refused = (what: string): StreamSpaceError =>
    new StreamSpaceError('NotFound', `${what} in ${owner}/${name}`, { facts: { number } });
  if (pull === undefined) throw refused(`there is no pull request ${number}`);
  if (pull.state !== 'Open') throw refused(`pull request ${number} is ${pull.state === 'Merged' ? 'merged' : 'closed'}`);
  if (pull.into !== branch) throw refused(`pull request ${number} is for ${pull.into}, and not for ${branch}`);
  return parseCommitSha(pull.head);
}
