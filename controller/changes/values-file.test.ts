// Change requests for objects that a cdk8s app makes of values files, with the app in its sandbox.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChangeEdit } from '../../schemas/kinds/changes/change-edit.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { treeOfFolder } from '../git/folder.ts';
import type { SourceTree } from '../git/source-tree.ts';
import { renderUnits } from '../reconcile/git-sync/units.ts';
import { createCdk8sRenderer } from '../render/app/cdk8s.ts';
import { memoryTree } from '../render/fixtures.ts';
import { KeptRenders } from '../render/kept-renders.ts';
import { createUnitRenderer } from '../render/render.ts';
import { at } from '../render/yaml/json.ts';
import { applyEdits, type RenderedSource, requireWished } from './apply-edits.ts';
import { OverlayTree } from './overlay-tree.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/values', import.meta.url));
const signal = new AbortController().signal;
const defaultNamespace = 'streamspace';
let directory: string;
let renders: KeptRenders;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'streamspace-values-'));
  const cdk8s = createCdk8sRenderer({ directory });
  await cdk8s.warm();
  const kustomize = () => Promise.reject(new Error('there is no overlay here'));
  renders = new KeptRenders({ render: createUnitRenderer({ cdk8s: cdk8s.render, kustomize }) });
}, 60_000);
afterAll(async () => await rm(directory, { recursive: true, force: true }));

async function sourcesOf(tree: SourceTree, folder = '.'): Promise<readonly RenderedSource[]> {
  const spec = { path: folder, renderer: 'Auto' as const, entrypoint: 'main.ts', allowEmpty: false };
  const outcomes = await renderUnits(renders, tree, spec, 'test', signal);
  return outcomes.map(({ unit, manifests, renderer }) => ({ unit, manifests, renderer }));
}

function patch(name: string, ...changes: NonNullable<ChangeEdit['changes']>): ChangeEdit {
  return {
    action: 'Patch',
    object: { apiVersion: API_GROUP_VERSION, kind: 'Quota', namespace: defaultNamespace, name },
    changes,
  };
}
const set = (field: string, value: unknown) => ({ op: 'Set' as const, path: field, value: JSON.stringify(value) });

/** The files that change, and what is rendered then, held against the wish. */
async function changed(tree: SourceTree, edits: readonly ChangeEdit[], folder = '.') {
  const sources = await sourcesOf(tree, folder);
  const files = await applyEdits(edits, { tree, sources, defaultNamespace });
  const after = await sourcesOf(new OverlayTree(tree, files), folder);
  requireWished(edits, { sources, defaultNamespace }, after);
  const texts = Object.fromEntries([...files].map(([file, bytes]) => [file, Buffer.from(bytes ?? []).toString('utf8')]));
  return { texts, objects: after.flatMap(({ manifests }) => manifests.map(({ object }) => object)) };
}

test('what a values file says is changed there, its comments stay, and the app makes exactly what was asked for of it', async () => {
  const tree = treeOfFolder(EXAMPLE);
  const before = Buffer.from((await tree.file('values/quotas.yaml')) ?? []).toString('utf8');
  const { texts, objects } = await changed(tree, [
    patch('everybody', { ...set('spec.limits.sessionsRunning', 50), was: '40' }),
    patch('people', set('spec.limits.memory', '32Gi'), set('spec.maxDuration', '8h'), {
      op: 'Remove',
      path: 'spec.limits.sessionsRunning',
    }),
  ]);
  expect(texts).toEqual({
    'values/quotas.yaml': before
      .replace('sessionsRunning: 40 #', 'sessionsRunning: 50 #')
      .replace('{ sessionsRunning: 3, memory: 16Gi }\n', '{ memory: 32Gi }\n  maxDuration: 8h\n'),
  });
  expect(objects.map((object) => at(object, 'spec', 'limits'))).toEqual([
    { sessionsRunning: 50, memory: '96Gi' },
    { memory: '32Gi' },
  ]);
}, 60_000);

