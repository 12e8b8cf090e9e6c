// The command as a person uses it: in a clone of the platform's repository, against the running installation.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { apiAs, untilPhase } from '../support/api.ts';
import { cloneAs } from '../support/clone.ts';
import { type Finished, streamspace } from '../support/command.ts';
import { kubectl } from '../support/kubectl.ts';

const servers = inject('servers');
const here = ['--state', servers.stateDir];
const TEMPLATE = `apiVersion: streamspace.io/v1alpha1
kind: Template
metadata:
  name: planned
  namespace: streamspace
spec:
  displayName: Planned
  image: localhost/streamspace/terminal:0.1.0
`;
let base = '';

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'streamspace-command-'));
});
afterAll(async () => {
  await rm(base, { recursive: true });
});

async function folder(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    const target = join(base, name, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
  return join(base, name);
}

describe('plan', () => {
  test('of the branch as it is says nothing is to do; of an added, a changed and a removed file says each with its place', async () => {
    await using clone = await cloneAs(servers, 'lead');
    const plan = (...flags: string[]): Promise<Finished> =>
      streamspace(['plan', clone.folder, '--detailed-exitcode', ...here, ...flags]);
    expect(await plan()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+ unchanged\n$/) });

    await writeFile(join(clone.folder, 'templates/planned.yaml'), TEMPLATE);
    const terminal = await clone.read('templates/terminal.yaml');
    await writeFile(join(clone.folder, 'templates/terminal.yaml'), terminal.replace(/displayName: .*/, 'displayName: Shell'));
    await rm(join(clone.folder, 'templates/firefox.yaml'));
    const { code, stdout } = await plan();
    expect(code).toBe(2);
    expect(stdout).toMatch(/^\+ create Template streamspace\/planned {2}templates\/planned\.yaml:1$/m);
    expect(stdout).toMatch(
      /^~ configure Template streamspace\/terminal {2}templates\/terminal\.yaml:\d+\n {4}spec\.displayName: "Terminal" -> "Shell"$/m,
    );
    expect(stdout).toMatch(/^- delete Template streamspace\/firefox/m);
    expect(stdout).toMatch(/^1 create, 1 configure, \d+ unchanged, 1 delete$/m);
    const { changes } = JSON.parse((await plan('--json')).stdout) as { changes: { action: string }[] };
    expect(changes.filter(({ action }) => action !== 'unchanged').map(({ action }) => action)).toHaveLength(3);
    // A plan writes nothing.
    const names = await kubectl(servers, ['get', 'templates', '-n', 'streamspace', '-o', 'name']);
    expect(names).toContain('/firefox');
    expect(names).not.toContain('/planned');
  });

  test('S-042 of an object that the GitSync may not touch is an error that names it, and exits with 1', async () => {
    const secret = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: intruder, namespace: kube-system}\n';
    const dir = await folder('intruder', { 'intruder.yaml': secret });
    const { code, stdout, stderr } = await streamspace(['plan', dir, '--detailed-exitcode', ...here]);
    expect(code).toBe(1);
    expect(`${stdout}${stderr}`).toMatch(/kube-system\/intruder/);
    expect(`${stdout}${stderr}`).toMatch(/intruder\.yaml:1/);
  });

  test('for a GitSync that is not there, and a folder that is not there, says so', async () => {
    const dir = await folder('one', { 'a.yaml': TEMPLATE });
    const unknown = await streamspace(['plan', dir, '--sync', 'nowhere', ...here]);
    expect(unknown).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^error NotFound: .*streamspace\/nowhere/),
    });
    expect(await streamspace(['plan', join(base, 'missing'), ...here])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error \w+: .*missing/),
    });
  });
});

describe('render', () => {
  test('prints what kubectl takes, each object with its place; a cdk8s app gives the same as YAML', async () => {
    const yaml = await folder('plain', { 'dir/planned.yaml': TEMPLATE });
    const { code, stdout } = await streamspace(['render', yaml]);
    expect(code).toBe(0);
    expect(stdout).toContain('# dir/planned.yaml:1\n');
    expect(await kubectl(servers, ['apply', '--dry-run=server', '-f', '-'], stdout)).toContain('template.streamspace.io/planned');
    const app = await folder('app', {
      'main.ts': `import { App, Chart } from 'cdk8s';
import { Template } from 'streamspace/cdk8s';
const app = new App();
const chart = new Chart(app, 'c');
new Template(chart, 'planned', {
  metadata: { name: 'planned', namespace: 'streamspace' },
  displayName: 'Planned',
  image: 'localhost/streamspace/terminal:0.1.0',
});
app.synth();
`,
    });
    const listOf = async (dir: string): Promise<unknown> => JSON.parse((await streamspace(['render', dir, '--json'])).stdout);
    expect(await listOf(app)).toEqual(await listOf(yaml));
  });
});

describe('validate', () => {
  test('lists every mistake with file, line and field, without a cluster', async () => {
    const dir = await folder('mistakes', {
      'a.yaml': TEMPLATE.replace('image:', 'imagge:'),
      'b.yaml': `${TEMPLATE.replaceAll('planned', 'other')}  maturity: finished\n`,
    });
    const { code, stdout } = await streamspace(['validate', dir], { env: { KUBECONFIG: '/nowhere' } });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^a\.yaml:\d+.*imagge/m);
    expect(stdout).toMatch(/^b\.yaml:9.*maturity/m);
    expect(await streamspace(['validate', await folder('right', { 'a.yaml': TEMPLATE })])).toMatchObject({
      code: 0,
      stdout: '1 objects, no mistake\n',
    });
  });
});

describe('sync', () => {
  test('--wait ends with what the sync came to', async () => {
    expect(await streamspace(['sync', 'platform', '--wait', ...here])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Synced: /),
    });
    expect(await streamspace(['sync', 'nowhere', ...here])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error NotFound: /),
    });
  });
});

describe('sessions', () => {
  test('start waits for the desktop, ls shows it, stop hibernates it and keeps its home, --terminate ends it', async () => {
    const sessions = (...args: string[]): Promise<Finished> => streamspace(['sessions', ...args, '--as', 'member', ...here]);
    expect(await sessions('start', 'terminal', '--name', 'by-command')).toEqual({
      code: 0,
      stdout: `${servers.url}/s/team-web/by-command\n`,
      stderr: expect.stringContaining('session team-web/by-command'),
    });
    expect((await sessions('ls')).stdout).toMatch(/team-web.*by-command.*Running/);
    expect(await sessions('stop', 'by-command')).toMatchObject({ code: 0, stdout: expect.stringContaining('its home is kept') });
    await untilPhase(servers, 'member', 'by-command', 'Hibernated');
    expect(await sessions('stop', 'by-command', '--terminate')).toMatchObject({ code: 0 });
    await untilPhase(servers, 'member', 'by-command', 'Terminated');
    expect((await apiAs(servers, 'member').send('DELETE', '/namespaces/team-web/sessions/by-command')).status).toBeLessThan(300);
    expect(await sessions('start', 'nowhere', '--timeout', '20')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nowhere'),
    });
  });
});
