import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { findCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { IdentityProvider } from '../../../schemas/kinds/sign-in/identity-provider.ts';
import { PROVIDER_SECRET_TYPE } from '../../../schemas/kinds/sign-in/provider-secret.ts';
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

test('of a provider of type GitHub the secret of its OAuth App has to be there', async () => {
  const given = world();
  const github = { clientId: 'Iv1', clientSecretRef: { name: 'client', key: 'secret' }, organizations: [{ name: 'acme' }] };
  given.put(RESOURCES.identityProviders, {
    metadata: { name: 'partners', namespace: 'streamspace' },
    spec: { type: 'GitHub', displayName: 'GitHub', github, groupMappings: [], hostnames: [], justInTime: true },
  });
  expect((await given.reconcile()).ready).toMatchObject({ status: 'False', reason: 'ProviderSecretMissing' });
  given.putSecret(PROVIDER_SECRET_TYPE, { secret: 'eA==' });
  expect((await given.reconcile()).ready).toMatchObject({ status: 'True', reason: 'Accepted' });
});

test('outside of the system namespace it counts for nothing', async () => {
  const given = world('team-web');
  given.putSecret(PROVIDER_SECRET_TYPE, { secret: 'eA==' });
  expect((await given.reconcile()).ready).toMatchObject({ status: 'False', reason: 'ProviderUnreached' });
});

const pem = (name: string): string =>
  readFileSync(new URL(`../../../runtime/saml/fixtures/${name}.pem`, import.meta.url), 'utf8').trim();

/** Of type SAML, at a time. */
function samlWorld(saml: object, now: string) {
  const cluster = memoryCluster();
  const { client, cache } = cluster;
  const reconciler = createIdentityProviderReconciler({ client, cache, now: () => new Date(now) });
  const fields = {
    entityId: 'https://idp.example',
    ssoUrl: 'https://idp.example/sso',
    clockSkewSeconds: 60,
    signed: 'Assertion',
  };
  cluster.put(RESOURCES.identityProviders, {
    metadata: { name: 'partners', namespace: 'streamspace' },
    spec: {
      type: 'SAML',
      displayName: 'Partners',
      saml: { ...fields, ...saml },
      groupMappings: [],
      hostnames: [],
      justInTime: true,
    },
  });
  return {
    ...cluster,
    reconcile: async () => {
      await reconciler.reconcile(
        { namespace: 'streamspace', name: 'partners' },
        { signal: new AbortController().signal, log: pino({ level: 'silent' }) },
      );
      const { status } = cluster.read<IdentityProvider>(RESOURCES.identityProviders, 'streamspace', 'partners') ?? {};
      const [ready, soon] = ['Ready', 'CertificatesEndSoon'].map((type) => findCondition(status?.conditions, type));
      return [ready?.reason, soon?.reason, status?.certificatesEndAt];
    },
  };
}

test.each([
  ['2026-06-01T00:00:00Z', ['Accepted', 'Last', '2027-01-01T00:00:00.000Z']],
  ['2026-12-20T00:00:00Z', ['Accepted', 'EndSoon', '2027-01-01T00:00:00.000Z']],
  ['2027-01-02T00:00:00Z', ['ProviderCertificateExpired', 'EndSoon', '2027-01-01T00:00:00.000Z']],
  ['2025-12-01T00:00:00Z', ['ProviderCertificateExpired', 'Last', '2027-01-01T00:00:00.000Z']],
])('at %s the certificates of a SAML provider are told as %j', async (now, told) => {
  const given = samlWorld({ certificates: [pem('signing-2026')] }, now);
  expect(await given.reconcile()).toEqual(told);
  await given.reconcile();
  expect(given.writes).toHaveLength(1);
});

test('a certificate or metadata that cannot be read is told, without anything about how long it lasts', async () => {
  const at = '2026-06-01T00:00:00Z';
  const wrong = samlWorld({ certificates: [pem('curve')] }, at);
  expect(await wrong.reconcile()).toEqual(['ProviderCertificateInvalid', undefined, undefined]);
  const pasted = samlWorld({ entityId: undefined, ssoUrl: undefined, metadata: '<a/>' }, at);
  expect(await pasted.reconcile()).toEqual(['ProviderMetadataInvalid', undefined, undefined]);
});

test('the key that requests are signed with has to be there, and one', async () => {
  const saml = { certificates: [pem('signing-2026')], signingKeyRef: { name: 'signer', key: 'pem' } };
  const given = samlWorld(saml, '2026-06-01T00:00:00Z');
  expect((await given.reconcile())[0]).toBe('ProviderSecretMissing');
  const put = (text: string): void => {
    given.put(RESOURCES.secrets, {
      ...{ metadata: { name: 'signer', namespace: 'streamspace' }, type: PROVIDER_SECRET_TYPE },
      data: { pem: Buffer.from(text).toString('base64') },
    });
  };
  put('no key');
  expect((await given.reconcile())[0]).toBe('ProviderCertificateInvalid');
  put(pem('request-signer'));
  expect((await given.reconcile())[0]).toBe('Accepted');
});