const app = (props: string): string => `import { App, Chart } from 'cdk8s';
import { Quota, values } from 'streamspace/cdk8s';
const files = import.meta.glob('./values/*.yaml', { eager: true, import: 'default' });
const { web } = values(files, 'values/quotas.yaml');
const app = new App();
new Quota(new Chart(app, 'c', { namespace: 'streamspace' }), 'web', ${props});
app.synth();
`;
const repository = (props: string, yaml = 'web: {scope: Platform, limits: {sessionsRunning: 4}}\n'): SourceTree =>
  memoryTree({ 'apps/web/main.ts': app(props), 'apps/web/values/quotas.yaml': yaml });
const refusal = async (props: string, edit: ChangeEdit, yaml?: string): Promise<object> =>
  await changed(repository(props, yaml), [edit], 'apps/web').then(
    () => ({}),
    (error: object) => error,
  );

test('the file lies beside the entry file of its unit', async () => {
  const { texts } = await changed(repository('web'), [patch('web', set('spec.limits.sessionsRunning', 5))], 'apps/web');
  expect(texts).toEqual({ 'apps/web/values/quotas.yaml': 'web: {scope: Platform, limits: {sessionsRunning: 5}}\n' });
}, 60_000);

test('an app that makes something else of its values is no conflict in silence, and names the file to edit', async () => {
  const wish = patch('web', set('spec.limits.sessionsRunning', 5));
  const twice = '{ ...web, limits: { ...web.limits, sessionsRunning: 2 * web.limits.sessionsRunning } }';
  const fixed = '{ ...web, limits: { sessionsRunning: 4 } }';
  for (const props of [twice, fixed])
    expect(await refusal(props, wish)).toMatchObject({
      code: 'ChangeConflict',
      message: expect.stringMatching(/Quota streamspace\/web: edit apps\/web\/main\.ts$/),
    });
}, 60_000);

test('what no values file says, a part that is not in it, and an object as a whole are for a person to edit', async () => {
  const wish = patch('web', set('spec.limits.sessionsRunning', 5));
  const byHand = { code: 'ChangeNotPlain', message: expect.stringMatching(/: edit apps\/web\/main\.ts$/) };
  expect(await refusal('{ scope: web.scope, limits: { sessionsRunning: 4 } }', wish)).toMatchObject(byHand);
  expect(await refusal('web', patch('web', set('metadata.labels.a', 'b')))).toMatchObject(byHand);
  expect(await refusal('{ scope: "Platform", limits: web.limits }', patch('web', set('spec.maxDuration', '8h')))).toMatchObject(
    byHand,
  );
  const mixed = patch('web', set('spec.limits.sessionsRunning', 5), set('metadata.labels.a', 'b'));
  expect(await refusal('web', mixed)).toMatchObject({
    code: 'ChangeNotPlain',
    message: expect.stringContaining('metadata.labels.a'),
  });
  expect(await refusal('web', { action: 'Delete', object: wish.object })).toMatchObject(byHand);
  // Whoever writes the annotation himself gets no further than the folder `values`.
  const own = `{ metadata: { annotations: { 'streamspace.io/values': 'spec=values/../main.ts#web' } }, scope: 'Platform', limits: {} }`;
  expect(await refusal(own, wish)).toMatchObject(byHand);
  const gone = `{ metadata: { annotations: { 'streamspace.io/values': 'spec=values/gone.yaml#web' } }, scope: 'Platform', limits: {} }`;
  expect(await refusal(gone, wish)).toMatchObject({
    code: 'ChangeNotPlain',
    message: expect.stringContaining('apps/web/values/gone.yaml'),
  });
}, 60_000);

test('a value that has changed since it was asked for is a conflict', async () => {
  const wish = patch('web', { ...set('spec.limits.sessionsRunning', 5), was: '3' });
  expect(await refusal('web', wish)).toMatchObject({ code: 'ChangeConflict' });
}, 60_000);
