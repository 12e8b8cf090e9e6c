// What can be wrong in a repository: each is told with its place, and the last good revision stays.
import { expect, inject, test } from 'vitest';
import { eventually } from '../support/wait.ts';
import { freshWorld, type World } from '../support/world.ts';

const servers = inject('servers');
const GOOD = { 'a.yaml': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"v"}}' };

async function refused(world: World, reason: string): Promise<{ readonly message: string; readonly problem: unknown }> {
  const status = await world.until(`Ready is ${reason}`, (now) => now.conditions?.[0]?.reason === reason, 60_000);
  expect(status.conditions?.[0]?.status).toBe('False');
  expect(await world.read('configmap', 'a')).toMatchObject({ data: { k: 'v' } });
  return { message: status.conditions?.[0]?.message ?? '', problem: status.problems?.[0] };
}

test('broken YAML and a wrong field of ours are told with file and line, and mended by the next commit', async () => {
  await using world = await freshWorld(servers);
  const { revision } = await world.apply(GOOD);
  await world.push({ 'b.yaml': 'apiVersion: v1\nkind: [\n' });
  expect((await refused(world, 'YamlInvalid')).problem).toMatchObject({ file: 'b.yaml', line: expect.any(Number) });
  await world.push({
    'b.yaml': 'apiVersion: streamspace.io/v1alpha1\nkind: Template\nmetadata: {name: t}\nspec:\n  displayName: T\n  imagge: x\n',
  });
  const { problem } = await refused(world, 'ManifestInvalid');
  expect(problem).toMatchObject({ file: 'b.yaml' });
  expect((await world.status()).revision).toBe(revision);
  await world.apply({ 'b.yaml': null });
});

test('S-040 the same object in two files is refused with both places', async () => {
  await using world = await freshWorld(servers);
  await world.apply(GOOD);
  await world.push({ 'dir/b.yaml': GOOD['a.yaml'] });
  expect((await refused(world, 'ManifestDuplicate')).message).toMatch(/a\.yaml:1.*dir\/b\.yaml:1/);
});

