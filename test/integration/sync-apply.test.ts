// From a commit to objects: what is written, as whom, and what is not.
import { expect, inject, test } from 'vitest';
import { eventually } from '../support/wait.ts';
import { freshWorld } from '../support/world.ts';

const servers = inject('servers');
const configMap = (name: string, data: object = { k: 'v' }): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
/** A status that says what it is doing comes on top when the machine is slow. */
const NOTHING_BUT_ASKED = new Set(['patch gitsyncs/sync', 'patch gitsyncs/sync/status']);
const SUFFIX = Math.random().toString(36).slice(2, 8);

test('a pushed commit is applied as the service account, with the owner mark, and told in status and events', async () => {
  await using world = await freshWorld(servers);
  const status = await world.apply({ 'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}\n' });
  const a = await world.read('configmap', 'a');
  expect(a).toMatchObject({ data: { k: 'v' } });
  expect(a?.metadata.annotations).toMatchObject({ 'streamspace.io/gitsync': `${world.namespace}/sync` });
  expect(status).toMatchObject({
    health: 'Healthy',
    objects: 1,
    plan: { create: 1, changes: [{ action: 'create', file: 'a.yaml', line: 1 }] },
    commit: { author: 'Ada', message: 'Change' },
  });
  await eventually('the event is there', async () =>
    (await world.kubectl(['get', 'events', '-o', 'name', '--field-selector', 'reason=Synced'])).includes('event/'),
  );
});

test('S-086 a second sync of the same commit writes nothing but that it was asked for', async () => {
  await using world = await freshWorld(servers);
  await world.apply({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
  const before = await world.writes();
  await world.sync();
  expect(await world.writesSince(before)).toEqual(NOTHING_BUT_ASKED);
});

test('a commit that changes one object of many writes that one', async () => {
  await using world = await freshWorld(servers);
  await world.apply(Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`${index}.yaml`, configMap(`c${index}`)])));
  const before = await world.writes();
  await world.apply({ '7.yaml': configMap('c7', { k: 'new' }) });
  expect((await world.writes()).slice(before.length).filter((each) => each.includes('configmaps/'))).toEqual([
    'patch configmaps/c7',
  ]);
});

test('S-053 a field that Git owns is put back, one that it does not own is kept, and what was deleted comes back', async () => {
  await using world = await freshWorld(servers);
  await world.apply({ 'a.yaml': configMap('a') });
  await world.kubectl(['patch', 'configmap', 'a', '--type=merge', '-p', '{"data":{"k":"edited","mine":"kept"}}']);
  await eventually(
    'the field is put back',
    async () => (await world.read<{ data: Record<string, string> }>('configmap', 'a'))?.data['k'] === 'v',
  );
  expect(await world.read('configmap', 'a')).toMatchObject({ data: { k: 'v', mine: 'kept' } });
  await world.kubectl(['delete', 'configmap', 'a']);
  await eventually('it is back', async () => (await world.read('configmap', 'a')) !== undefined);
});

test('S-091 a suspended GitSync writes nothing and tells the drift; resumed it repairs it', async () => {
  await using world = await freshWorld(servers);
  await world.apply({ 'a.yaml': configMap('a') });
  await world.patch({ spec: { suspend: true } });
  await world.until('it is suspended', (now) => now.conditions?.[0]?.reason === 'Suspended');
  await world.kubectl(['patch', 'configmap', 'a', '--type=merge', '-p', '{"data":{"k":"edited"}}']);
  const told = await world.until(
    'the drift is told',
    (now) => now.conditions?.some(({ type, status }) => type === 'Drifted' && status === 'True') ?? false,
  );
  expect(JSON.stringify(told.conditions)).toContain('ConfigMap');
  expect(await world.read('configmap', 'a')).toMatchObject({ data: { k: 'edited' } });
  await world.patch({ spec: { suspend: false } });
  await eventually(
    'it is repaired',
    async () => (await world.read<{ data: Record<string, string> }>('configmap', 'a'))?.data['k'] === 'v',
  );
});

test('S-042 what the service account may not do stops the sync before the first write, and names the right', async () => {
  await using world = await freshWorld(servers);
  await world.push({
    'a.yaml': configMap('a'),
    'b.yaml': `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b","namespace":"kube-system"}}`,
  });
  const status = await world.until('it is refused', (now) => now.conditions?.[0]?.reason === 'ApplyForbidden');
  expect(status.problems).toMatchObject([
    { code: 'ApplyForbidden', file: 'b.yaml', line: 1, object: '/ConfigMap/kube-system/b' },
  ]);
  expect(await world.read('configmap', 'a')).toBeUndefined();
});

