// From a GitSync to the objects it wants: credentials, revision, snapshot, manifests, identities.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { GitSyncSpec } from '../../../schemas/kinds/git-sync/git-sync.ts';
import { resolveKinds, type ServedKinds, scopesOf } from '../../apply/kinds.ts';
import { ownerMark, type SyncName } from '../../apply/ownership.ts';
import type { CommitSha, GitRef } from '../../git/commit-sha.ts';
import type { Repository } from '../../git/source.ts';
import { parseCredentials } from '../../git/wire/credentials.ts';
import { tenancyProblems } from '../../validate/tenancy.ts';
import { type Identified, validateManifests } from '../../validate/validate.ts';
import type { GitSyncPorts } from './ports.ts';
import { tenancyRules } from './tenancy.ts';
import { renderUnits, type UnitOutcome, withProblems } from './units.ts';

export interface Desired {
  readonly objects: readonly Identified[];
  readonly served: ServedKinds;
  readonly warnings: readonly string[];
  readonly units: readonly UnitOutcome[];
}

export async function repositoryOf(
  client: Pick<KubeClient, 'find'>,
  namespace: string,
  spec: Pick<GitSyncSpec, 'url' | 'credentialsRef' | 'limits'>,
  signal: AbortSignal,
): Promise<Repository> {
  const { files, bytes, fileBytes } = spec.limits;
  const plain = { url: spec.url, limits: { maxFiles: files, maxBytes: bytes, maxFileBytes: fileBytes } };
  if (spec.credentialsRef === undefined) return plain;
  const { name } = spec.credentialsRef;
  const secret = await client.find<KubeObjectJson & { data?: Record<string, string> }>(RESOURCES.secrets, namespace, name, {
    signal,
  });
  if (secret === undefined) throw new StreamSpaceError('GitAuthFailed', `there is no Secret ${name} in namespace ${namespace}`);
  return { ...plain, credentials: parseCredentials(name, secret.data ?? {}), scope: `${namespace}/${name}` };
}

export async function desiredAt(
  ports: Pick<GitSyncPorts, 'client' | 'git' | 'renders' | 'mapper'>,
  source: {
    readonly repository: Repository;
    readonly spec: GitSyncSpec;
    readonly owner: SyncName;
    readonly ref: GitRef;
    readonly sha: CommitSha;
  },
  signal: AbortSignal,
  onStage: (stage: 'Rendering' | 'Validating') => void = () => undefined,
): Promise<Desired> {
  const { spec, ref, sha, repository, owner } = source;
  const tree = ports.git.tree(repository, ref, sha, signal);
  onStage('Rendering');
  const rendered = await renderUnits(ports.renders, tree, spec, ownerMark(owner), signal);
  onStage('Validating');
  return await identify(ports, rendered, { namespace: owner.namespace, spec }, signal);
}

/** @throws the first problem that no unit is to blame for, with all of them in its facts */
export async function identify(
  { client, mapper }: Pick<GitSyncPorts, 'client' | 'mapper'>,
  outcomes: readonly UnitOutcome[],
  { namespace, spec }: { readonly namespace: string; readonly spec: Pick<GitSyncSpec, 'allow'> },
  signal: AbortSignal,
): Promise<Desired> {
  const manifests = outcomes.flatMap((each) => each.manifests);
  const [served, rules] = await Promise.all([
    resolveKinds(mapper, manifests, signal),
    tenancyRules(client, namespace, spec, signal),
  ]);
  const validated = validateManifests(manifests, { defaultNamespace: namespace, served: scopesOf(served) });
  const refused = tenancyProblems(validated.objects, rules);
  const units = withProblems(outcomes, [...validated.problems, ...refused], namespace);
  const failed = new Set(units.flatMap(({ unit, failure }) => (failure === undefined ? [] : [unit.name])));
  const objects = validated.objects.filter(({ manifest }) => manifest.unit === undefined || !failed.has(manifest.unit));
  return { objects, served, warnings: [...outcomes.flatMap(({ warnings }) => warnings), ...validated.warnings], units };
}
