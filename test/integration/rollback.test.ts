// Undoing at a running installation: a change request that undoes commits, approved by somebody else, and in the cluster.
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { ChangeView } from '../../schemas/api/changes.ts';
import type { Template } from '../../schemas/kinds/template.ts';
import { apiAs } from '../support/api.ts';
import { auditAbout } from '../support/audit.ts';
import { cloneAs } from '../support/clone.ts';
import { streamspace } from '../support/command.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const FILE = 'templates/rolled.yaml';
const TIMEOUT_MS = 90_000;
const template = (displayName: string): string => `# Tried out.
apiVersion: streamspace.io/v1alpha1
kind: Template
metadata:
  name: rolled
  namespace: team-web
spec:
  displayName: ${displayName} # as people see it
  image: example.com/none:1
`;

let client: OwnedKubeClient;
beforeAll(() => {
  client = createKubeClient({ kubeconfig: servers.kubeconfig });
});
afterAll(async () => await client[Symbol.asyncDispose]());

const titleIs = async (title: string | undefined): Promise<true> =>
  await eventually(
    `the template is called ${title}`,
    async () => (await client.find<Template>(RESOURCES.templates, 'team-web', 'rolled'))?.spec.displayName === title,
    { timeoutMs: TIMEOUT_MS },
  );

async function until(id: string, phase: string): Promise<ChangeView> {
  const path = `/namespaces/${id.replace('/', '/changes/')}`;
  let last: ChangeView | undefined;
  return await eventually(
    `${id} is ${phase}`,
    async () => {
      last = (await apiAs(servers, 'lead').get<ChangeView>(path)).body;
      return last.status?.phase === phase && last;
    },
    { timeoutMs: TIMEOUT_MS },
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}; it is ${JSON.stringify(last?.status)}`);
  });
}

test('S-106 P-21-3 what was applied comes back by a change request, to the byte, and a conflict names the files', async () => {
  await using clone = await cloneAs(servers, 'admin');
  const first = await clone.push('Try a template', { [FILE]: template('First') });
  await titleIs('First');
  const second = await clone.push('Call it otherwise', { [FILE]: template('Second') });
  await titleIs('Second');

  const state = ['--state', servers.stateDir, '--as', 'member', '--namespace', 'team-web'];
  const ask = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await streamspace(['rollback', '--path', FILE, '--reason', 'a mistake', ...args, ...state]);
    expect(code, stderr).toBe(0);
    return stdout.trim();
  };
  const id = await ask('--to', first);
  const open = await until(id, 'Open');
  expect(open.status).toMatchObject({ files: [{ path: FILE, action: 'Changed', additions: 1, deletions: 1 }] });
  expect(open.spec.rollback).toEqual({ to: first, paths: [FILE] });
  const events = await auditAbout(servers, `ChangeRequest/${id}`, 'change.requested');
  expect(events[0]?.details).toMatchObject({ rollback: JSON.stringify({ to: first, paths: [FILE] }) });
  const approval = { commit: open.status?.commit, reason: 'indeed' };
  const path = `/namespaces/${id.replace('/', '/changes/')}/approve`;
  expect((await apiAs(servers, 'lead').send('POST', path, approval)).status).toBe(200);
  await until(id, 'Applied');
  await titleIs('First');
  await using after = await cloneAs(servers, 'admin');
  expect(await after.read(FILE)).toBe(template('First'));

  await clone.push('Another name', { [FILE]: template('Third') });
  const late = await until(await ask('--commit', second), 'Failed');
  expect(late.status?.conditions).toContainEqual(
    expect.objectContaining({ type: 'Ready', reason: 'ChangeConflict', message: expect.stringContaining(FILE) }),
  );
  const wrong = await streamspace(['rollback', '--reason', 'x', '--to', first, '--last', '1', ...state]);
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('a rollback says one of to, last and commits') });
  await clone.push('Tried enough', { [FILE]: null });
  await titleIs(undefined);
}, 600_000);
