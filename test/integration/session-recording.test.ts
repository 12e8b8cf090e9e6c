// A session that must be recorded, through the whole: policy, controller, gateway, desktop in its pod, storage, index and command.
import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { createKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { apiAs, openDesktop, runningSession } from '../support/api.ts';
import { streamspace } from '../support/command.ts';
import { typeUntil } from '../support/desktop.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const NAME = `kept-${randomUUID().slice(0, 6)}`;
const NAMESPACE = 'team-web';

interface Kept {
  readonly id: string;
  readonly state: string;
  readonly session: { readonly name: string };
}

test('a session whose policy says so is recorded, marked, stored and genuine; G-63 its closed segments are there while it goes on', async () => {
  await using client = createKubeClient({ kubeconfig: servers.kubeconfig });
  const policy = {
    apiVersion: API_GROUP_VERSION,
    kind: 'RecordingPolicy',
    metadata: { name: NAME, namespace: NAMESPACE },
    spec: {
      targets: { cel: `session.metadata.name == "${NAME}"` },
      ...{ record: 'Always', mode: 'Required', segmentSeconds: 10, events: { input: true, clipboard: true } },
    },
  };
  await client.create(RESOURCES.recordingPolicies, NAMESPACE, JSON.stringify(policy));
  const admin = apiAs(servers, 'admin');
  const recordings = async (): Promise<readonly Kept[]> => {
    const { body } = await admin.get<{ readonly items: readonly Kept[] }>(`/recordings?session=${NAMESPACE}/${NAME}`);
    return body.items;
  };
  try {
    const session = await runningSession(servers, NAME, 'member');
    await using viewer = await openDesktop(servers, 'member', NAME);
    await typeUntil(servers, viewer, NAME, 'touch /tmp/typed', '/tmp/typed');
    const [live] = await eventually('a closed segment is there while it goes on', async () => {
      viewer.type('echo one more line\n');
      const found = await recordings();
      const [first] = found;
      if (first === undefined) return false;
      const { body } = await admin.get<{ readonly items: readonly unknown[] }>(`/recordings/${first.id}/segments`);
      return body.items.length > 0 && found;
    });
    expect(live).toMatchObject({ state: 'Recording' });
    await viewer.close();
    await session[Symbol.asyncDispose]();
    const [ended] = await eventually('the recording has ended', async () => {
      const found = await recordings();
      return found[0]?.state === 'Complete' && found;
    });
    const verified = await streamspace(['recordings', 'verify', ended?.id ?? '', '--state', servers.stateDir, '--json']);
    expect(verified.code, verified.stderr).toBe(0);
    expect(JSON.parse(verified.stdout)).toMatchObject({ state: 'Complete', findings: [], gaps: [] });
  } finally {
    await client.delete(RESOURCES.recordingPolicies, NAMESPACE, NAME);
  }
});
