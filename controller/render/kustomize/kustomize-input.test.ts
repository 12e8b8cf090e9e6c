// What of a repository kustomize gets to see, and what is refused before it runs.
import { expect, test } from 'vitest';
import { memoryTree } from '../fixtures.ts';
import { kustomizeInput } from './kustomize-input.ts';

const CM = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';

async function inputOf(files: Readonly<Record<string, string>>, folder = 'app') {
  const tree = memoryTree(files);
  return await kustomizeInput(tree, await tree.snapshot(folder));
}

async function refusal(kustomization: string, more: Readonly<Record<string, string>> = {}): Promise<unknown> {
  return await inputOf({ 'app/kustomization.yaml': kustomization, ...more }).then(
    () => 'admitted',
    (error: unknown) => error,
  );
}

test('the folders that are named come along, from folder to folder, and nothing else of the repository', async () => {
  const { files, kustomization } = await inputOf({
    'app/kustomization.yaml': 'resources: [a.yaml, ../base]\ncomponents: [../parts/one]\n',
    'app/a.yaml': CM,
    'base/kustomization.yml': 'resources:\n- ../lower/\n',
    'lower/Kustomization': 'resources: [b.yaml]\n',
    'lower/b.yaml': CM,
    'parts/one/kustomization.yaml': 'kind: Component\n',
    'parts/two/kustomization.yaml': 'kind: Component\n',
    'secret.yaml': CM,
  });
  expect(kustomization).toBe('app/kustomization.yaml');
  expect([...files.keys()].toSorted()).toEqual([
    'app/a.yaml',
    'app/kustomization.yaml',
    'base/kustomization.yml',
    'lower/Kustomization',
    'lower/b.yaml',
    'parts/one/kustomization.yaml',
  ]);
});

test('kustomize reads what we have read: the kustomization as JSON, whatever the YAML looked like', async () => {
  const { files } = await inputOf({
    'app/kustomization.yaml': 'namePrefix: &p x-\nnameSuffix: *p\nbuildMetadata: [managedByLabel]\n',
  });
  expect(JSON.parse(Buffer.from(files.get('app/kustomization.yaml') ?? '').toString())).toEqual({
    namePrefix: 'x-',
    nameSuffix: 'x-',
    buildMetadata: ['managedByLabel', 'originAnnotations'],
  });
});

test.each([
  ['a URL', 'resources:\n- https://example.com/a.yaml\n'],
  ['a repository of GitHub', 'resources:\n- github.com/org/repo/path?ref=main\n'],
  ['the git form', 'bases:\n- git::https://example.com/repo.git\n'],
  ['the ssh form', 'components:\n- git@example.com:org/repo.git\n'],
  ['the short form', 'resources:\n- gh:org/repo\n'],
  ['a file URL', 'resources:\n- file:///etc/passwd\n'],
  ['a field in capitals, which Go reads too', 'Resources:\n- https://example.com/a.yaml\n'],
  ['a patch', 'patches:\n- path: http://example.com/a.yaml\n'],
  ['a definition', 'crds:\n- https://example.com/a.yaml\n'],
  ['a schema', 'openapi:\n  path: https://example.com/a.json\n'],
  ['a replacement', 'replacements:\n- path: https://example.com/a.yaml\n'],
  ['a file of a generator', 'configMapGenerator:\n- {name: a, files: ["k=https://example.com/a"]}\n'],
  ['an env file of a generator', 'secretGenerator:\n- {name: a, envs: [https://example.com/a]}\n'],
  ['an absolute path', 'resources:\n- /etc\n'],
  ['a path above the repository', 'resources:\n- ../../etc\n'],
  ['a Helm chart', 'helmCharts:\n- {name: x, repo: https://example.com}\n'],
])('%s is refused before kustomize runs, with its line', async (_what, kustomization) => {
  expect(await refusal(`# first line\n${kustomization}`)).toMatchObject({
    code: 'RenderDenied',
    position: { file: 'app/kustomization.yaml', line: expect.any(Number) },
  });
});

test('what the configuration of a built-in plugin loads is looked at too', async () => {
  const plugin = 'apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: a}\nfiles:\n- k=https://example.com/a\n';
  expect(await refusal('generators: [g.yaml]\n', { 'app/g.yaml': plugin })).toMatchObject({
    code: 'RenderDenied',
    position: { file: 'app/g.yaml' },
  });
  expect(await refusal('generators: [g.yaml]\n', { 'app/g.yaml': plugin.replace('builtin', '"\\x62uiltin"') })).toMatchObject({
    code: 'RenderDenied',
  });
});

test('so is one that stands in the kustomization itself', async () => {
  const inline = 'apiVersion: builtin\n  kind: PatchTransformer\n  metadata: {name: a}\n  path: https://example.com/a\n';
  expect(await refusal(`namePrefix: x-\ntransformers:\n- |-\n  ${inline}`)).toMatchObject({
    code: 'RenderDenied',
    position: { file: 'app/kustomization.yaml', line: 3 },
  });
  expect(await refusal(`transformers:\n- |-\n  ${inline.replace('https://example.com/a', 'a.yaml')}`)).toBe('admitted');
});

test.each([
  ['a single file above its folder', 'resources: [../a.yaml]', { 'a.yaml': CM }, 'RenderDenied'],
  ['a file that is not there', 'resources: [missing.yaml]', {}, 'RenderFailed'],
  ['a folder without a kustomization', 'resources: [../base]', { 'base/a.yaml': CM }, 'RenderFailed'],
  ['two kustomizations in one folder', '', { 'app/kustomization.yml': '' }, 'RenderFailed'],
  ['two documents', 'namePrefix: a\n---\nnamePrefix: b\n', {}, 'RenderFailed'],
  ['a key twice', 'namePrefix: a\nnamePrefix: b\n', {}, 'YamlInvalid'],
])('%s is a mistake with its place', async (_what, kustomization, more: Readonly<Record<string, string>>, code) => {
  expect(await refusal(kustomization, more)).toMatchObject({ code, position: { file: expect.stringMatching(/^app\//) } });
});

test('content that stands in the kustomization itself is no path, and a URL in a value is none', async () => {
  const kustomization = `
patches:
- patch: |-
    - {op: add, path: /data/url, value: "https://example.com"}
  target: {kind: ConfigMap}
patchesStrategicMerge:
- |-
  apiVersion: v1
  kind: ConfigMap
  metadata: {name: a}
configMapGenerator:
- {name: c, literals: [URL=https://example.com], files: [own=a.yaml]}
commonAnnotations: {homepage: https://example.com}
`;
  expect(await refusal(kustomization, { 'app/a.yaml': CM })).toBe('admitted');
});

test('kustomizations that name each other end', async () => {
  expect(await refusal('resources: [../base]', { 'base/kustomization.yaml': 'resources: [../app]' })).toBe('admitted');
});
