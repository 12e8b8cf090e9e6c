// Kustomize as it really runs, and a GitSync that renders with it.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { ProcessLimits } from '../../controller/render/app/limited-run.ts';
import { memoryTree } from '../../controller/render/fixtures.ts';
import { createKustomizeRenderer } from '../../controller/render/kustomize/kustomize.ts';
import type { Rendered } from '../../controller/render/manifest.ts';
import { writeJson } from '../../controller/render/yaml/json.ts';
import { KUBECTL } from '../support/kubectl.ts';
import { freshWorld } from '../support/world.ts';

const servers = inject('servers');
const signal = AbortSignal.timeout(100_000);
const LIMITS: ProcessLimits = { timeMs: 15_000, memoryMb: 600, outputBytes: 1_000_000 };
let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'streamspace-kustomize-'));
});
afterAll(async () => await rm(directory, { recursive: true }));

async function render(files: Readonly<Record<string, string>>, limits: Partial<ProcessLimits> = {}): Promise<Rendered> {
  const kustomize = createKustomizeRenderer({ directory, program: KUBECTL, limits: { ...LIMITS, ...limits } });
  const tree = memoryTree(files);
  return await kustomize(tree, await tree.snapshot('over'), signal);
}

const CONFIG_MAPS = `apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data: {big: "12345678901234567890", yes: "yes"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: ab}
`;
const APP = {
  'base/kustomization.yaml': 'resources: [cm.yaml]\nconfigMapGenerator:\n- {name: gen, literals: [k=v]}\n',
  'base/cm.yaml': CONFIG_MAPS,
  'over/kustomization.yaml':
    'resources: [../base, own.yaml]\nnamePrefix: x-\npatches:\n- patch: |-\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: a}\n    data: {k: patched}\n',
  'over/own.yaml': '# a comment\napiVersion: v1\nkind: Secret\nmetadata: {name: s, annotations: {mine: "1"}}\n',
};

test('an overlay gives the resources of its base, patched, each with the file and line that it came from', async () => {
  const { manifests } = await render(APP);
  expect(manifests.map(({ kind, name, position: { file, line } }) => `${kind} ${name} ${file}:${line}`).toSorted()).toEqual([
    'ConfigMap x-a base/cm.yaml:1',
    'ConfigMap x-ab base/cm.yaml:6',
    expect.stringMatching(/^ConfigMap x-gen-[a-z0-9]+ base\/kustomization\.yaml:undefined$/),
    'Secret x-s over/own.yaml:2',
  ]);
  const objects = new Map(manifests.map(({ name, object }) => [name, JSON.parse(writeJson(object))]));
  expect(objects.get('x-a')).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'x-a' }, // without the annotation that told us its origin
    data: { big: '12345678901234567890', k: 'patched', yes: 'yes' },
  });
  expect(objects.get('x-s').metadata.annotations).toEqual({ mine: '1' });
});

test('S-108 the same files give the same bytes, in whatever order they come, and leave nothing behind', async () => {
  const bytes = async (files: Readonly<Record<string, string>>): Promise<string> =>
    (await render(files)).manifests.map(({ object }) => writeJson(object)).join('\n');
  const reversed = Object.fromEntries(Object.entries(APP).toReversed());
  expect(await bytes(reversed)).toBe(await bytes(APP));
  expect(await readdir(directory)).toEqual([]);
});

test('a mistake that kustomize finds is told in paths of the repository, with the file', async () => {
  const broken = { ...APP, 'base/cm.yaml': 'apiVersion: v1\nkind: [\n' };
  const error = await render(broken).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'RenderFailed', position: { file: expect.stringMatching(/^(base|over)\//) } });
  expect(String(error)).not.toContain(directory);
});

test('S-108 plugins that run programs or containers are not run', async () => {
  const generator = (annotation: string): string =>
    `apiVersion: example.com/v1\nkind: Gen\nmetadata:\n  name: g\n  annotations:\n    config.kubernetes.io/function: |\n      ${annotation}\n`;
  for (const annotation of ['exec: {path: ./run.sh}', 'container: {image: example.com/x}']) {
    const files = {
      'over/kustomization.yaml': 'generators: [g.yaml]\n',
      'over/g.yaml': generator(annotation),
      'over/run.sh': '#!/bin/sh\ntouch /tmp/ran\n',
    };
    await expect(render(files)).rejects.toMatchObject({ code: 'RenderFailed' });
  }
});

test('S-108 time, memory and output have limits, and a stop ends it', async () => {
  await expect(render(APP, { timeMs: 1 })).rejects.toMatchObject({
    code: 'RenderTimeout',
    position: { file: 'over/kustomization.yaml' },
  });
  const many = Array.from(
    { length: 30 },
    (_, index) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${index}}\ndata: {k: "${'x'.repeat(100_000)}"}\n`,
  );
  const large = { 'over/kustomization.yaml': 'resources: [a.yaml]\n', 'over/a.yaml': many.join('---\n') };
  await expect(render(large)).rejects.toMatchObject({ code: 'RenderOutputTooLarge' });
  await expect(render(large, { memoryMb: 20 })).rejects.toMatchObject({ code: 'RenderMemory' });
  expect(await readdir(directory)).toEqual([]);
});

test('a program that is not there is named', async () => {
  const kustomize = createKustomizeRenderer({ directory, program: '/nowhere/kubectl' });
  const tree = memoryTree(APP);
  await expect(kustomize(tree, await tree.snapshot('over'), signal)).rejects.toMatchObject({
    code: 'ToolMissing',
    message: expect.stringContaining('kubectl'),
  });
});

test('a GitSync whose path has a kustomization is rendered by it, and a change of the base reaches it', async () => {
  await using world = await freshWorld(servers, { spec: { path: 'over' } });
  const status = await world.apply(APP);
  expect(status.plan?.changes).toEqual(expect.arrayContaining([expect.objectContaining({ file: 'base/cm.yaml', line: 6 })]));
  expect(await world.read('configmap', 'x-a')).toMatchObject({ data: { k: 'patched' } });
  await world.apply({ 'base/cm.yaml': CONFIG_MAPS.replace('"yes"', '"changed"') });
  expect(await world.read('configmap', 'x-a')).toMatchObject({ data: { yes: 'changed' } });
  await world.push({ 'base/kustomization.yaml': 'resources:\n- cm.yaml\n- https://example.com/x.yaml\n' });
  const refused = await world.until('it is refused', (now) => now.conditions?.[0]?.reason === 'RenderDenied');
  expect(refused.problems).toMatchObject([{ file: 'base/kustomization.yaml', line: 3 }]);
  expect(await world.read('configmap', 'x-a')).toMatchObject({ data: { yes: 'changed' } });
});
