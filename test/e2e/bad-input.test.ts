// Bad input: each a clear error that names the place, while everything else keeps going.
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import type { GitSyncView } from '../../schemas/api/api.ts';
import { apiAs } from '../support/api.ts';
import { type Clone, cloneAs } from '../support/clone.ts';
import { streamspace } from '../support/command.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const api = apiAs(servers, 'admin');
let clone: Clone;

beforeEach(async () => {
  clone = await cloneAs(servers, 'admin');
});
afterEach(async () => {
  await clone[Symbol.asyncDispose]();
});

const platform = async (): Promise<GitSyncView> => (await api.get<GitSyncView>('/namespaces/streamspace/gitsyncs/platform')).body;

/** Pushes, waits until the sync has judged that commit, gives its status, and takes the commit back. */
async function judged(files: Readonly<Record<string, string>>): Promise<NonNullable<GitSyncView['status']>> {
  const revision = await clone.push('Break it', files);
  try {
    return await eventually('the sync has judged the commit', async () => {
      const now = (await platform()).status;
      const ready = now?.conditions?.find(({ type }) => type === 'Ready');
      return now?.attempted === revision && ready?.status === 'False' && ready.reason !== 'Progressing' && now;
    });
  } finally {
    await takenBack();
  }
}

async function takenBack(): Promise<void> {
  const reverted = await clone.revert();
  await eventually('the sync is well again', async () => (await platform()).status?.revision === reverted);
}

test('S-030 broken YAML names file and line, and what was applied stays', async () => {
  const status = await judged({ 'templates/broken.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  name: b\n' });
  expect(status.problems?.[0]).toMatchObject({ code: 'YamlInvalid', file: 'templates/broken.yaml', line: 5 });
  const { body } = await api.get<{ items: { metadata: { name: string } }[] }>('/templates');
  expect(body.items.map(({ metadata }) => metadata.name)).toContain('terminal');
});

test('a wrong field of a Template names file, line and field', async () => {
  const status = await judged({
    'templates/wrong.yaml':
      'apiVersion: streamspace.io/v1alpha1\nkind: Template\nmetadata:\n  name: wrong\n  namespace: streamspace\nspec:\n  displayName: Wrong\n  image: x\n  maturity: finished\n',
  });
  expect(status.problems?.[0]).toMatchObject({
    file: 'templates/wrong.yaml',
    line: 9,
    message: expect.stringContaining('maturity'),
  });
});

test('an unknown template and a missing image say so in the session', async () => {
  const member = apiAs(servers, 'member');
  const path = '/namespaces/team-web/sessions';
  interface Shown {
    readonly status?: { readonly reason?: string; readonly message?: string };
  }
  const reasonOf = (name: string, reason: string): Promise<Shown> =>
    eventually(
      `session ${name} says ${reason}`,
      async () => {
        const { body } = await member.get<Shown>(`${path}/${name}`);
        return body.status?.reason === reason && body;
      },
      { timeoutMs: 60_000 },
    );

  const created = await member.send<{ code?: string }>('POST', path, {
    metadata: { name: 'no-template' },
    spec: { template: 'nowhere' },
  });
  if (created.status === 201) {
    expect((await reasonOf('no-template', 'TemplateNotFound')).status?.message).toContain('nowhere');
    await member.send('DELETE', `${path}/no-template`);
  } else {
    expect(created).toMatchObject({ status: 404, body: { code: 'TemplateNotFound' } });
  }

  await clone.push('Add a template without its image', {
    'templates/no-image.yaml':
      'apiVersion: streamspace.io/v1alpha1\nkind: Template\nmetadata: {name: no-image, namespace: streamspace}\nspec: {displayName: No image, image: "localhost/nowhere:1"}\n',
  });
  await eventually('the template is there', async () => {
    const { body } = await member.get<{ items: { metadata: { name: string } }[] }>('/templates');
    return body.items.some(({ metadata }) => metadata.name === 'no-image');
  });
  expect((await member.send('POST', path, { metadata: { name: 'no-image' }, spec: { template: 'no-image' } })).status).toBe(201);
  expect((await reasonOf('no-image', 'ImageNotFound')).status?.message).toContain('localhost/nowhere:1');
  await member.send('DELETE', `${path}/no-image`);
  await takenBack();
});

test('a port in use is named before anything is started', async () => {
  const port = new URL(servers.url).port;
  const { code, stderr } = await streamspace([
    'up',
    '--state',
    `${servers.stateDir}-second`,
    '--port',
    port,
    '--detach',
    '--json',
  ]);
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`error PortInUse: .*${port}`));
});
