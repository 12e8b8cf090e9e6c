// Which renderer a unit gets, and that what comes out depends on what goes in alone.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryTree } from './fixtures.ts';
import type { Rendered } from './manifest.ts';
import { createUnitRenderer } from './render.ts';
import type { Unit } from './unit.ts';
import { writeJson } from './yaml/json.ts';

const signal = new AbortController().signal;
const NOTHING: Rendered = { manifests: [], warnings: [] };
const unit: Unit = { path: 'app', renderer: 'Auto', entrypoint: 'main.ts' };
const render = createUnitRenderer({ cdk8s: async () => NOTHING, kustomize: async () => NOTHING });

test.each([
  ['an entry file', { 'app/main.ts': '', 'app/kustomization.yaml': '' }, 'Cdk8s'],
  ['kustomization.yaml', { 'app/kustomization.yaml': '' }, 'Kustomize'],
  ['kustomization.yml', { 'app/kustomization.yml': '' }, 'Kustomize'],
  ['Kustomization', { 'app/Kustomization': '' }, 'Kustomize'],
  ['a kustomization further down', { 'app/below/kustomization.yaml': '' }, 'Yaml'],
  ['an entry file elsewhere', { 'app/a.yaml': '', 'main.ts': '' }, 'Yaml'],
])('Auto takes %s for what it is', async (_what, files: Readonly<Record<string, string>>, renderer) => {
  expect((await render(memoryTree(files), unit, signal)).renderer).toBe(renderer);
});

test('what is asked for is done, and an entry file that is missing is named', async () => {
  const tree = memoryTree({ 'app/main.ts': '', 'app/kustomization.yaml': '' });
  expect((await render(tree, { ...unit, renderer: 'Yaml' }, signal)).renderer).toBe('Yaml');
  await expect(render(tree, { ...unit, renderer: 'Cdk8s', entrypoint: 'x.ts' }, signal)).rejects.toMatchObject({
    code: 'EntrypointNotFound',
    position: { file: 'app/x.ts' },
  });
});

test('S-108 the same files give the same bytes and positions, in whatever order they were read', async () => {
  const document = fc.record({ name: fc.stringMatching(/^[a-z]{1,8}$/), value: fc.string() });
  const file = fc.tuple(
    fc.stringMatching(/^[a-z]{1,6}(\/[a-z]{1,6})?\.yaml$/),
    fc.array(document, { minLength: 1, maxLength: 3 }),
  );
  const files = fc.uniqueArray(file, { selector: ([name]) => name, minLength: 1, maxLength: 8 });
  const shuffled = files.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
  await fc.assert(
    fc.asyncProperty(shuffled, async ([one, other]) => {
      const bytes = async (list: typeof one): Promise<readonly string[]> => {
        const texts = list.map(([name, documents]): readonly [string, string] => [
          `app/${name}`,
          documents.map(textOf).join('---\n'),
        ]);
        const { manifests } = await render(memoryTree(new Map(texts)), unit, signal);
        return manifests.map(({ object, position }) => `${position.file}:${position.line} ${writeJson(object)}`);
      };
      expect(await bytes(other)).toEqual(await bytes(one));
    }),
  );
});

function textOf({ name, value }: { readonly name: string; readonly value: string }): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${JSON.stringify(name)}}\ndata: {k: ${JSON.stringify(value)}}\n`;
}
