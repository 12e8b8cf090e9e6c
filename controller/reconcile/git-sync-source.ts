// From a GitSync to the objects it wants: credentials, revision, snapshot, manifests, identities.
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { GitSyncSpec } from '../../schemas/kinds/git-sync.ts';
import { resolveKinds, type ServedKinds, scopesOf } from '../apply/kinds.ts';
import { type CommitSha, GitCredentials } from '../git/commit-sha.ts';
import type { Repository } from '../git/source.ts';
import { type Identified, validateManifests } from '../validate/validate.ts';
import type { GitSyncPorts } from './git-sync-ports.ts';
import { renderUnits, type UnitOutcome, withProblems } from './git-sync-units.ts';

export interface Desired {
  readonly objects: readonly Identified[];
  readonly served: ServedKinds;
  readonly warnings: readonly string[];
  readonly units: readonly UnitOutcome[];
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
  ports: Pick<GitSyncPorts, 'git' | 'renders' | 'mapper'>,
  source: { readonly repository: Repository; readonly spec: GitSyncSpec; readonly namespace: string; readonly sha: CommitSha },
  signal: AbortSignal,
  onStage: (stage: 'Rendering' | 'Validating') => void = () => undefined,
): Promise<Desired> {
  const { spec, sha, repository, namespace } = source;
  const tree = ports.git.tree(repository, spec.ref, sha, signal);
  onStage('Rendering');
  const rendered = await renderUnits(ports.renders, tree, spec, signal);
  onStage('Validating');
  return await identify(ports, rendered, namespace, signal);
}

/** @throws the first problem that no unit is to blame for, with all of them in its facts */
export async function identify(
  { mapper }: Pick<GitSyncPorts, 'mapper'>,
  outcomes: readonly UnitOutcome[],
  namespace: string,
  signal: AbortSignal,
): Promise<Desired> {
  const manifests = outcomes.flatMap((each) => each.manifests);
  const served = await resolveKinds(mapper, manifests, signal);
  const validated = validateManifests(manifests, { defaultNamespace: namespace, served: scopesOf(served) });
  const units = withProblems(outcomes, validated.problems, namespace);
  const failed = new Set(units.flatMap(({ unit, failure }) => (failure === undefined ? [] : [unit.name])));
  const objects = validated.objects.filter(({ manifest }) => manifest.unit === undefined || !failed.has(manifest.unit));
  return { objects, served, warnings: [...outcomes.flatMap(({ warnings }) => warnings), ...validated.warnings], units };
}