test('S-042 what spec.allow or the namespace does not allow is refused with rule, file and line before the first write', async () => {
  await using world = await freshWorld(servers, {
    spec: { allow: { kinds: ['ConfigMap', 'Secret'], namespaces: ['world-*'], clusterScoped: false } },
  });
  const applied = await world.apply({ 'a.yaml': configMap('a') });
  const refused = async (rule: string, file: string): Promise<void> => {
    const status = await world.until(`${rule} refuses`, (now) => (now.problems?.[0]?.message ?? '').includes(rule));
    expect(status).toMatchObject({
      revision: applied.revision,
      conditions: [{ status: 'False', reason: 'TenancyRefused' }, {}],
      problems: expect.arrayContaining([expect.objectContaining({ code: 'TenancyRefused', file, line: 1 })]),
    });
  };
  const role = '{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"r"},"rules":[]}';
  await world.push({ 'b.yaml': configMap('b'), 'c.yaml': role });
  await refused('spec.allow does not allow the kind rbac.authorization.k8s.io/Role', 'c.yaml');
  expect(await world.read('configmap', 'b')).toBeUndefined();
  // Whoever owns the cluster caps what the GitSyncs of a namespace may touch; the team cannot write its own namespace.
  await world.kubectl(['annotate', 'namespace', world.namespace, 'streamspace.io/allow={"kinds":["Secret"]}']);
  await world.push({ 'c.yaml': null });
  await refused('streamspace.io/allow of namespace', 'a.yaml');
  await world.kubectl(['annotate', 'namespace', world.namespace, 'streamspace.io/allow={"kind":["ConfigMap"]}', '--overwrite']);
  await world.sync();
  expect((await world.status()).conditions?.[0]).toMatchObject({
    reason: 'TenancyRefused',
    message: expect.stringContaining('not JSON'),
  });
  await world.kubectl(['annotate', 'namespace', world.namespace, 'streamspace.io/allow-', '--overwrite']);
  await world.apply({ 'd.yaml': configMap('d') });
});

test('S-057 a denial of one of 20 objects is found before anything is written', async () => {
  await using world = await freshWorld(servers);
  const policy = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: `deny-${SUFFIX}` },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] }],
      },
      validations: [
        { expression: "!(has(object.data) && 'forbidden' in object.data)", message: 'the key forbidden is forbidden' },
      ],
    },
  };
  const binding = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: `deny-${SUFFIX}` },
    spec: {
      policyName: `deny-${SUFFIX}`,
      validationActions: ['Deny'],
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': world.namespace } } },
    },
  };
  await world.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [policy, binding] }));
  try {
    const probe = ['create', 'configmap', 'probe', '--from-literal=forbidden=x', '--dry-run=server'];
    await eventually(
      'the policy is in force',
      async () =>
        await world.kubectl(probe).then(
          () => false,
          () => true,
        ),
    );
    const files = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [
        `${index}.yaml`,
        configMap(`c${index}`, index === 13 ? { forbidden: 'x' } : { k: 'v' }),
      ]),
    );
    await world.push(files);
    const status = await world.until('it is denied', (now) => now.conditions?.[0]?.reason === 'ApplyDenied');
    expect(status.problems).toMatchObject([
      { file: '13.yaml', message: expect.stringContaining('the key forbidden is forbidden') },
    ]);
    expect((await world.writes()).filter((each) => each.includes('configmaps/c'))).toEqual([]);
  } finally {
    await world.kubectl(['delete', 'validatingadmissionpolicy,validatingadmissionpolicybinding', `deny-${SUFFIX}`]);
  }
});

const DEFINITION = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.${SUFFIX}.example.com}
spec:
  group: ${SUFFIX}.example.com
  scope: Namespaced
  names: {plural: things, singular: thing, kind: Thing}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {big: {type: integer, format: int64}}}
`;
const CRD_RULES = [{ apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: ['*'] }];

test('S-044 S-033 S-034 a definition and an object of its kind in one commit, with every digit and every field', async () => {
  await using world = await freshWorld(servers, {
    clusterRules: CRD_RULES,
    spec: { prune: { enabled: true, maxDeletionPercent: 100, never: [] } },
  });
  const thing = `apiVersion: ${SUFFIX}.example.com/v1\nkind: Thing\nmetadata: {name: t}\nspec: {big: 9007199254740993, futureField: {a: [1, null]}}\n`;
  const status = await world.apply({ 'a-thing.yaml': thing, 'z-definition.yaml': DEFINITION });
  expect(status.plan?.changes).toMatchObject([
    { object: expect.stringContaining('CustomResourceDefinition') },
    { reason: expect.stringContaining('after CustomResourceDefinition') },
  ]);
  const text = await world.kubectl(['get', `things.${SUFFIX}.example.com`, 't', '-o', 'json']);
  expect(text).toContain('9007199254740993');
  expect(text).toMatch(/"futureField"/);
  const before = await world.writes();
  await world.sync();
  expect(await world.writesSince(before)).toEqual(NOTHING_BUT_ASKED);
});

test('S-047 members of a namespace that the same commit makes wait for it; a namespace that nobody makes is named', async () => {
  const inner = `inner-${SUFFIX}`;
  const rules = [{ apiGroups: [''], resources: ['namespaces', 'configmaps'], verbs: ['*'] }];
  await using world = await freshWorld(servers, { clusterRules: rules });
  const member = (namespace: string): string =>
    `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m","namespace":"${namespace}"}}`;
  await world.push({ 'm.yaml': member(inner) });
  await world.until(
    'the namespace is missing',
    (now) => now.conditions?.[0]?.reason === 'NamespaceNotFound' && (now.problems?.[0]?.message ?? '').includes(inner),
  );
  await world.apply({ 'n.yaml': `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"${inner}"}}` });
  expect(await world.kubectl(['get', 'configmap', 'm', '-n', inner, '-o', 'name'])).toContain('configmap/m');
});

