// IdentityProviders as objects of the cluster: offered without a restart, and in nobody's hands but the platform's.
import { randomBytes } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { createKubeClient } from '../../runtime/kube/client.ts';
import { findCondition } from '../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { IdentityProvider } from '../../schemas/kinds/sign-in/identity-provider.ts';
import { PROVIDER_SECRET_TYPE } from '../../schemas/kinds/sign-in/provider-secret.ts';
import { kubernetesGroups, kubernetesUser, SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');

test('a provider is offered at its host name as soon as it is there, says whether it can be used, and is gone as soon as it is deleted', async () => {
  const name = `idp-${randomBytes(4).toString('hex')}`;
  const host = `${name}.example.com`;
  await using client = createKubeClient({ kubeconfig: servers.kubeconfig, userAgent: 'test' });
  const offered = async (): Promise<readonly string[]> => {
    const answer = await fetch(`${servers.url}/auth/providers?host=${host}`);
    return ((await answer.json()) as { readonly items: readonly { readonly name: string }[] }).items.map((item) => item.name);
  };
  const object = {
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'IdentityProvider',
    metadata: { name, namespace: SYSTEM_NAMESPACE },
    spec: {
      ...{ type: 'OIDC', displayName: 'Under test', hostnames: [host] },
      oidc: { issuer: 'http://127.0.0.1:1', clientId: 'x', clientSecretRef: { name, key: 'secret' } },
    },
  };
  const admin = client.as({ user: kubernetesUser('lead'), groups: kubernetesGroups([]) });
  const body = JSON.stringify(object);
  await expect(admin.create(RESOURCES.identityProviders, SYSTEM_NAMESPACE, body)).rejects.toThrow('cannot create resource');
  expect(await offered()).toEqual(['settings']);
  const ready = async (): Promise<string | undefined> => {
    const found = await client.get<IdentityProvider>(RESOURCES.identityProviders, SYSTEM_NAMESPACE, name);
    return findCondition(found.status?.conditions, 'Ready')?.reason;
  };
  try {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name },
      type: PROVIDER_SECRET_TYPE,
      stringData: { secret: 's' },
    };
    await client.create(RESOURCES.identityProviders, SYSTEM_NAMESPACE, body);
    await eventually('it is offered', async () => (await offered()).join() === name);
    await eventually('its Secret is missed', async () => (await ready()) === 'ProviderSecretMissing');
    await client.create(RESOURCES.secrets, SYSTEM_NAMESPACE, JSON.stringify(secret));
    await client.mergePatch(
      RESOURCES.identityProviders,
      SYSTEM_NAMESPACE,
      name,
      { spec: { displayName: 'Under test again' } },
      { fieldManager: 'test' },
    );
    await eventually('it is accepted', async () => (await ready()) === 'Accepted');
    const away = await fetch(`${servers.url}/auth/sign-in?provider=${name}`, { headers: { accept: 'application/json' } });
    expect([away.status, ((await away.json()) as { code: string }).code]).toEqual([503, 'IdentityProviderUnreachable']);
  } finally {
    await client.delete(RESOURCES.identityProviders, SYSTEM_NAMESPACE, name).catch(() => undefined);
    await client.delete(RESOURCES.secrets, SYSTEM_NAMESPACE, name).catch(() => undefined);
  }
  await eventually('it is not offered any more', async () => (await offered()).join() === 'settings');
});
