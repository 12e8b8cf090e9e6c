// What files may hold, from the repository to the cluster: encodings, aliases, merge keys, lists, links and what is no manifest.
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import type { GitSyncStatus } from '../../schemas/kinds/git-sync/git-sync.ts';
import { kubectl } from '../support/kubectl.ts';
import { freshWorld, type World } from '../support/world.ts';

const servers = inject('servers');
const configMap = (name: string, value = 'v'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {k: ${value}}\n`;

/** Commits what stands in the working copy, bytes that are no text included, and waits until it is judged. */
async function judged(world: World, files: Readonly<Record<string, Uint8Array>>): Promise<GitSyncStatus> {
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(world.repository.folder, name), bytes);
  const sha = await world.repository.push('Bytes');
  await world.hint();
  return await world.until(
    'the commit is judged',
    (now) => now.attempted === sha && now.conditions?.[0]?.status !== 'Unknown' && now.operation === undefined,
  );
}

test('S-010 a link to a file of the machine is refused, and nothing of that file is told anywhere', async () => {
  await using world = await freshWorld(servers);
  await world.apply({ 'a.yaml': configMap('a') });
  await symlink('/etc/passwd', join(world.repository.folder, 'users.yaml'));
  const status = await judged(world, {});
  expect(status.conditions?.[0]).toMatchObject({ reason: 'GitSymlink', message: expect.stringContaining('users.yaml') });
  const events = await world.kubectl(['get', 'events', '-o', 'json']);
  expect(JSON.stringify(status) + events).not.toMatch(/root:|\/bin\/(ba)?sh/);
  expect(await world.read('configmap', 'a')).toBeDefined();
});

test('S-027 what is not UTF-8 is named by its file and nothing is applied; a byte order mark is accepted', async () => {
  await using world = await freshWorld(servers);
  const marked = Buffer.from(`\uFEFF${configMap('marked', 'ü')}`);
  expect((await judged(world, { 'marked.yaml': marked })).conditions?.[0]).toMatchObject({ status: 'True' });
  expect(await world.read('configmap', 'marked')).toMatchObject({ data: { k: 'ü' } });
  const wrong = [Buffer.from(configMap('b'), 'utf16le'), Buffer.from([0x61, 0xff, 0xfe]), Buffer.from(`${configMap('b')}\0`)];
  for (const bytes of wrong) {
    const status = await judged(world, { 'wrong.yaml': bytes });
    expect(status.problems).toMatchObject([{ code: 'FileEncodingInvalid', file: 'wrong.yaml' }]);
  }
  expect(await world.read('configmap', 'b')).toBeUndefined();
  expect(await world.read('configmap', 'marked')).toBeDefined();
});

test('S-028 an alias bomb is refused by name, and the next commit is applied as ever', async () => {
  await using world = await freshWorld(servers);
  const levels = 'bcdefghi'.split('').map((name, index) => {
    const above = 'abcdefgh'[index];
    return `${name}: &${name} [${Array(9).fill(`*${above}`).join(', ')}]`;
  });
  const bomb = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\na: &a [x, x, x, x, x, x, x, x, x]\n${levels.join('\n')}\n`;
  await world.push({ 'bomb.yaml': bomb });
  const status = await world.until('it is refused', (now) => now.conditions?.[0]?.reason === 'YamlInvalid');
  expect(status.problems).toMatchObject([{ file: 'bomb.yaml', message: expect.stringContaining('aliases expand') }]);
  await world.apply({ 'bomb.yaml': null, 'a.yaml': configMap('a') });
  expect(await world.read('configmap', 'a')).toBeDefined();
});

