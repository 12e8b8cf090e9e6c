import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Snapshot } from '../../git/snapshot.ts';
import { memoryTree } from '../fixtures.ts';
import type { Rendered } from '../manifest.ts';
import { writeJson } from '../yaml/json.ts';
import { type Cdk8s, createCdk8sRenderer } from './cdk8s.ts';
import { SANDBOX_LIMITS } from './sandbox-run.ts';

const signal = new AbortController().signal;
const HEAD = `import { ApiObject, App, Chart } from 'cdk8s';
const app = new App();
const chart = new Chart(app, 'c');
`;
let directory: string;
let cdk8s: Cdk8s;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'streamspace-render-'));
  cdk8s = createCdk8sRenderer({ directory });
  await cdk8s.warm();
}, 60_000);
afterAll(async () => await rm(directory, { recursive: true, force: true }));

function snapshotOf(files: Readonly<Record<string, string>>): Snapshot {
  return { path: '', files: new Map(Object.entries(files).map(([file, text]) => [file, Buffer.from(text)])), treeId: 'test' };
}

async function render(main: string, others: Readonly<Record<string, string>> = {}, renderer = cdk8s): Promise<Rendered> {
  return await renderer.render(snapshotOf({ 'main.ts': main, ...others }), 'main.ts', signal);
}

test('objects come with the file and line of the construct that made them, through classes and other files', async () => {
  const others = {
    'lib/web.ts': `import { Chart } from 'cdk8s';
import { Team } from 'streamspace/cdk8s';
export function web(chart: Chart): void {
  new Team(chart, 'web', { displayName: 'Web' });
}`,
  };
  const main = `import { web } from './lib/web.ts';
import { ConfigMap } from 'cdk8s-plus-27';
${HEAD}web(chart);
new ConfigMap(chart, 'cm', { metadata: { name: 'cm' }, data: { k: 'v' } });
app.synth();
`;
  const { manifests } = await render(main, others);
  expect(manifests.map(({ kind, name, position }) => [kind, name, position.file, position.line])).toEqual([
    ['Team', 'web', 'lib/web.ts', 4],
    ['ConfigMap', 'cm', 'main.ts', 7],
  ]);
});

test('import.meta.glob loads every file that matches, in order', async () => {
  const part = (name: string): string =>
    `import { ApiObject, type Chart } from 'cdk8s';\nexport default (chart: Chart) => void new ApiObject(chart, '${name}', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '${name}' } });`;
  const main = `${HEAD}for (const add of Object.values(
  import.meta.glob<(chart: Chart) => void>('./parts/*.ts', { eager: true, import: 'default' }),
)) add(chart);
app.synth();`;
  const { manifests } = await render(main, {
    'parts/b.ts': part('b'),
    'parts/a.ts': part('a'),
    'parts/deep/c.ts': part('c'),
    'other.ts': 'throw 1;',
  });
  expect(manifests.map(({ name }) => name)).toEqual(['a', 'b']);
});

test('S-108 two runs of the same app give the same bytes, whatever the clock and chance say', async () => {
  const main = `${HEAD}import { randomUUID } from 'node:crypto';
new ApiObject(chart, 'a', { apiVersion: 'v1', kind: 'ConfigMap', data: { now: String(Date.now()), date: new Date().toISOString(), chance: String(Math.random()), id: crypto.randomUUID(), time: String(performance.now()) } });
app.synth();`;
  const once = await render(main);
  const twice = await render(main);
  expect(twice.manifests.map(({ object }) => writeJson(object))).toEqual(once.manifests.map(({ object }) => writeJson(object)));
});

test('what is synthesised after the module has ended counts too', async () => {
  const { manifests } = await render(
    `${HEAD}setTimeout(() => { new ApiObject(chart, 'a', { apiVersion: 'v1', kind: 'ConfigMap' }); app.synth(); }, 5);`,
  );
  expect(manifests).toHaveLength(1);
});

test('an app that synthesises nothing says how it should end', async () => {
  expect((await render(HEAD)).warnings).toEqual([expect.stringContaining('app.synth()')]);
});

test('every invalid construct is a problem with its own line', async () => {
  const main = `import { Template } from 'streamspace/cdk8s';
${HEAD}new Template(chart, 'one', { displayName: '', image: 'x' });
new Template(chart, 'two', { displayName: 'Two', image: 'x', colour: 'red' } as never);
app.synth();`;
  await expect(render(main)).rejects.toMatchObject({
    code: 'ManifestInvalid',
    facts: { problems: [{ position: { line: 5 } }, { position: { line: 6 }, message: expect.stringContaining('colour') }] },
  });
});

// Names of builtins are put together, because esbuild finds a plain one by itself: the sandbox must stand alone.
const hidden = (name: string): string => `await import(['node', '${name}'].join(':'))`;

