// From a ChangeRequest to the GitSync that it is for, with the credentials that may write.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient } from '../../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { ChangeRequest } from '../../../schemas/kinds/changes/change-request.ts';
import type { GitSync } from '../../../schemas/kinds/git-sync/git-sync.ts';
import { gitSyncSpec } from '../../../schemas/kinds/git-sync/git-sync-spec.ts';
import { inertText } from '../../changes/comment/inert-text.ts';
import { fenced } from '../../changes/comment/plan-comment.ts';
import { placeOf } from '../../changes/forge/places.ts';
import { requireReachable } from '../../changes/scope.ts';
import { repositoryOf } from '../git-sync/source.ts';
import type { ChangeTarget } from './ports.ts';

/** @throws ChangeTargetMissing, ChangesNotConfigured, ChangeOutOfScope, GitAuthFailed */
export async function targetOf(
  client: Pick<KubeClient, 'find'>,
  request: ChangeRequest,
  signal: AbortSignal,
): Promise<ChangeTarget> {
  const { target } = request.spec;
  const mark = `${target.namespace}/${target.name}`;
  requireReachable(request.metadata.namespace ?? '', target);
  const sync = await client.find<GitSync>(RESOURCES.gitSyncs, target.namespace, target.name, { signal });
  if (sync === undefined) throw new StreamSpaceError('ChangeTargetMissing', `there is no GitSync ${mark}`);
  const spec = gitSyncSpec.parse(sync.spec);
  const { changes, ref } = spec;
  if (changes === undefined) throw new StreamSpaceError('ChangesNotConfigured', `the GitSync ${mark} has no spec.changes`);
  if (ref.branch === undefined)
    throw new StreamSpaceError(
      'ChangesNotConfigured',
      `the GitSync ${mark} follows no branch, and nobody can commit to a tag or a commit`,
    );
  const repository = await repositoryOf(client, target.namespace, spec, signal);
  // The same Secret by another name: what may write is another right than what may read.
  const writing = await repositoryOf(client, target.namespace, { ...spec, credentialsRef: changes.secretRef }, signal);
  if (writing.credentials === undefined)
    throw new StreamSpaceError('ChangesNotConfigured', `the GitSync ${mark} has no credentials that may push`);
  const { name, namespace, uid } = request.metadata;
  return {
    sync,
    owner: target,
    spec,
    changes,
    branch: ref.branch,
    repository,
    forge: {
      repository,
      credentials: writing.credentials,
      branch: `${changes.branchPrefix}${uid ?? name}`,
      into: ref.branch,
      // Whoever asks need not be anybody at the forge, and it is we who say it there.
      title: inertText(request.spec.reason.split('\n', 1)[0] ?? ''),
      body: `${fenced('text', request.spec.reason)}\nStreamSpace-Change: ${namespace}/${name}`,
      place: changes.forge === undefined ? undefined : placeOf(spec.url, changes.forge),
    },
  };
}
