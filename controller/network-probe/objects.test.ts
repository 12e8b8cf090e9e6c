import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { V1Pod } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { dial } from './dial.ts';
import { nodeGreeter, probePolicy, probeStatefulSet } from './objects.ts';

const { signal } = new AbortController();

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('what the pod runs greets whoever connects, again and again', async () => {
  const port = await freePort();
  const { command, greeting } = nodeGreeter('streamspace 1b4e\n', port);
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: 'inherit' });
  try {
    await expect.poll(() => dial('127.0.0.1', port, greeting, signal), { timeout: 20_000 }).toBe(true);
    expect(await dial('127.0.0.1', port, greeting, signal)).toBe(true);
    expect(await dial('127.0.0.1', port, 'streamspace of another probe\n', signal)).toBe(false);
  } finally {
    child.kill('SIGKILL');
  }
});

const own: V1Pod = {
  metadata: { name: 'controller-7c9', namespace: 'streamspace', uid: 'u1' },
  spec: {
    nodeSelector: { pool: 'platform' },
    tolerations: [{ key: 'platform', operator: 'Exists' }],
    imagePullSecrets: [{ name: 'registry' }],
    serviceAccountName: 'streamspace-controller',
    securityContext: { runAsUser: 4711 },
    containers: [
      { name: 'mesh', image: 'mesh:1' },
      { name: 'controller', image: 'registry.example.com/streamspace@sha256:1', env: [{ name: 'SECRET', value: 'x' }] },
    ],
  },
};

test('the pod is made of the image of the controller, runs where it may, and has nothing else of it', () => {
  const made = probeStatefulSet(own, nodeGreeter('hello'));
  const spec = made.spec?.template.spec;
  expect(spec).toMatchObject({
    nodeSelector: { pool: 'platform' },
    tolerations: [{ key: 'platform', operator: 'Exists' }],
    imagePullSecrets: [{ name: 'registry' }],
    automountServiceAccountToken: false,
    // Pod Security "restricted" holds in the namespace.
    securityContext: { runAsUser: 4711, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        image: 'registry.example.com/streamspace@sha256:1',
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  });
  expect(spec?.containers).toHaveLength(1);
  expect(JSON.stringify(spec)).not.toMatch(/SECRET|streamspace-controller/);
});

test('the policy selects the pod of the probe alone, and both end with the pod of the controller', () => {
  const set = probeStatefulSet(own, nodeGreeter('hello'));
  const policy = probePolicy(own, 'nobody') as { metadata: object; spec: { podSelector: { matchLabels: object } } };
  expect(policy.spec).toMatchObject({ policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] });
  expect(policy.spec.podSelector.matchLabels).toEqual(set.spec?.template.metadata?.labels);
  expect(probePolicy(own, 'everybody')).toMatchObject({ spec: { ingress: [{}] } });
  const owner = { kind: 'Pod', name: 'controller-7c9', uid: 'u1' };
  expect(policy.metadata).toMatchObject({ ownerReferences: [owner] });
  expect(set.metadata).toMatchObject({ ownerReferences: [owner] });
});
