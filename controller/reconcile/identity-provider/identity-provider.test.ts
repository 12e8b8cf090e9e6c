import { pino } from 'pino';
import { expect, test } from 'vitest';
import { findCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import { type IdentityProvider, PROVIDER_SECRET_TYPE } from '../../../schemas/kinds/identity-provider.ts';
import { memoryCluster } from '../memory-cluster.ts';
import { createIdentityProviderReconciler } from './identity-provider.ts';

function world(namespace = 'streamspace') {
  const cluster = memoryCluster();
  const { client, cache } = cluster;
  const reconciler = createIdentityProviderReconciler({ client, cache, now: () => new Date('2026-01-01T00:00:00Z') });
  const oidc = { issuer: 'https://id.example', clientId: 'x', clientSecretRef: { name: 'client', key: 'secret' } };
  cluster.put(RESOURCES.identityProviders, {
    metadata: { name: 'partners', namespace },
    spec: { type: 'OIDC', displayName: 'Partners', oidc, groupMappings: [], hostnames: [], justInTime: true },
  });
  return {
    ...cluster,
    putSecret: (type: string, data: Readonly<Record<string, string>>) =>
      cluster.put(RESOURCES.secrets, { metadata: { name: 'client', namespace: 'streamspace' }, type, data }),
    reconcile: async () => {
      const context = { signal: new AbortController().signal, log: pino({ level: 'silent' }) };
      const result = await reconciler.reconcile({ namespace, name: 'partners' }, context);
      const { status } = cluster.read<IdentityProvider>(RESOURCES.identityProviders, namespace, 'partners') ?? {};
      return { ...result, ready: findCondition(status?.conditions, 'Ready') };
    },
  };
}

test('a Secret that is missing, of another type, or without the key is told, and looked for again', async () => {
  const given = world();
  const missing = await given.reconcile();
  expect(missing).toMatchObject({ requeueAfterMs: 60_000, ready: { status: 'False', reason: 'ProviderSecretMissing' } });
  given.putSecret('Opaque', { secret: 'eA==' });
  expect((await given.reconcile()).ready?.message).toBe(`the Secret client is not of the type ${PROVIDER_SECRET_TYPE}`);
  given.putSecret(PROVIDER_SECRET_TYPE, { other: 'eA==' });
  expect((await given.reconcile()).ready?.message).toContain('no key secret');
});

test('with its Secret it is accepted; twice is once', async () => {
  const given = world();
  given.putSecret(PROVIDER_SECRET_TYPE, { secret: 'eA==' });
  expect((await given.reconcile()).ready).toMatchObject({ status: 'True', reason: 'Accepted' });
  await given.reconcile();
  expect(given.writes).toEqual(['apply IdentityProvider partners/status']);
});

test('outside of the system namespace it counts for nothing', async () => {
  const given = world('team-web');
  given.putSecret(PROVIDER_SECRET_TYPE, { secret: 'eA==' });
  expect((await given.reconcile()).ready).toMatchObject({ status: 'False', reason: 'ProviderUnreached' });
});
