// Applies what an installation needs in its cluster: definitions and namespaces first, then what relies on them.
import pMap from 'p-map';
import { pathOf } from '../../runtime/kube/paths.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson, ResourceMapper } from '../../runtime/kube/types.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';

const FIELD_MANAGER = 'streamspace-install';
const AT_ONCE = 8;
const ASK_EVERY_MS = 50;
/** Kinds without which the others cannot be applied. */
const FIRST: ReadonlySet<string> = new Set(['CustomResourceDefinition', 'Namespace']);

export interface ApplyPorts {
  readonly client: KubeClient;
  readonly mapper: ResourceMapper;
  readonly signal: AbortSignal;
}

/** Twice is once: the API server writes nothing where nothing differs. */
export async function applyInstallation(manifests: readonly KubeObjectJson[], ports: ApplyPorts): Promise<void> {
  const definitions = manifests.filter(({ kind }) => kind === 'CustomResourceDefinition');
  const apply = (chosen: readonly KubeObjectJson[]): Promise<unknown> =>
    pMap(chosen, (manifest) => applyOne(manifest, ports), { concurrency: AT_ONCE });
  await apply(manifests.filter(({ kind }) => FIRST.has(kind)));
  // Accounts and rights need no definition to be served: both go on at once.
  await Promise.all([
    apply(manifests.filter(({ kind }) => !FIRST.has(kind))),
    ...definitions.map((definition) => untilEstablished(definition.metadata.name, ports)),
  ]);
}

async function applyOne(manifest: KubeObjectJson, { client, mapper, signal }: ApplyPorts): Promise<void> {
  const resource = await mapper.resourceOf(manifest.apiVersion, manifest.kind, { signal });
  if (resource === undefined) {
    throw new StreamSpaceError('KindUnknown', `the cluster does not serve ${manifest.kind} in ${manifest.apiVersion}`);
  }
  const { namespace, name } = manifest.metadata;
  await client.apply(resource, namespace, name, JSON.stringify(manifest), { fieldManager: FIELD_MANAGER, force: true, signal });
}

interface Definition {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Asked in short steps and not watched: it takes a tenth of a second, once. */
async function untilEstablished(name: string, { client, signal }: ApplyPorts): Promise<void> {
  const path = pathOf(RESOURCES.customResourceDefinitions, { name });
  for (;;) {
    const { status } = await client.json<Definition>({ method: 'GET', path, signal });
    if (status?.conditions?.some((condition) => condition.type === 'Established' && condition.status === 'True') === true) return;
    await delay(ASK_EVERY_MS, signal);
  }
}
