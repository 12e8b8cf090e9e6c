// From a GitSync to the objects it wants: credentials, revision, snapshot, manifests, identities.
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { GitSyncSpec } from '../../schemas/kinds/git-sync.ts';
import { resolveKinds, type ServedKinds, scopesOf } from '../apply/kinds.ts';
import { type CommitSha, GitCredentials } from '../git/commit-sha.ts';
import type { Repository } from '../git/source.ts';
import type { Manifest, Rendered } from '../render/manifest.ts';
import { type Identified, refuseProblems, validateManifests } from '../validate/validate.ts';
import type { GitSyncPorts } from './git-sync-ports.ts';

export interface Desired {
  readonly objects: readonly Identified[];
  readonly served: ServedKinds;
  readonly warnings: readonly string[];
}

export async function repositoryOf(
  client: Pick<KubeClient, 'find'>,
  namespace: string,
  spec: Pick<GitSyncSpec, 'url' | 'credentialsRef'>,
  signal: AbortSignal,
): Promise<Repository> {
  if (spec.credentialsRef === undefined) return { url: spec.url };
  const { name } = spec.credentialsRef;
  const secret = await client.find<KubeObjectJson & { data?: Record<string, string> }>(RESOURCES.secrets, namespace, name, {
    signal,
  });
  if (secret === undefined) throw new StreamSpaceError('GitAuthFailed', `there is no Secret ${name} in namespace ${namespace}`);
  const read = (key: string): string | undefined => {
    const value = secret.data?.[key];
    return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8').replace(/\n$/, '');
  };
  const password = read('password') ?? read('token');
  if (password === undefined) throw new StreamSpaceError('GitAuthFailed', `the Secret ${name} has neither password nor token`);
  return { url: spec.url, credentials: new GitCredentials(read('username') ?? 'git', password) };
}

export async function desiredAt(
  ports: Pick<GitSyncPorts, 'git' | 'renderer' | 'mapper'>,
  source: { readonly repository: Repository; readonly spec: GitSyncSpec; readonly namespace: string; readonly sha: CommitSha },
  signal: AbortSignal,
): Promise<Desired> {
  const { spec, sha, repository, namespace } = source;
  const snapshot = await ports.git.snapshot(repository, spec.ref, sha, spec.path, signal);
  const rendered = await ports.renderer.render(snapshot, spec, signal);
  if (rendered.manifests.length === 0 && !spec.allowEmpty)
    throw new StreamSpaceError('RenderEmpty', `the path "${spec.path}" gives no manifest at commit ${sha.slice(0, 12)}`);
  return await identify(ports, rendered, namespace, signal);
}

/** @throws the first problem, with all of them in its facts */
export async function identify(
  { mapper }: Pick<GitSyncPorts, 'mapper'>,
  rendered: Rendered,
  namespace: string,
  signal: AbortSignal,
): Promise<Desired> {
  const manifests: readonly Manifest[] = rendered.manifests;
  const served = await resolveKinds(mapper, manifests, signal);
  const validated = validateManifests(manifests, { defaultNamespace: namespace, served: scopesOf(served) });
  refuseProblems(validated.problems);
  return { objects: validated.objects, served, warnings: [...rendered.warnings, ...validated.warnings] };
}