test('S-039 a document with half an identity is refused with file and document, and nothing of the commit is applied', async () => {
  await using world = await freshWorld(servers);
  await world.apply(GOOD);
  for (const [half, words] of [
    ['apiVersion: v1\nmetadata: {name: h}', 'apiVersion without kind'],
    ['kind: ConfigMap\nmetadata: {name: h}', 'kind without apiVersion'],
    ['apiVersion: v1\nkind: ConfigMap', 'has no metadata.name'],
    ['apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: h-}', 'has only metadata.generateName'],
  ] as const) {
    await world.push({ 'b.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n---\n${half}\n` });
    const told = await world.until(words, (now) => (now.problems?.[0]?.message ?? '').includes(words));
    expect(told.problems).toMatchObject([
      { code: 'ManifestInvalid', file: 'b.yaml', line: 5, message: expect.stringContaining('document 2 of the file') },
    ]);
  }
  await refused(world, 'ManifestInvalid');
  expect(await world.read('configmap', 'b')).toBeUndefined();
});

const DEFINITION = (group: string): string => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.${group}}
spec:
  group: ${group}
  scope: Namespaced
  names: {kind: Thing, plural: things, singular: thing, listKind: ThingList}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              x-kubernetes-validations: [{rule: 'self.min <= self.max', message: min is at most max}]
              properties: {min: {type: integer}, max: {type: integer, default: 5}}
`;

test('a custom resource that its definition in the same commit does not admit is refused before the definition is written', async () => {
  await using world = await freshWorld(servers);
  await world.apply(GOOD);
  const group = `${world.namespace}.example.com`;
  const thing = (spec: string): string => `apiVersion: ${group}/v1\nkind: Thing\nmetadata: {name: t}\nspec:\n  ${spec}\n`;
  for (const [spec, words] of [
    ['mni: 3', 'spec.mni: no such field'],
    ['min: 6', 'spec: min is at most max'],
  ] as const) {
    await world.push({ 'crd.yaml': DEFINITION(group), 'thing.yaml': thing(spec) });
    const told = await world.until(words, (now) => (now.problems?.[0]?.message ?? '').includes(words));
    expect(told.problems).toMatchObject([{ code: 'ManifestInvalid', file: 'thing.yaml', line: expect.any(Number) }]);
  }
  expect(await world.kubectl(['get', 'crd', '-o', 'name'])).not.toContain(group);
});

test('S-003 S-005 S-006 a branch, a path or manifests that are gone prune nothing', async () => {
  await using world = await freshWorld(servers);
  await world.apply(GOOD);
  await world.patch({ spec: { ref: { branch: 'gone' } } });
  await refused(world, 'GitRefNotFound');
  await world.patch({ spec: { ref: { branch: 'main' }, path: 'nowhere' } });
  await refused(world, 'GitPathNotFound');
  await world.patch({ spec: { path: '.' } });
  await world.push({ 'a.yaml': null, 'README.md': 'nothing' });
  await refused(world, 'RenderEmpty');
});

test('S-001 a force-push is followed and told', async () => {
  await using world = await freshWorld(servers);
  await world.apply({ ...GOOD, 'b.yaml': GOOD['a.yaml'].replace('"name":"a"', '"name":"b"') });
  await world.repository.git('checkout', '--quiet', '--orphan', 'fresh');
  await world.apply({ 'b.yaml': null }, { force: true });
  expect(await world.read('configmap', 'b')).toBeUndefined();
  await eventually('the event is there', async () =>
    (await world.kubectl(['get', 'events', '--field-selector', 'reason=HistoryRewritten', '-o', 'name'])).includes('event/'),
  );
});

test('a Git server that is down changes nothing, and drift is repaired meanwhile', async () => {
  await using world = await freshWorld(servers);
  await world.apply(GOOD);
  world.server.fault = { status: 503 };
  await world.kubectl(['delete', 'configmap', 'a']);
  await eventually('it is back', async () => (await world.read('configmap', 'a')) !== undefined);
  await world.kubectl(['annotate', 'gitsync', 'sync', 'streamspace.io/sync-requested-at=down']);
  await refused(world, 'GitUnreachable');
  world.server.fault = undefined;
  await world.until('it recovers by itself', (now) => now.conditions?.[0]?.status === 'True');
});

const APP = `import { ApiObject, App, Chart } from 'cdk8s';
const app = new App();
const chart = new Chart(app, 'c');
`;

test('S-108 a bad cdk8s app is told with its line while another GitSync goes on', async () => {
  await using world = await freshWorld(servers);
  await using other = await freshWorld(servers);
  await world.apply(GOOD);
  await world.push({ 'main.ts': `${APP}throw new Error('no such thing');\n` });
  expect(await refused(world, 'RenderFailed')).toMatchObject({
    message: expect.stringContaining('main.ts:4'),
    problem: { file: 'main.ts', line: 4 },
  });
  await world.push({ 'main.ts': `${APP}Deno.readTextFileSync('/etc/passwd');\n` });
  expect((await refused(world, 'RenderDenied')).problem).toMatchObject({ line: 4 });
  await world.push({ 'main.ts': `${APP}await Deno.connect({ hostname: '127.0.0.1', port: 9 });\n` });
  await world.until('the socket is refused', ({ problems = [] }) => /Deno\.connect/.test(problems[0]?.message ?? ''), 60_000);
  expect((await refused(world, 'RenderDenied')).problem).toMatchObject({ line: 4 });
  await world.push({ 'main.ts': `${APP}for (;;) console.log('x'.repeat(1_000_000));\n` });
  expect((await refused(world, 'RenderOutputTooLarge')).problem).toMatchObject({ line: 4 });
  await world.push({ 'main.ts': `${APP}let turns = 0;\nfor (;;) {\n  turns += 1;\n}\n` });
  await other.apply(GOOD); // while the loop runs
  expect((await refused(world, 'RenderTimeout')).problem).toMatchObject({ file: 'main.ts' });
  const status = await world.apply({
    'main.ts': `${APP}new ApiObject(chart, 'b', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' } });\napp.synth();\n`,
  });
  expect(status.plan?.changes).toContainEqual(expect.objectContaining({ action: 'create', file: 'main.ts', line: 4 }));
});
