// The two examples are one set: what the cdk8s app makes is what the YAML files say, and both are what the API server admits.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import * as z from 'zod';
import { treeOfFolder } from '../controller/git/folder.ts';
import { createCdk8sRenderer } from '../controller/render/app/cdk8s.ts';
import { createKustomizeRenderer } from '../controller/render/kustomize/kustomize.ts';
import { createUnitRenderer } from '../controller/render/render.ts';
import { writeJson } from '../controller/render/yaml/json.ts';
import { KINDS } from '../schemas/kinds/all.ts';
import { API_GROUP_VERSION } from '../schemas/names.ts';

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
  spec: z.unknown().optional(),
});
type Manifest = z.infer<typeof manifest>;

const idOf = ({ apiVersion, kind, metadata }: Manifest): string =>
  `${apiVersion}/${kind}/${metadata.namespace ?? ''}/${metadata.name}`;

/** Every document of every YAML file below, by identity. */
async function manifestsBelow(folder: string): Promise<ReadonlyMap<string, Manifest>> {
  const paths = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.yaml'));
  const texts = await Promise.all(paths.map((path) => readFile(join(folder, path), 'utf8')));
  const manifests = texts.flatMap((text) => parseAllDocuments(text).map((document) => manifest.parse(document.toJS())));
  return new Map(manifests.map((each) => [idOf(each), each]));
}

const exampleFolder = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

let out = '';
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'streamspace-examples-'));
  vi.stubEnv('CDK8S_OUTDIR', out); // where cdk8s writes outside of the renderer
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(out, { recursive: true });
});

test('the cdk8s app and the YAML files are the same objects', async () => {
  const entry = './quickstart/main.ts'; // a variable: the app has a tsconfig of its own
  await import(entry);
  const app = await manifestsBelow(out);
  const plain = await manifestsBelow(exampleFolder('plain-yaml'));
  expect([...app.keys()].sort()).toEqual([...plain.keys()].sort());
  expect(Object.fromEntries(app)).toEqual(Object.fromEntries(plain));
  expect(app.size).toBeGreaterThanOrEqual(7);
});

test('S-108 a sync renders both, in its sandbox, to the same objects, with a line each and without a warning; twice to the same bytes', async () => {
  const kustomize = createKustomizeRenderer({ directory: out, program: 'kubectl' });
  const rendered = async (name: string) => {
    const render = createUnitRenderer({ cdk8s: createCdk8sRenderer({ directory: out }).render, kustomize });
    const unit = { path: '', renderer: 'Auto', entrypoint: 'main.ts' } as const;
    return await render(treeOfFolder(exampleFolder(name)), unit, AbortSignal.timeout(25_000));
  };
  const texts = ({ manifests }: Awaited<ReturnType<typeof rendered>>): readonly string[] =>
    manifests.map(({ object }) => writeJson(object));
  const byIdentity = (lines: readonly string[]): ReadonlyMap<string, Manifest> =>
    new Map(lines.map((line) => manifest.parse(JSON.parse(line))).map((each) => [idOf(each), each]));
  const app = await rendered('quickstart');
  const plain = await rendered('plain-yaml');
  expect(byIdentity(texts(app))).toEqual(byIdentity(texts(plain)));
  expect(texts(await rendered('quickstart'))).toEqual(texts(app));
  for (const { manifests, warnings } of [app, plain]) {
    expect(warnings).toEqual([]);
    for (const { position, name } of manifests) expect(position, name).toMatchObject({ line: expect.any(Number) });
  }
  const terminal = app.manifests.find(({ name }) => name === 'terminal');
  expect(terminal?.position.file).toBe('templates/terminal.ts');
});

test('every object of our kinds in the examples is as its schema says, without an unknown field', async () => {
  const objects = [...(await manifestsBelow(exampleFolder('plain-yaml'))), ...(await manifestsBelow(exampleFolder('objects')))];
  const ours = objects.filter(([, { apiVersion }]) => apiVersion === API_GROUP_VERSION);
  expect(new Set(ours.map(([, { kind }]) => kind))).toEqual(new Set(KINDS.map(({ kind }) => kind)));
  for (const [id, { kind, spec }] of ours) {
    const schema = KINDS.find((each) => each.kind === kind)?.spec.strict();
    expect(schema?.safeParse(spec), id).toMatchObject({ success: true });
  }
});

test('each template and each team has one file of its own in both', async () => {
  const names = async (example: string, folder: string): Promise<readonly string[]> =>
    (await readdir(join(exampleFolder(example), folder))).map((file) => file.replace(/\.(ts|yaml)$/, '')).sort();
  expect(await names('quickstart', 'templates')).toEqual(['firefox', 'terminal']);
  for (const folder of ['templates', 'teams', 'platform']) {
    expect(await names('quickstart', folder)).toEqual(await names('plain-yaml', folder));
  }
});