test('S-031 a merge key makes the object that kubectl makes of it', async () => {
  await using world = await freshWorld(servers);
  const text = (name: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  labels: &labels {a: one, b: two}\n  annotations:\n    <<: *labels\n    b: own\ndata:\n  <<: [*labels]\n  c: three\n`;
  await world.apply({ 'git.yaml': text('git') });
  await kubectl(servers, ['-n', world.namespace, 'apply', '--server-side', '-f', '-'], text('kubectl'));
  const [git, theirs] = [await world.read('configmap', 'git'), await world.read('configmap', 'kubectl')];
  expect(git?.['data']).toEqual(theirs?.['data']);
  expect(git?.['data']).toEqual({ a: 'one', b: 'two', c: 'three' });
  expect(git?.metadata.annotations).toMatchObject(theirs?.metadata.annotations ?? {});
});

test('S-037 S-038 empty documents are nothing, a List is its items with their own lines, and what is no manifest is told', async () => {
  await using world = await freshWorld(servers);
  const list = `---\n---\n# only words\n---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: first}\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: second}\n---\n`;
  const status = await world.apply({ 'list.yaml': list, 'values.yaml': 'replicas: 3\nimage: none\n' });
  expect(status.objects).toBe(2);
  expect(status.plan?.changes).toMatchObject([
    { object: expect.stringContaining('/first'), file: 'list.yaml', line: 8 },
    { object: expect.stringContaining('/second'), file: 'list.yaml', line: 11 },
  ]);
  expect(status.plan?.warnings?.join('\n')).toMatch(/values\.yaml:1: skipped.*neither apiVersion nor kind/);
});

test('S-068 an object that is created once only is left as it was changed, is no drift, and comes back when it is missing', async () => {
  await using world = await freshWorld(servers);
  const once = (value: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: once, annotations: {streamspace.io/apply: IfAbsent}}\ndata: {k: ${value}}\n`;
  await world.apply({ 'once.yaml': once('first'), 'a.yaml': configMap('a') });
  await world.kubectl(['patch', 'configmap', 'once', '--type=merge', '-p', '{"data":{"k":"edited"}}']);
  const status = await world.sync();
  expect(status.conditions?.find(({ type }) => type === 'Drifted')).toMatchObject({ status: 'False' });
  await world.apply({ 'once.yaml': once('second') });
  expect(await world.read('configmap', 'once')).toMatchObject({ data: { k: 'edited' } });
  await world.kubectl(['delete', 'configmap', 'once']);
  await world.sync();
  await world.until('it is there again', (now) => now.objects === 2 && now.conditions?.[0]?.status === 'True');
  expect(await world.read('configmap', 'once')).toMatchObject({ data: { k: 'second' } });
});

test('S-065 a webhook that would refuse the pods behind it is applied after them', async () => {
  const rules = [{ apiGroups: ['admissionregistration.k8s.io'], resources: ['validatingwebhookconfigurations'], verbs: ['*'] }];
  await using world = await freshWorld(servers, { clusterRules: rules, spec: { wait: false } });
  // It fails closed, and nobody ever answers: applied first, it would refuse its own Deployment. What exists already it lets be,
  // so that a sync that is begun anew in the middle goes through.
  const webhook = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: world.namespace },
    webhooks: [
      {
        name: 'deployments.example.com',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        timeoutSeconds: 1,
        clientConfig: { service: { namespace: world.namespace, name: 'hook', path: '/' } },
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': world.namespace } },
        rules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] }],
      },
    ],
  };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'hook' },
    spec: {
      selector: { matchLabels: { app: 'hook' } },
      template: { metadata: { labels: { app: 'hook' } }, spec: { containers: [{ name: 'c', image: 'none' }] } },
    },
  };
  await world.apply({ 'a-webhook.yaml': JSON.stringify(webhook), 'b-hook.yaml': JSON.stringify(deployment) });
  const written = (await world.writes()).filter((each) => each.includes('deployments/hook'));
  expect(written[0]).toBe('patch deployments/hook');
  const names = ['get', 'validatingwebhookconfiguration', world.namespace, '-o', 'name'];
  expect(await world.kubectl(names)).toContain(world.namespace);
});
