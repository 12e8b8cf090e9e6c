// Which commit a policy comes from. Objects do not carry theirs (every commit would rewrite every object), so it is the one that
// its GitSync says it has applied, once it has said so after the policy was last written. Pure.
import type { GitSync } from '../../schemas/kinds/git-sync/git-sync.ts';
import { ANNOTATIONS, SYNC_FIELD_MANAGER } from '../../schemas/names.ts';
import type { TargetedPolicy } from './merging.ts';

/** `namespace` and `name` of the GitSync that applies it. */
export function gitSyncOf({ metadata }: TargetedPolicy): { readonly namespace: string; readonly name: string } | undefined {
  const [namespace, name] = (metadata.annotations?.[ANNOTATIONS.gitSync] ?? '').split('/');
  return namespace === undefined || namespace === '' || name === undefined || name === '' ? undefined : { namespace, name };
}

/** `undefined` where it is not known (yet), or somebody else has written the spec too. */
export function revisionOf(policy: TargetedPolicy, gitSync: GitSync | undefined): string | undefined {
  const { revision, lastSyncAt } = gitSync?.status ?? {};
  if (revision === undefined || lastSyncAt === undefined) return undefined;
  const writers = (policy.metadata.managedFields ?? []).filter(isWriterOfSpec);
  const [writer] = writers;
  if (writer === undefined || writers.length > 1 || writer.manager !== SYNC_FIELD_MANAGER) return undefined;
  // Both are whole seconds. A sync that wrote it and one that ended just before it in the same second cannot be told apart.
  return Date.parse(writer.time) <= Date.parse(lastSyncAt) ? revision : undefined;
}

interface Writer {
  readonly manager: string;
  readonly time: string;
}

/** Of `managedFields`, as the API server keeps it. */
function isWriterOfSpec(entry: unknown): entry is Writer {
  if (typeof entry !== 'object' || entry === null) return false;
  const { manager, time, subresource, fieldsV1 } = entry as Readonly<Record<string, unknown>>;
  const fields = typeof fieldsV1 === 'object' && fieldsV1 !== null ? fieldsV1 : {};
  return typeof manager === 'string' && typeof time === 'string' && (subresource ?? '') === '' && 'f:spec' in fields;
}
