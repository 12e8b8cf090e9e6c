// IdentityProvider: says whether it counts, whether the Secrets that it names are there, and how long its certificates last. People sign
// in at the gateway, which reads them itself.
import { setCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../../runtime/kube/types.ts';
import {
  certificatesEnd,
  readRequestSigner,
  type SamlIdentityProvider,
  samlIdentityProviderOf,
  validCertificates,
} from '../../../runtime/saml/identity-provider.ts';
import { type ErrorCode, StreamSpaceError } from '../../../schemas/errors.ts';
import { type IdentityProvider, secretRefsOf } from '../../../schemas/kinds/sign-in/identity-provider.ts';
import { PROVIDER_SECRET_TYPE, type ProviderSecretRef } from '../../../schemas/kinds/sign-in/provider-secret.ts';
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
/** Time to get the next certificate from whoever runs the provider. */
const END_SOON_MS = 30 * 86_400_000;

export function createIdentityProviderReconciler(ports: IdentityProviderPorts): Reconciler {
  return { kind: 'IdentityProvider', reconcile: (key, context) => reconcile(ports, key, context) };
}

interface Verdict {
  readonly status: 'True' | 'False';
  readonly reason: 'Accepted' | ErrorCode;
  readonly message: string;
  /** Of type SAML, where it can be read. */
  readonly saml?: SamlIdentityProvider;
}

async function reconcile(
  { client, cache, now }: IdentityProviderPorts,
  { namespace, name }: ObjectKey,
  { signal }: ReconcileContext,
): Promise<ReconcileResult> {
  const provider = cache.find<IdentityProvider>(RESOURCES.identityProviders, namespace, name);
  if (provider === undefined || provider.metadata.deletionTimestamp !== undefined) return {};
  const { saml, ...verdict } = await judge(client, provider, now(), signal);
  const { generation } = provider.metadata;
  const of = generation === undefined ? {} : { observedGeneration: generation };
  const ready = { type: 'Ready', ...verdict, ...of } as const;
  const at = now().toISOString();
  const withReady = setCondition(provider.status?.conditions, ready, at);
  const others = withReady.filter(({ type }) => type !== CERTIFICATES);
  const conditions = saml === undefined ? others : setCondition(withReady, { ...endingOf(saml, now()), ...of }, at);
  const ends = saml === undefined ? {} : { certificatesEndAt: certificatesEnd(saml).toISOString() };
  await saveStatus(client, RESOURCES.identityProviders, provider, { ...of, ...ends, conditions: [...conditions] }, signal);
  return verdict.reason === 'ProviderUnreached' ? {} : { requeueAfterMs: LOOK_AGAIN_MS };
}

const CERTIFICATES = 'CertificatesEndSoon';

function endingOf(saml: SamlIdentityProvider, now: Date) {
  const end = certificatesEnd(saml);
  const soon = end.getTime() - now.getTime() < END_SOON_MS;
  const message = `the last of its certificates is good until ${end.toISOString()}`;
  return { type: CERTIFICATES, status: soon ? 'True' : 'False', reason: soon ? 'EndSoon' : 'Last', message } as const;
}

async function judge(
  client: Pick<KubeClient, 'find'>,
  { metadata: { namespace }, spec }: IdentityProvider,
  now: Date,
  signal: AbortSignal,
): Promise<Verdict> {
  if (namespace !== SYSTEM_NAMESPACE)
    return { status: 'False', reason: 'ProviderUnreached', message: `it counts in the namespace ${SYSTEM_NAMESPACE} alone` };
  let saml: SamlIdentityProvider | undefined;
  try {
    saml = spec.saml === undefined ? undefined : samlIdentityProviderOf(spec.saml);
    for (const ref of secretRefsOf(spec)) {
      const secret = await client.find<KubeObjectJson>(RESOURCES.secrets, SYSTEM_NAMESPACE, ref.name, { signal });
      const value = secretValue(secret, ref);
      if (ref === spec.saml?.signingKeyRef) readRequestSigner(value);
    }
  } catch (error) {
    if (!(error instanceof StreamSpaceError) || error.entry.category === 'unavailable') throw error;
    return { status: 'False', reason: error.code, message: error.message, ...(saml === undefined ? {} : { saml }) };
  }
  if (saml !== undefined && validCertificates(saml, now).length === 0)
    return { status: 'False', reason: 'ProviderCertificateExpired', message: 'none of its certificates is valid now', saml };
  return { status: 'True', reason: 'Accepted', message: 'people may sign in at it', ...(saml === undefined ? {} : { saml }) };
}

/** @throws StreamSpaceError `ProviderSecretMissing` that says what is wrong with it */
function secretValue(secret: KubeObjectJson | undefined, { name, key }: ProviderSecretRef): string {
  const missing = (what: string): StreamSpaceError => new StreamSpaceError('ProviderSecretMissing', `the Secret ${name} ${what}`);
  if (secret === undefined) throw missing('is not there');
  if (secret['type'] !== PROVIDER_SECRET_TYPE) throw missing(`is not of the type ${PROVIDER_SECRET_TYPE}`);
  const data = secret['data'];
  const value = typeof data === 'object' && data !== null ? Object.entries(data).find(([each]) => each === key)?.[1] : undefined;
  if (typeof value !== 'string') throw missing(`has no key ${key}`);
  return Buffer.from(value, 'base64').toString('utf8').trim();
}
