// What is not ready is named with the reason why, and kinds with a status of their own are judged by rules of the GitSync.
import { expect, inject, test } from 'vitest';
import type { GitSyncStatus } from '../../schemas/kinds/git-sync/git-sync.ts';
import type { HealthRule } from '../../schemas/kinds/git-sync/health-rule.ts';
import { freshWorld, type World } from '../support/world.ts';

const servers = inject('servers');
const GROUP = `health-${Math.random().toString(36).slice(2, 8)}.example.com`;

const SAFE = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  runAsUser: 1000,
  seccompProfile: { type: 'RuntimeDefault' },
};
const podSpec = (extra: object, container: object): object => ({
  ...extra,
  containers: [{ name: 'app', securityContext: SAFE, ...container }],
});

const deployment = (name: string, spec: object): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec } },
  });

/** Its one pod ends with this code at once; the image is one that every installation has. */
const job = (name: string, code: number): string =>
  JSON.stringify({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: {
      backoffLimit: 0,
      template: {
        spec: podSpec(
          { restartPolicy: 'Never' },
          { image: 'localhost/streamspace/terminal:0.1.0', imagePullPolicy: 'Never', command: ['/bin/sh', '-c', `exit ${code}`] },
        ),
      },
    },
  });

/** The kubelet and the scheduler may say their word a little after the first timeout: the next try tells it. */
async function problemOf(world: World, code: string, words = /./): Promise<string> {
  const told = (now: GitSyncStatus): string => now.problems?.[0]?.message ?? '';
  const holds = (now: GitSyncStatus): boolean => now.conditions?.[0]?.reason === code && words.test(told(now));
  return told(await world.until(`it is ${code} with ${words}`, holds, 90_000));
}

test('a missing image is named with the pod, the container and what the kubelet says', async () => {
  await using world = await freshWorld(servers, { spec: { timeout: '10s' } });
  const image = 'localhost/streamspace/no-such-image:1';
  await world.push({ 'd.yaml': deployment('web', podSpec({}, { image, imagePullPolicy: 'Never' })) });
  const problem = await problemOf(world, 'HealthTimeout', /ErrImageNeverPull/);
  expect(problem).toMatch(/Deployment .*\/web: not ready within 10s: .*pods/);
  expect(problem).toMatch(/pod web-[a-z0-9-]+: container app: ErrImageNeverPull: .*no-such-image/);
});

test('a pod that fits no node is named with what the scheduler says', async () => {
  await using world = await freshWorld(servers, { spec: { timeout: '6s' } });
  const spec = podSpec({ nodeSelector: { 'example.com/none': 'such' } }, { image: 'none' });
  await world.push({ 'd.yaml': deployment('web', spec) });
  expect(await problemOf(world, 'HealthTimeout', /Unschedulable/)).toMatch(
    /pod web-[a-z0-9-]+: Unschedulable: 0\/1 nodes are available/,
  );
});

test('a quota that refuses the pods is named though there is no pod to ask', async () => {
  await using world = await freshWorld(servers, { spec: { timeout: '6s' } });
  const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'none' }, spec: { hard: { pods: '0' } } };
  const set = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db' },
    spec: {
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template: { metadata: { labels: { app: 'db' } }, spec: podSpec({}, { image: 'none' }) },
    },
  };
  await world.push({ 'q.yaml': JSON.stringify(quota), 's.yaml': JSON.stringify(set) });
  expect(await problemOf(world, 'HealthTimeout', /FailedCreate/)).toMatch(/StatefulSet .*FailedCreate: .*exceeded quota: none/);
});

test('a Job that fails ends the wait at once, with the exit code', async () => {
  await using world = await freshWorld(servers, { spec: { timeout: '5m' } });
  await world.push({ 'j.yaml': job('broken', 3) });
  const problem = await problemOf(world, 'HealthFailed');
  expect(problem).toMatch(/Job .*\/broken: .*container app: ended with Error, exit code 3/);
  expect((await world.status()).health).toBe('Degraded');
});

const DEFINITION = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: databases.${GROUP}}
spec:
  group: ${GROUP}
  scope: Namespaced
  names: {plural: databases, singular: database, kind: Database}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`;
const CRD_RULES = [{ apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: ['*'] }];
const DATABASE = `apiVersion: ${GROUP}/v1\nkind: Database\nmetadata: {name: db}\n`;
const RULE: HealthRule = {
  kind: `${GROUP}/Database`,
  healthy: 'self.phase == "up" && self.ready >= 2',
  failed: 'self.phase == "lost"',
  message: '"it is " + self.phase + " with " + string(self.ready)',
};

test('a kind of its own is judged by the rule of the GitSync, which says why it waits and when to stop waiting', async () => {
  await using world = await freshWorld(servers, { clusterRules: CRD_RULES, spec: { health: [RULE], timeout: '60s' } });
  const sha = await world.push({ 'd.yaml': DEFINITION, 'db.yaml': DATABASE });
  const set = async (phase: string, ready: number): Promise<unknown> =>
    await world.kubectl(['patch', `databases.${GROUP}`, 'db', '--type=merge', '-p', JSON.stringify({ phase, ready })]);
  // A first try that came before the API server served the kind leaves its reason while the second one waits.
  await world.until(
    'it waits',
    ({ conditions, objects, operation }) =>
      objects === 2 && (conditions?.[0]?.reason === 'Progressing' || operation?.phase === 'WaitingForHealth'),
  );
  await expect.poll(async () => await set('lost', 1).catch(() => undefined), { timeout: 30_000 }).toBeDefined();
  expect(await problemOf(world, 'HealthFailed')).toMatch(/Database .*\/db: it is lost with 1/);
  await set('up', 2);
  await world.sync();
  await world.until('it is healthy', (now) => now.revision === sha && now.health === 'Healthy', 60_000);
});

test('a rule that is no expression is a problem of its own: the others are applied, its kind stays unknown', async () => {
  const rule: HealthRule = { kind: 'ConfigMap', healthy: 'self.data.k ==' };
  await using world = await freshWorld(servers, { spec: { health: [rule] } });
  await world.push({ 'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}\n' });
  expect(await problemOf(world, 'HealthRuleInvalid')).toMatch(/ConfigMap .*\/a: spec\.health\[0\]\.healthy for ConfigMap/);
  expect(await world.status()).toMatchObject({
    health: 'Unknown',
    plan: { warnings: [expect.stringContaining('spec.health[0]')] },
  });
  expect(await world.read('configmap', 'a')).toMatchObject({ data: { k: 'v' } });
});
