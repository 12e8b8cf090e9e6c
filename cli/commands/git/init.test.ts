// `streamspace init` as a process, as a person runs it.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { treeOfFolder } from '../../../controller/git/folder.ts';
import { createCdk8sRenderer } from '../../../controller/render/app/cdk8s.ts';
import { createKustomizeRenderer } from '../../../controller/render/kustomize/kustomize.ts';
import { createUnitRenderer } from '../../../controller/render/render.ts';
import { ROOT, run } from '../../../test/support/command.ts';

const init = (args: readonly string[], cwd: string) =>
  run(process.execPath, ['--conditions=source', join(ROOT, 'cli/main.ts'), 'init', ...args], { cwd });

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streamspace-init-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe.each([
  ['cdk8s', [], 'templates/terminal.ts'],
  ['plain', ['--plain'], 'templates/terminal.yaml'],
] as const)('init %s', (name, flags, template) => {
  test('writes the example, commits it on main, and says what comes next on stdout', async () => {
    const { code, stdout, stderr } = await init([name, ...flags], folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/committed on the branch main\n\nnext:\n {2}streamspace render /);
    const git = await run('git', ['-C', join(folder, name), 'status', '--porcelain', '--branch']);
    expect(git.stdout).toBe('## main\n'); // nothing left over: links and caches are ignored
    const tracked = await run('git', ['-C', join(folder, name), 'ls-files']);
    expect(tracked.stdout).toContain(template);
    expect(tracked.stdout).not.toContain('node_modules');
  });

  test('renders at once', async () => {
    const directory = join(folder, 'render');
    const render = createUnitRenderer({
      cdk8s: createCdk8sRenderer({ directory }).render,
      kustomize: createKustomizeRenderer({ directory, program: 'kubectl' }),
    });
    const unit = { path: '.', renderer: 'Auto', entrypoint: 'main.ts' } as const;
    const { manifests } = await render(treeOfFolder(join(folder, name)), unit, AbortSignal.timeout(25_000));
    expect(manifests.map(({ kind, name: object }) => `${kind}/${object}`)).toEqual(
      expect.arrayContaining(['Template/terminal', 'Template/firefox', 'Team/web', 'ConfigMap/announcement']),
    );
  });

  test('links nothing that is not there, and no file of it names this machine', async () => {
    const here = join(folder, name);
    const links = await readdir(join(here, 'node_modules'));
    for (const link of links)
      expect(await readFile(join(here, 'node_modules', link, 'package.json'), 'utf8')).toContain('"version"');
    const tracked = await run('git', ['-C', here, 'grep', '-l', '-F', '-e', ROOT, '-e', '](../']);
    expect(tracked.stdout).toBe('');
  });

  test('its schema comments lead to schemas that are there', async () => {
    const here = join(folder, name);
    const { stdout } = await run('git', ['-C', here, 'grep', '-h', '-F', '$schema=']);
    const schemas = [...stdout.matchAll(/\$schema=\.\.\/(\S+)/g)].map(([, path = '']) => path);
    expect(schemas.length > 0).toBe(name === 'plain');
    for (const schema of schemas) expect(JSON.parse(await readFile(join(here, schema), 'utf8'))).toHaveProperty('title');
  });

  test('a clone gets its links back with --link, twice as well as once', async () => {
    const clone = `${name}-clone`;
    await run('git', ['clone', '--quiet', name, clone], { cwd: folder });
    for (const _ of [1, 2]) expect(await init(['--link', clone], folder)).toMatchObject({ code: 0 });
    expect(await readdir(join(folder, clone, 'node_modules'))).toEqual(await readdir(join(folder, name, 'node_modules')));
  });
});

test('the types of a new cdk8s repository are right, and a wrong field is not', async () => {
  const here = join(folder, 'cdk8s');
  const tsc = () => run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit'], { cwd: here });
  expect(await tsc()).toEqual({ code: 0, stdout: '', stderr: '' });
  const file = join(here, 'templates/terminal.ts');
  await writeFile(file, (await readFile(file, 'utf8')).replace("icon: 'terminal'", "icon: 'rocket'"));
  expect((await tsc()).stdout).toMatch(/templates\/terminal\.ts.*'"rocket"' is not assignable to type/);
});

test('a folder that is not empty is refused and left as it is', async () => {
  const here = join(folder, 'taken');
  await mkdir(here);
  await writeFile(join(here, 'mine.txt'), 'mine');
  const { code, stdout, stderr } = await init(['taken'], folder);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^error FolderNotEmpty: .*taken holds mine\.txt already\n {2}remedy: Choose a folder/);
  expect(await readdir(here)).toEqual(['mine.txt']);
});

test('inside another repository nothing is committed, and without a folder the usage is shown', async () => {
  const { stdout } = await init([join('cdk8s', 'inner')], folder);
  expect(stdout).toContain('it lies in another Git repository, so nothing is committed yet');
  expect(await init([], folder)).toMatchObject({ code: 2, stdout: '' });
});