test('S-060 a Secret from stringData is no drift, and its value is in no status and no event', async () => {
  await using world = await freshWorld(servers);
  const secret = (value: string): string =>
    `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: ${value}}\n`;
  await world.apply({ 's.yaml': secret('canary-one') });
  const before = await world.writes();
  await world.sync();
  expect((await world.writes()).slice(before.length).filter((each) => each.includes('secrets/'))).toEqual([]);
  await world.apply({ 's.yaml': secret('canary-two') });
  const told = JSON.stringify(await world.status()) + (await world.kubectl(['get', 'events', '-o', 'json']));
  expect(told).not.toMatch(/canary|Y2FuYXJ5/);
});

test('S-051 a field of another manager is overwritten by default, and blocked by name where the GitSync says so', async () => {
  await using world = await freshWorld(servers);
  const theirs = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"theirs"}}';
  await world.kubectl(['apply', '--server-side', '--field-manager=somebody', '-f', '-'], theirs);
  await world.patch({ spec: { conflicts: 'Block' } });
  await world.push({ 'a.yaml': configMap('a') });
  const blocked = await world.until('it is blocked', (now) => now.conditions?.[0]?.reason === 'ApplyConflict');
  expect(blocked.problems?.[0]?.message).toMatch(/data\.k.*somebody/);
  expect(await world.read('configmap', 'a')).toMatchObject({ data: { k: 'theirs' } });
  await world.patch({ spec: { conflicts: 'Overwrite' } });
  await world.until('it is taken over', (now) => now.conditions?.[0]?.status === 'True');
  expect(await world.read('configmap', 'a')).toMatchObject({ data: { k: 'v' } });
});

test('S-052 an object of client-side apply is adopted: a field that leaves Git leaves the object', async () => {
  await using world = await freshWorld(servers);
  await world.kubectl(['apply', '-f', '-'], configMap('a', { old: '1', k: 'v' }));
  await world.apply({ 'a.yaml': configMap('a', { old: '1', k: 'v' }) });
  await world.apply({ 'a.yaml': configMap('a', { k: 'v' }) });
  expect((await world.read<{ data: object }>('configmap', 'a'))?.data).toEqual({ k: 'v' });
});

test('S-049 an immutable field is named; marked replaceable, the object is replaced', async () => {
  await using world = await freshWorld(servers);
  const job = (image: string, annotations = ''): string =>
    `apiVersion: batch/v1\nkind: Job\nmetadata: {name: j${annotations}}\nspec: {suspend: true, template: {spec: {restartPolicy: Never, containers: [{name: c, image: ${image}}]}}}\n`;
  await world.apply({ 'j.yaml': job('one') });
  await world.push({ 'j.yaml': job('two') });
  const status = await world.until('the field is named', (now) => now.conditions?.[0]?.reason === 'FieldImmutable');
  expect(status.problems?.[0]?.message).toContain('spec.template');
  const before = await world.read('job', 'j');
  await world.apply({ 'j.yaml': job('two', ', annotations: {streamspace.io/replace: "true"}') });
  expect((await world.read('job', 'j'))?.metadata.uid).not.toBe(before?.metadata.uid);
});

test('S-083 a new commit cancels the wait for health', async () => {
  await using world = await freshWorld(servers, { spec: { timeout: '5m' } });
  const claim = `apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: never}\nspec: {storageClassName: none-such, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}\n`;
  await world.push({ 'p.yaml': claim, 'a.yaml': configMap('a') });
  await world.until('it waits', (now) => now.conditions?.[0]?.reason === 'Progressing');
  await eventually('the objects are there', async () => (await world.read('configmap', 'a')) !== undefined);
  await world.push({ 'a.yaml': configMap('a', { k: 'second' }) });
  await eventually(
    'the second commit is applied',
    async () => (await world.read<{ data: Record<string, string> }>('configmap', 'a'))?.data['k'] === 'second',
  );
  await world.patch({ spec: { deletionPolicy: 'Orphan' } });
});
