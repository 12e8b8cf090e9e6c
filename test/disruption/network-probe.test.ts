// What a probe says of the network of the local cluster, from inside of a pod: with the rules of its agent, and without them.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { dial } from '../../controller/network-probe/dial.ts';
import { type Greeter, PROBE_NAME, PROBE_PORT } from '../../controller/network-probe/objects.ts';
import { type ProbePorts, probeNetwork } from '../../controller/network-probe/probe.ts';
import { networkProbeLoop } from '../../controller/network-probe/probe-loop.ts';
import { desktopRef } from '../../images/definitions.ts';
import { serviceKubeconfigPath } from '../../local/install/service-tokens.ts';
import { statePaths } from '../../local/state/state.ts';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { createEventRecorder } from '../../runtime/kube/events.ts';
import { createLogger } from '../../runtime/log/log.ts';
import type { HealthReport } from '../../schemas/api/health.ts';
import { NETWORK_PROBE, SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import { apiAs } from '../support/api.ts';
import { must } from '../support/command.ts';
import { kubectl, kubectlJson } from '../support/kubectl.ts';
import { freezePart, partOf } from '../support/parts.ts';
import { networkOfPod, type PodNetwork } from '../support/pod-network.ts';
import { startReplica } from '../support/replica.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const NAMESPACE = `probe-${randomUUID().slice(0, 6)}`;
const log = createLogger({ name: 'test', level: 'silent' });
const { signal } = new AbortController();
/** In place of Node.js, which is in no image here: a VNC server says its version to whoever connects. */
const VNC: Greeter = {
  command: [
    'Xtigervnc',
    ':1',
    '-rfbport',
    String(PROBE_PORT),
    '-localhost=0',
    '-SecurityTypes',
    'None',
    '-BlacklistThreshold=1000',
  ],
  greeting: 'RFB 003.008\n',
};
let enforced: boolean;
let client: OwnedKubeClient;
let network: PodNetwork;

beforeAll(async () => {
  const { findings } = JSON.parse(await readFile(`${servers.stateDir}/local.json`, 'utf8')) as { findings: { code: string }[] };
  enforced = findings.every(({ code }) => code !== 'NetworkPolicyNotEnforced');
  // With the rights of the controller and no more.
  client = createKubeClient({ kubeconfig: serviceKubeconfigPath(statePaths(servers.stateDir), 'streamspace-controller'), log });
  await kubectl(servers, ['create', 'namespace', NAMESPACE]);
  await kubectl(servers, ['label', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/enforce=restricted']);
  await kubectl(servers, ['apply', '-f', '-'], JSON.stringify(controllerPod()));
  await kubectl(servers, ['wait', '-n', NAMESPACE, 'pod/controller', '--for=condition=Ready', '--timeout=60s']);
  const pod = await kubectlJson<{ status: { podIP: string } }>(servers, ['get', 'pod', '-n', NAMESPACE, 'controller']);
  network = await networkOfPod(pod.status.podIP);
});
afterAll(async () => {
  await kubectl(servers, ['delete', 'namespace', NAMESPACE, '--wait=false']);
  await client[Symbol.asyncDispose]();
});

function controllerPod(): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'controller', namespace: NAMESPACE },
    spec: {
      securityContext: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'controller',
          image: desktopRef('terminal'),
          imagePullPolicy: 'Never',
          command: ['sleep', 'infinity'],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}

const ports = (): ProbePorts => ({
  ...{ client, namespace: NAMESPACE, podName: 'controller', greeter: VNC, log },
  addresses: () => network.addresses,
  dial: network.dial,
  elapsed: () => performance.now(),
  settleMs: 12_000,
});

async function nothingIsLeft(): Promise<void> {
  await eventually('nothing of the probe is left', async () => {
    const left = await kubectl(servers, ['get', 'statefulset,networkpolicy,pod', '-n', NAMESPACE, '-o', 'name']);
    return !left.includes(PROBE_NAME);
  });
}

test('P-04-9 a probe from a pod of a network that holds back what no policy admits says so, in a ConfigMap and an event', async () => {
  const stop = new AbortController();
  const told: unknown[] = [];
  const events = createEventRecorder({ client, component: 'test', log });
  const loop = networkProbeLoop({
    ...{ ...ports(), events, signal: stop.signal, everyMs: 3_600_000 },
    tell: (state) => void told.push(state),
    now: () => new Date(),
  });
  const state = enforced ? 'enforced' : 'notEnforced';
  const found = await eventually(
    'the probe has found something',
    async () => (await kubectlJson<{ data: object }>(servers, ['get', 'configmap', '-n', NAMESPACE, NETWORK_PROBE])).data,
    { timeoutMs: 200_000, everyMs: 1_000 },
  );
  expect(found).toMatchObject({ state, node: expect.stringMatching(/./), checkedAt: expect.stringMatching(/Z$/) });
  await events.flush();
  stop.abort();
  await loop;
  expect(told).toEqual([undefined, state, undefined]);
  const reasons = await kubectl(servers, ['get', 'events', '-n', NAMESPACE, '-o', 'jsonpath={.items[*].reason}']);
  expect(reasons).toContain(enforced ? 'NetworkPolicyEnforced' : 'NetworkPolicyNotEnforced');
  await nothingIsLeft();
});

test('P-04-9 the same probe without the rules of the agent says that nothing is held back, and health tells it', async (context) => {
  if (!enforced) return context.skip('this machine enforces nothing anyhow');
  const { pid } = await partOf(servers, 'network-policies');
  const table = /--table=([^\0]+)/.exec(await readFile(`/proc/${pid}/cmdline`, 'utf8'))?.[1] ?? '';
  await using stack = new AsyncDisposableStack();
  stack.defer(() =>
    eventually('the rules are back', async () => (await must('nft', ['list', 'tables'])).includes(`table inet ${table}`)).then(
      () => undefined,
    ),
  );
  let isOpen = false;
  // The pod of the probe has its network from the agent: only then it stands still, and its rules go.
  const probed = await probeNetwork(
    {
      ...ports(),
      dial: async (...asked) => {
        const greeted = await network.dial(...asked);
        if (greeted && !isOpen) {
          stack.use(await freezePart(servers, 'network-policies'));
          await must('nft', ['delete', 'table', 'inet', table]);
          isOpen = true;
        }
        return greeted;
      },
    },
    signal,
  );
  expect(probed).toMatchObject({ state: 'notEnforced', node: expect.stringMatching(/./) });
  await stack.disposeAsync();
  await nothingIsLeft();

  const data = { ...probed, checkedAt: new Date().toISOString() };
  const literals = Object.entries(data).map(([key, value]) => `--from-literal=${key}=${value}`);
  await kubectl(servers, ['create', 'configmap', NETWORK_PROBE, '-n', SYSTEM_NAMESPACE, ...literals]);
  try {
    const health = async () => (await apiAs(servers, 'admin').get<HealthReport>('/health')).body.findings;
    const finding = await eventually('health says so', async () =>
      (await health()).find(({ part, code }) => part === 'network' && code === 'NetworkPolicyNotEnforced'),
    );
    expect(finding).toMatchObject({ severity: 'warning', message: expect.stringContaining(`node ${probed.node}`) });
  } finally {
    await kubectl(servers, ['delete', 'configmap', NETWORK_PROBE, '-n', SYSTEM_NAMESPACE]);
  }
});

test('P-04-9 a probe whose pod another policy of the namespace admits to does not accuse the network', async (context) => {
  if (!enforced) return context.skip('this machine enforces nothing anyhow');
  const allow = { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from: [{ podSelector: {} }] }] };
  const metadata = { name: 'allow-same-namespace', namespace: NAMESPACE };
  const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec: allow };
  await kubectl(servers, ['apply', '-f', '-'], JSON.stringify(policy));
  try {
    const probed = await probeNetwork(ports(), signal);
    expect(probed).toMatchObject({ state: 'notKnown', reason: expect.stringContaining('allow-same-namespace') });
  } finally {
    await kubectl(servers, ['delete', 'networkpolicy', '-n', NAMESPACE, 'allow-same-namespace']);
  }
  await nothingIsLeft();
});

