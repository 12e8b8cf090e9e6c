// IdentityProvider: says whether it counts, and whether the Secrets that it names are there. People sign in at the gateway, which
// reads them itself.
import { setCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../../runtime/kube/types.ts';
import type { ErrorCode } from '../../../schemas/errors.ts';
import { type IdentityProvider, PROVIDER_SECRET_TYPE, secretRefsOf } from '../../../schemas/kinds/identity-provider.ts';
import { SYSTEM_NAMESPACE } from '../../../schemas/names.ts';
import type { ObjectKey, ReconcileContext, ReconcileResult, Reconciler } from '../contract.ts';
import { saveStatus } from '../save-status.ts';
import type { CacheOfAll } from '../wanted.ts';

export interface IdentityProviderPorts {
  readonly client: Pick<KubeClient, 'apply' | 'find'>;
  readonly cache: CacheOfAll;
  readonly now: () => Date;
}

/** Secrets are not watched: passwords stay out of our memory. */
const LOOK_AGAIN_MS = 60_000;

export function createIdentityProviderReconciler(ports: IdentityProviderPorts): Reconciler {
  return { kind: 'IdentityProvider', reconcile: (key, context) => reconcile(ports, key, context) };
}

interface Verdict {
  readonly status: 'True' | 'False';
  readonly reason: 'Accepted' | ErrorCode;
  readonly message: string;
}

async function reconcile(
  { client, cache, now }: IdentityProviderPorts,
  { namespace, name }: ObjectKey,
  { signal }: ReconcileContext,
): Promise<ReconcileResult> {
  const provider = cache.find<IdentityProvider>(RESOURCES.identityProviders, namespace, name);
  if (provider === undefined || provider.metadata.deletionTimestamp !== undefined) return {};
  const verdict = await judge(client, provider, signal);
  const { generation } = provider.metadata;
  const of = generation === undefined ? {} : { observedGeneration: generation };
  const ready = { type: 'Ready', ...verdict, ...of } as const;
  const conditions = [...setCondition(provider.status?.conditions, ready, now().toISOString())];
  await saveStatus(client, RESOURCES.identityProviders, provider, { ...of, conditions }, signal);
  return verdict.reason === 'ProviderUnreached' ? {} : { requeueAfterMs: LOOK_AGAIN_MS };
}

async function judge(
  client: Pick<KubeClient, 'find'>,
  { metadata: { namespace }, spec }: IdentityProvider,
  signal: AbortSignal,
): Promise<Verdict> {
  if (namespace !== SYSTEM_NAMESPACE)
    return { status: 'False', reason: 'ProviderUnreached', message: `it counts in the namespace ${SYSTEM_NAMESPACE} alone` };
  for (const { name, key } of secretRefsOf(spec)) {
    const secret = await client.find<KubeObjectJson>(RESOURCES.secrets, SYSTEM_NAMESPACE, name, { signal });
    const problem = problemOf(secret, key);
    if (problem !== undefined)
      return { status: 'False', reason: 'ProviderSecretMissing', message: `the Secret ${name} ${problem}` };
  }
  return { status: 'True', reason: 'Accepted', message: 'people may sign in at it' };
}

function problemOf(secret: KubeObjectJson | undefined, key: string): string | undefined {
  if (secret === undefined) return 'is not there';
  if (secret['type'] !== PROVIDER_SECRET_TYPE) return `is not of the type ${PROVIDER_SECRET_TYPE}`;
  const data = secret['data'];
  return typeof data === 'object' && data !== null && key in data ? undefined : `has no key ${key}`;
}
