// Watched lists: what comes, to whom, and what happens when rights or connections go.
import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { createKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import { kubernetesUser } from '../../schemas/names.ts';
import { personOf } from '../support/servers.ts';
import { eventually } from '../support/wait.ts';
import { type ListEvent, watchList } from '../support/watched-list.ts';

const servers = inject('servers');

const asPerson = (name: string) => ({ authorization: `Bearer ${personOf(servers, name).apiKey}` });
const named = (type: string, name: string) => (event: ListEvent) => event.type === type && event.data.metadata?.name === name;

function templateOf(name: string, maturity = 'stable'): string {
  return JSON.stringify({
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'Template',
    metadata: { name, namespace: 'streamspace' },
    spec: { displayName: name, image: 'localhost/x:1', maturity },
  });
}

test('a watched list begins with a snapshot, then tells what is added, changed and deleted', async () => {
  await using client = createKubeClient({ kubeconfig: servers.kubeconfig });
  await using list = await watchList(servers, '/templates', asPerson('member'));
  await eventually('the snapshot is there', async () => list.events[0]?.type === 'snapshot');
  const name = `watch-${randomUUID().slice(0, 8)}`;
  await client.create(RESOURCES.templates, 'streamspace', templateOf(name));
  await eventually('it is added', async () => list.events.some(named('added', name)));
  await client.mergePatch(RESOURCES.templates, 'streamspace', name, { spec: { summary: 'new words' } });
  await eventually('it is changed', async () => list.events.some(named('changed', name)));
  await client.mergePatch(RESOURCES.templates, 'streamspace', name, { spec: { maturity: 'draft' } });
  await eventually('a draft is gone for who does not write templates', async () => list.events.some(named('deleted', name)));
  await client.delete(RESOURCES.templates, 'streamspace', name);
});

test('P-07-2 an object that the reader may no longer see is taken back, and one he may see now comes', async () => {
  await using client = createKubeClient({ kubeconfig: servers.kubeconfig });
  const namespace = `watch-${randomUUID().slice(0, 8)}`;
  const rbac = 'rbac.authorization.k8s.io';
  await client.create(
    RESOURCES.namespaces,
    undefined,
    JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }),
  );
  try {
    const template = { ...(JSON.parse(templateOf('hidden')) as object), metadata: { name: 'hidden', namespace } };
    await client.create(RESOURCES.templates, namespace, JSON.stringify(template));
    await using list = await watchList(servers, '/templates', asPerson('viewer'));
    await eventually('the snapshot is there', async () => list.events[0]?.type === 'snapshot');
    expect(list.events[0]?.data.items?.some(({ metadata }) => metadata.namespace === namespace)).toBe(false);
    const role = {
      apiVersion: `${rbac}/v1`,
      kind: 'Role',
      metadata: { name: 'see', namespace },
      rules: [{ apiGroups: ['streamspace.io'], resources: ['templates'], verbs: ['get', 'list', 'watch'] }],
    };
    await client.create(RESOURCES.roles, namespace, JSON.stringify(role));
    const binding = {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: { name: 'see', namespace },
      roleRef: { apiGroup: rbac, kind: 'Role', name: 'see' },
      subjects: [{ apiGroup: rbac, kind: 'User', name: kubernetesUser('viewer') }],
    };
    await client.create(RESOURCES.roleBindings, namespace, JSON.stringify(binding));
    await eventually('it comes', async () => list.events.some(named('added', 'hidden')), { timeoutMs: 30_000 });
    await client.delete(RESOURCES.roleBindings, namespace, 'see');
    const taken = await eventually('it is taken back', async () => list.events.find(named('deleted', 'hidden')), {
      timeoutMs: 30_000,
    });
    expect(Object.keys(taken.data)).toEqual(['metadata']);
    await client.mergePatch(RESOURCES.templates, namespace, 'hidden', { spec: { summary: 'secret words' } });
    const probe = `probe-${namespace}`;
    await client.create(RESOURCES.templates, 'streamspace', templateOf(probe));
    await eventually('something later has come', async () => list.events.some(named('added', probe)));
    await client.delete(RESOURCES.templates, 'streamspace', probe);
    expect(JSON.stringify(list.events)).not.toContain('secret words');
  } finally {
    await client.delete(RESOURCES.namespaces, undefined, namespace);
  }
});

test('a list of a namespace that the reader may not watch is refused', async () => {
  await using list = await watchList(servers, '/namespaces/streamspace/sessions', asPerson('member'));
  expect(list.status).toBe(403);
});

test('a reader that comes back with the id of the last event gets what he missed and no second snapshot', async () => {
  await using client = createKubeClient({ kubeconfig: servers.kubeconfig });
  const name = `resume-${randomUUID().slice(0, 8)}`;
  let id = '';
  {
    await using list = await watchList(servers, '/templates', asPerson('member'));
    await eventually('the snapshot is there', async () => list.events[0]?.type === 'snapshot');
    id = list.events[0]?.id ?? '';
  }
  await client.create(RESOURCES.templates, 'streamspace', templateOf(name));
  await using again = await watchList(servers, '/templates', { ...asPerson('member'), 'last-event-id': id });
  await eventually('what was missed is there', async () => again.events.some((event) => event.data.metadata?.name === name));
  expect(again.events.some(({ type }) => type === 'snapshot')).toBe(false);
  await client.delete(RESOURCES.templates, 'streamspace', name);
});

test.each(['1', '99999999999999', 'nonsense', '1.abc'])(
  'P-07-4 a cursor that is worth nothing (%s) leads to a resync with a snapshot',
  async (cursor) => {
    await using list = await watchList(servers, '/templates', { ...asPerson('member'), 'last-event-id': cursor });
    await eventually('the snapshot is there', async () => list.events.some(({ type }) => type === 'snapshot'));
    expect(list.events.slice(0, 2).map(({ type }) => type)).toEqual(['resync', 'snapshot']);
  },
);