test('P-04-9 a controller that stands on the machine proves nothing, and puts nothing into the cluster', async () => {
  const addresses = (): readonly string[] =>
    Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address));
  const onMachine = { ...ports(), addresses, dial };
  expect(await probeNetwork({ ...onMachine, podName: 'no-such-pod' }, signal)).toMatchObject({ state: 'notKnown', node: null });
  expect(await probeNetwork(onMachine, signal)).toMatchObject({ state: 'notKnown', node: null });
  await nothingIsLeft();
});

test('P-04-9 a controller that comes to lead on a machine says that nothing is known; one that does not probe takes that back', async () => {
  const codes = async () => (await apiAs(servers, 'admin').get<HealthReport>('/health')).body.findings.map(({ code }) => code);
  expect(await codes()).not.toContain('NetworkPolicyNotKnown');
  await using frozen = await freezePart(servers, 'controller');
  await using replica = await startReplica(servers, 'probe-lead', 1, ['--network-probe-hours=6']);
  await eventually('health says that it is not known', async () => (await codes()).includes('NetworkPolicyNotKnown'), {
    timeoutMs: 60_000,
    everyMs: 500,
  });
  const metrics = await (await fetch(`${replica.url}/metrics`)).text();
  expect(metrics).toMatch(/^streamspace_network_probe\{state="notKnown",[^}]*\} 1$/m);
  await frozen[Symbol.asyncDispose]();
  expect(await replica.end()).toBe(0);
  await eventually(
    'the controller of the local cluster leads again',
    async () => !(await codes()).includes('NetworkPolicyNotKnown'),
    {
      timeoutMs: 60_000,
      everyMs: 500,
    },
  );
});
