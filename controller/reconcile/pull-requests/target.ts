// From a GitSync to its repository at the forge, with the credentials that may write there.
import type { KubeClient } from '../../../runtime/kube/types.ts';
import type { GitSync, GitSyncSpec } from '../../../schemas/kinds/git-sync/git-sync.ts';
import { gitSyncSpec } from '../../../schemas/kinds/git-sync/git-sync-spec.ts';
import type { SyncName } from '../../apply/ownership.ts';
import type { ForgeAt } from '../../changes/forge/forge.ts';
import { placeOf } from '../../changes/forge/places.ts';
import type { Repository } from '../../git/source.ts';
import { repositoryOf } from '../git-sync/source.ts';

export interface ForgeTarget {
  readonly sync: GitSync;
  readonly owner: SyncName;
  /** `namespace/name` */
  readonly mark: string;
  /** With its defaults. */
  readonly spec: GitSyncSpec;
  readonly branch: string;
  readonly repository: Repository;
  readonly at: ForgeAt;
}

/** @returns undefined: its change requests are no pull requests @throws ChangesNotConfigured, GitAuthFailed */
export async function forgeTargetOf(
  client: Pick<KubeClient, 'find'>,
  sync: GitSync,
  signal: AbortSignal,
): Promise<ForgeTarget | undefined> {
  const { namespace = '', name, deletionTimestamp } = sync.metadata;
  const spec = gitSyncSpec.parse(sync.spec);
  const { changes, ref } = spec;
  if (deletionTimestamp !== undefined || changes?.forge === undefined || ref.branch === undefined) return undefined;
  const repository = await repositoryOf(client, namespace, spec, signal);
  const { credentials } = await repositoryOf(client, namespace, { ...spec, credentialsRef: changes.secretRef }, signal);
  if (credentials === undefined) return undefined;
  const at = { place: placeOf(spec.url, changes.forge), credentials };
  return { sync, owner: { namespace, name }, mark: `${namespace}/${name}`, spec, branch: ref.branch, repository, at };
}
