// From the click (the API call that the Launch button makes) to the first frame in a viewer.
import { setTimeout as wait } from 'node:timers/promises';
import { apiAs, openDesktop, untilPhase } from '../support/api.ts';
import { kubectl } from '../support/kubectl.ts';
import type { Servers } from '../support/servers.ts';
import { eventually } from '../support/wait.ts';
import { type Measurement, measurement, quantile } from './result.ts';

const ROUNDS = 10;

/** What Kubernetes alone takes for a pod of the same image: apply until the kubelet says it is running. */
async function barePod(servers: Servers, name: string): Promise<number> {
  const manifest = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'team-web' },
    spec: {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      terminationGracePeriodSeconds: 1,
      volumes: [
        { name: 'tmp', emptyDir: {} },
        { name: 'home', emptyDir: {} },
      ],
      containers: [
        {
          name: 'desktop',
          image: 'localhost/streamspace/terminal:0.1.0',
          imagePullPolicy: 'IfNotPresent',
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
          volumeMounts: [
            { name: 'tmp', mountPath: '/tmp' },
            { name: 'home', mountPath: '/home/user' },
          ],
          command: ['sleep', '60'],
        },
      ],
    },
  });
  const startedAt = performance.now();
  await kubectl(servers, ['apply', '-f', '-'], manifest);
  await kubectl(servers, ['wait', '--for=jsonpath={.status.phase}=Running', `pod/${name}`, '-n', 'team-web', '--timeout=30s']);
  const took = performance.now() - startedAt;
  await kubectl(servers, ['delete', 'pod', name, '-n', 'team-web', '--wait=true']);
  return took;
}

export async function sessionSuite(servers: Servers): Promise<readonly Measurement[]> {
  const member = apiAs(servers, 'member');
  const frames: number[] = [];
  const running: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(await barePod(servers, `bench-pod-${round}`));
    const name = `bench-${round}`;
    const startedAt = performance.now();
    const created = await member.send('POST', '/namespaces/team-web/sessions', {
      metadata: { name },
      spec: { template: 'terminal' },
    });
    if (created.status !== 201) throw new Error(`create answered ${created.status}`);
    await untilPhase(servers, 'member', name, 'Running');
    running.push(performance.now() - startedAt);
    const viewer = await openDesktop(servers, 'member', name);
    frames.push(performance.now() - startedAt);
    await viewer.close();
    await member.send('DELETE', `/namespaces/team-web/sessions/${name}`);
    await eventually(
      'the session is gone',
      async () => (await member.get(`/namespaces/team-web/sessions/${name}`)).status === 404,
    );
    await wait(200);
  }
  const peer = { name: 'kubectl apply of a bare pod', value: quantile(bare, 0.5) / 1000 };
  return [
    measurement('session', `click to first frame, p50 of ${ROUNDS}`, quantile(frames, 0.5) / 1000, 's', peer),
    measurement('session', `click to first frame, p95 of ${ROUNDS}`, quantile(frames, 0.95) / 1000, 's', peer),
    measurement('session', `click to Running, p50 of ${ROUNDS}`, quantile(running, 0.5) / 1000, 's', peer),
  ];
}