describe('S-108 a bad app is a clear error with its place', () => {
  test.each([
    ['throws', 'throw new TypeError("no such thing");', 'RenderFailed', 4],
    [
      'throws later',
      'await Promise.resolve();\nPromise.reject(new Error("no such thing"));\nawait new Promise((go) => setTimeout(go, 5));',
      'RenderFailed',
      5,
    ],
    ['is no TypeScript', 'const = 3;', 'RenderFailed', 4],
    ['imports what is not there', 'import { x } from "./nowhere.ts";\nx();', 'RenderFailed', 4],
    ['imports another package', 'import lodash from "lodash";\nlodash();', 'RenderFailed', 4],
    ['leaves the repository', 'import { x } from "../other.ts";\nx();', 'RenderDenied', 4],
    ['imports from the network', 'import { x } from "https://example.com/x.ts";\nx();', 'RenderDenied', 4],
    ['reads a file', 'Deno.readTextFileSync("/etc/passwd");', 'RenderDenied', 4],
    ['reads a file through Node', 'import fs from "node:fs";\nfs.readFileSync("/etc/passwd");', 'RenderDenied', 4],
    ['reads a file through a hidden import', `(${hidden('fs')}).readFileSync("/etc/passwd");`, 'RenderDenied', 4],
    ['lists a folder through a hidden import', `(${hidden('fs')}).readdirSync("/");`, 'RenderDenied', 4],
    ['fetches', 'await fetch("http://127.0.0.1:9/");', 'RenderDenied', 4],
    ['starts a process', `(${hidden('child_process')}).execFileSync("/bin/ls");`, 'RenderDenied', 4],
    ['reads the environment', `console.log((${hidden('process')}).env.HOME);`, 'RenderDenied', 4],
    ['asks for the name of the machine', `(${hidden('os')}).hostname();`, 'RenderDenied', 4],
    ['ends itself', 'process.exit(0);', 'RenderFailed', 4],
    ['prints without end', 'for (;;) console.log("x".repeat(1_000_000));', 'RenderOutputTooLarge', 4],
  ])('%s', async (_what, code, expected, line) => {
    await expect(render(HEAD + code)).rejects.toMatchObject({ code: expected, position: { file: 'main.ts', line } });
  });

  test('opens a socket', async () => {
    const code = `const net = ${hidden('net')};\nawait new Promise((_, fail) => net.connect(9, '127.0.0.1').on('error', fail));`;
    await expect(render(HEAD + code)).rejects.toMatchObject({ code: 'RenderDenied' });
  });

  test('loops for ever', async () => {
    const quick = createCdk8sRenderer({ directory, limits: { ...SANDBOX_LIMITS, timeMs: 2_000 } });
    await expect(render(`${HEAD}for (let i = 0; ; ) {\n  i += 1;\n}`, {}, quick)).rejects.toMatchObject({
      code: 'RenderTimeout',
      position: { file: 'main.ts', line: expect.any(Number) },
    });
  });

  test('takes all the memory', async () => {
    const small = createCdk8sRenderer({ directory, limits: { ...SANDBOX_LIMITS, memoryMb: 300 } });
    const code = 'const all: unknown[] = [];\nfor (;;) all.push(new Uint8Array(10_000_000).fill(1));';
    await expect(render(HEAD + code, {}, small)).rejects.toMatchObject({ code: 'RenderMemory', position: { file: 'main.ts' } });
  });

  test('prints without end past the console', async () => {
    const small = createCdk8sRenderer({ directory, limits: { ...SANDBOX_LIMITS, outputBytes: 1_000_000 } });
    const code = `const { stdout } = ${hidden('process')};\nfor (;;) await new Promise((go) => stdout.write('x'.repeat(100_000), go));`;
    await expect(render(HEAD + code, {}, small)).rejects.toMatchObject({ code: 'RenderOutputTooLarge' });
  });
});

test('an aborted render ends its process and leaves no folder behind', async () => {
  const stop = new AbortController();
  const running = cdk8s.render(snapshotOf({ 'main.ts': 'for (;;);' }), 'main.ts', stop.signal);
  setTimeout(() => stop.abort(new Error('stopped')), 300);
  await expect(running).rejects.toThrow('stopped');
  expect((await readdir(directory)).filter((name) => name.startsWith('run-'))).toEqual([]);
});

test('an app may import what lies beside its folder, in the same repository, and nothing outside of it', async () => {
  const lib = `import { ApiObject, type Chart } from 'cdk8s';
export const add = (chart: Chart) => void new ApiObject(chart, 'a', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });`;
  const files = new Map(
    Object.entries({
      'apps/web/main.ts': `import { add } from '../../lib/add.js';\n${HEAD}add(chart);\napp.synth();`,
      'lib/add.ts': lib,
    }),
  );
  const tree = memoryTree(files);
  const renderApp = async () =>
    await cdk8s.render(await tree.snapshot('apps/web'), 'apps/web/main.ts', signal, (file) => tree.file(file));
  expect((await renderApp()).manifests.map(({ position }) => position)).toMatchObject([{ file: 'lib/add.ts', line: 2 }]);
  files.delete('lib/add.ts');
  await expect(renderApp()).rejects.toMatchObject({ code: 'RenderFailed', position: { file: 'apps/web/main.ts', line: 1 } });
  files.set('apps/web/main.ts', "import '../../../etc/passwd';");
  await expect(renderApp()).rejects.toMatchObject({ code: 'RenderDenied' });
});
