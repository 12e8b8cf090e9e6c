// The rules that narrow what a GitSync may touch: its own, and that of the namespace, which whoever owns the cluster sets.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient } from '../../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { GitSyncSpec } from '../../../schemas/kinds/git-sync/git-sync.ts';
import { gitSyncAllow } from '../../../schemas/kinds/git-sync/git-sync-allow.ts';
import { ANNOTATIONS } from '../../../schemas/names.ts';
import type { TenancyRule } from '../../validate/tenancy.ts';

/** @throws TenancyRefused for an annotation that cannot be read: what was meant as a limit must not be none */
export async function tenancyRules(
  client: Pick<KubeClient, 'find'>,
  namespace: string,
  { allow }: Pick<GitSyncSpec, 'allow'>,
  signal: AbortSignal,
): Promise<readonly TenancyRule[]> {
  const found = await client.find(RESOURCES.namespaces, undefined, namespace, { signal });
  const cap = found?.metadata.annotations?.[ANNOTATIONS.allow];
  return [
    ...(allow === undefined ? [] : [{ name: 'spec.allow', allow }]),
    ...(cap === undefined
      ? []
      : [{ name: `the annotation ${ANNOTATIONS.allow} of namespace ${namespace}`, allow: parseCap(cap, namespace) }]),
  ];
}

function parseCap(text: string, namespace: string): TenancyRule['allow'] {
  const refuse = (cause: unknown): never => {
    const message = `the annotation ${ANNOTATIONS.allow} of namespace ${namespace} is not JSON with kinds, namespaces and clusterScoped`;
    throw new StreamSpaceError('TenancyRefused', message, { cause });
  };
  try {
    const result = gitSyncAllow.strict().safeParse(JSON.parse(text));
    return result.success ? result.data : refuse(result.error);
  } catch (error) {
    return error instanceof StreamSpaceError ? refuse(error.cause) : refuse(error);
  }
}
