// A change request for an object of a cdk8s app, at a running installation: the values file is edited, and what comes out of it is proven.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { ChangeRequest } from '../../schemas/kinds/changes/change-request.ts';
import { API_GROUP, API_GROUP_VERSION, kubernetesGroups, kubernetesUser } from '../../schemas/names.ts';
import { must } from '../support/command.ts';
import { BOT, giteaServer } from '../support/forge-server.ts';
import { eventually } from '../support/wait.ts';
import { freshWorld, type World } from '../support/world.ts';

const servers = inject('servers');
const VALUES = `# What people see.
plain:
  displayName: Plain # as it is
  image: example.com/none:1
loud:
  displayName: Loud
  image: example.com/none:1
`;
const APP = `import { App, Chart } from 'cdk8s';
import { Template, values } from 'streamspace/cdk8s';

const files = import.meta.glob('./values/*.yaml', { eager: true, import: 'default' });
const { plain, loud } = values(files, 'values/templates.yaml');
const app = new App();
const chart = new Chart(app, 'templates', { disableResourceNameHashes: true });
new Template(chart, 'plain', plain);
new Template(chart, 'loud', { ...loud, displayName: loud.displayName.toUpperCase() });
app.synth();
`;

const made = new AsyncDisposableStack();
let world: World;

beforeAll(async () => {
  const gitea = made.use(await giteaServer(servers));
  const url = await gitea.repository('values');
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-change-values-'));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  const git = (...args: string[]) =>
    must('git', ['-C', folder, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', ...args]);
  await must('git', ['clone', '--quiet', url.replace('://', `://${BOT}:${gitea.secret}@`), folder]);
  for (const [file, text] of Object.entries({ 'desktops/main.ts': APP, 'desktops/values/templates.yaml': VALUES })) {
    await mkdir(join(folder, dirname(file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  await git('add', '-A');
  await git('commit', '--quiet', '-m', 'Desktops');
  await git('push', '--quiet', 'origin', 'HEAD:main');
  world = made.use(
    await freshWorld(servers, {
      spec: {
        ...{ url, path: 'desktops', credentialsRef: { name: 'forge' } },
        changes: {
          ...{ secretRef: { name: 'forge' }, branchPrefix: 'streamspace/change/', requireApprovals: 1, expireAfter: '720h' },
          forge: { type: 'Gitea', mergeMethod: 'Merge', people: [] },
        },
      },
      clusterRules: [{ apiGroups: [API_GROUP], resources: ['templates'], verbs: ['*'] }],
    }),
  );
  const login = [`--from-literal=username=${BOT}`, `--from-literal=password=${gitea.secret}`];
  await world.kubectl(['create', 'secret', 'generic', 'forge', ...login]);
  await world.kubectl(['create', 'role', 'ask', '--verb=create,get', '--resource=changerequests.streamspace.io']);
  await world.kubectl(['create', 'rolebinding', 'ask', '--role=ask', `--user=${kubernetesUser('member')}`]);
  await world.sync();
  await world.until('it is applied', ({ conditions }) => conditions?.[0]?.status === 'True');
}, 300_000);
afterAll(() => made.disposeAsync(), 120_000);

/** @returns what has become of it, once it is in one of these phases */
async function asked(template: string, displayName: string, phases: readonly string[]): Promise<ChangeRequest['status']> {
  const { namespace, client } = world;
  const member = client.as({ user: kubernetesUser('member'), groups: [...kubernetesGroups([]), 'system:authenticated'] });
  const object = { apiVersion: API_GROUP_VERSION, kind: 'Template', namespace, name: template };
  const spec = {
    ...{
      requestedBy: { name: 'member', mayApprove: false },
      reason: 'It is to be called so',
      target: { namespace, name: 'sync' },
    },
    edits: [{ action: 'Patch', object, changes: [{ op: 'Set', path: 'spec.displayName', value: JSON.stringify(displayName) }] }],
  };
  const name = `rename-${template}`;
  const body = { apiVersion: API_GROUP_VERSION, kind: 'ChangeRequest', metadata: { name, namespace }, spec };
  await member.create(RESOURCES.changeRequests, namespace, JSON.stringify(body));
  return await eventually(`${name} is decided`, async () => {
    const found = await client.find<ChangeRequest>(RESOURCES.changeRequests, namespace, name);
    return phases.includes(found?.status?.phase ?? '') ? found?.status : undefined;
  });
}

test('a change of what a values file says is a commit in that file; an app that makes something else of it ends the request', async () => {
  const open = await asked('plain', 'Simple', ['Open', 'Failed']);
  expect(open, JSON.stringify(open)).toMatchObject({
    phase: 'Open',
    objects: [{ kind: 'Template', name: 'plain', action: 'Configure' }],
  });
  expect(open?.diff).toContain('desktops/values/templates.yaml');
  expect(open?.diff).toContain('-  displayName: Plain # as it is\n+  displayName: Simple # as it is\n');
  const failed = await asked('loud', 'Louder', ['Open', 'Failed']);
  expect(failed).toMatchObject({ phase: 'Failed' });
  expect(failed?.conditions).toContainEqual(
    expect.objectContaining({
      ...{ type: 'Ready', reason: 'ChangeConflict' },
      message: expect.stringContaining('desktops/main.ts'),
    }),
  );
}, 300_000);
