// What others change in our objects: fields that are left to them, what admission adds, and what must not be told of a Secret.
import { expect, inject, test } from 'vitest';
import type { FieldRule } from '../../schemas/kinds/field-rule.ts';
import { eventually } from '../support/wait.ts';
import { freshWorld, type World } from '../support/world.ts';

const servers = inject('servers');
const SUFFIX = Math.random().toString(36).slice(2, 8);
const NOTHING: readonly string[] = [];
const IGNORED: FieldRule[] = [{ kind: 'Deployment', fields: ['/spec/replicas', '/spec/template/spec/containers/*/image'] }];

interface Deployment {
  readonly metadata: { readonly annotations: Record<string, string>; readonly managedFields?: unknown };
  readonly spec: {
    readonly replicas: number;
    readonly template: { readonly spec: { readonly containers: readonly { readonly name: string; readonly image: string }[] } };
  };
}

/** No pod of it is ever scheduled: only the object itself matters here. */
const deployment = (replicas: number | undefined, image: string, annotations: object = {}): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', annotations },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'd' } },
      template: {
        metadata: { labels: { app: 'd' } },
        spec: { schedulerName: 'nobody', containers: [{ name: 'app', image }] },
      },
    },
  });

/** To anything but the GitSync itself, which is asked to sync and says that it did. */
async function secondSyncWrites(world: World): Promise<readonly string[]> {
  const before = await world.writes();
  await world.sync();
  return (await world.writes()).slice(before.length).filter((write) => !write.includes(' gitsyncs/'));
}

async function read(world: World): Promise<Deployment['spec']> {
  return (await world.read<Deployment>('deployment', 'd'))?.spec ?? expect.unreachable('it is there');
}

test('S-054 replicas that somebody else sets and Git leaves out are no drift and are not written', async () => {
  await using world = await freshWorld(servers, { spec: { wait: false } });
  await world.apply({ 'd.yaml': deployment(undefined, 'one') });
  await world.kubectl(['scale', 'deployment', 'd', '--replicas=3']);
  expect(await secondSyncWrites(world)).toEqual(NOTHING);
  expect((await read(world)).replicas).toBe(3);
});

test('S-054 fields that a rule leaves to others are written once and never again, whatever Git says later', async () => {
  await using world = await freshWorld(servers, { spec: { wait: false, ignore: IGNORED } });
  await world.apply({ 'd.yaml': deployment(2, 'one') });
  expect(await read(world)).toMatchObject({ replicas: 2, template: { spec: { containers: [{ image: 'one' }] } } });
  expect(await secondSyncWrites(world)).toEqual(NOTHING);
  await world.kubectl(['scale', 'deployment', 'd', '--replicas=4']);
  await world.kubectl(['set', 'image', 'deployment/d', 'app=theirs']);
  expect(await secondSyncWrites(world)).toEqual(NOTHING);
  await world.apply({ 'd.yaml': deployment(1, 'two', { other: 'changed' }) });
  const changed = await world.read<Deployment>('deployment', 'd');
  expect(changed).toMatchObject({
    metadata: { annotations: { other: 'changed' } },
    spec: { replicas: 4, template: { spec: { containers: [{ image: 'theirs' }] } } },
  });
  const owned = await world.kubectl(['get', 'deployment', 'd', '-o', 'json', '--show-managed-fields']);
  const { managedFields } = (JSON.parse(owned) as { metadata: { managedFields: { manager: string }[] } }).metadata;
  expect(JSON.stringify(managedFields.filter(({ manager }) => manager === 'streamspace-sync'))).not.toMatch(/f:replicas|f:image/);
});

test('S-054 a rule that comes later takes nothing away: what was applied stays as it is', async () => {
  await using world = await freshWorld(servers, { spec: { wait: false } });
  await world.apply({ 'd.yaml': deployment(3, 'one') });
  await world.patch({ spec: { ignore: IGNORED } });
  const status = await world.sync();
  expect(status.plan?.changes).toMatchObject([{ action: 'configure', reason: expect.stringContaining('/spec/replicas') }]);
  expect(await read(world)).toMatchObject({ replicas: 3, template: { spec: { containers: [{ image: 'one' }] } } });
  expect(await secondSyncWrites(world)).toEqual(NOTHING);
});

const admission = (kind: string, spec: object): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind,
  metadata: { name: `left-${SUFFIX}` },
  spec,
});

/** In force for this world alone, until disposed. */
async function policyOf(
  world: World,
  mutating: boolean,
  spec: object,
  inForce: () => Promise<boolean>,
): Promise<AsyncDisposable> {
  const kind = mutating ? 'MutatingAdmissionPolicy' : 'ValidatingAdmissionPolicy';
  const matchResources = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': world.namespace } } };
  const binding = { policyName: `left-${SUFFIX}`, matchResources, ...(mutating ? {} : { validationActions: ['Deny'] }) };
  const items = [admission(kind, spec), admission(`${kind}Binding`, binding)];
  await world.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const dispose = async (): Promise<void> => {
    await world.kubectl(['delete', `${kind},${kind}Binding`, `left-${SUFFIX}`]);
  };
  await eventually(`the ${kind} is in force`, inForce).catch(async (error: unknown) => {
    await dispose();
    throw error;
  });
  return { [Symbol.asyncDispose]: dispose };
}

const rules = (group: string, resource: string): object => ({
  resourceRules: [{ apiGroups: [group], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: [resource] }],
});

test('S-056 a sidecar that admission adds to a Deployment is no drift: the second sync writes nothing', async () => {
  await using world = await freshWorld(servers, { spec: { wait: false } });
  const sidecar = 'Object.spec.template.spec.containers{name: "sidecar", image: "theirs"}';
  const expression = `Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [${sidecar}]}}}}`;
  const probe = async (): Promise<boolean> =>
    (await world.kubectl(['apply', '--dry-run=server', '-o', 'json', '-f', '-'], deployment(0, 'x'))).includes('sidecar');
  await using _policy = await policyOf(
    world,
    true,
    {
      matchConstraints: rules('apps', 'deployments'),
      failurePolicy: 'Fail',
      reinvocationPolicy: 'IfNeeded',
      mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
    },
    probe,
  );
  await world.apply({ 'd.yaml': deployment(0, 'one') });
  const names = async () => (await read(world)).template.spec.containers.map(({ name, image }) => `${name} ${image}`).toSorted();
  expect(await names()).toEqual(['app one', 'sidecar theirs']);
  expect(await secondSyncWrites(world)).toEqual(NOTHING);
  const status = await world.apply({ 'd.yaml': deployment(0, 'two') });
  expect(status.plan).toMatchObject({ configure: 1 });
  expect(await names()).toEqual(['app two', 'sidecar theirs']);
  expect(await secondSyncWrites(world)).toEqual(NOTHING);
});

test('S-060 what a policy repeats of a Secret is in no status and no event', async () => {
  await using world = await freshWorld(servers);
  const secret = (password: string): string =>
    JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { password } });
  const denied = async (): Promise<boolean> =>
    await world.kubectl(['apply', '--dry-run=server', '-f', '-'], secret('probe')).then(
      () => false,
      () => true,
    );
  await using _policy = await policyOf(
    world,
    false,
    {
      matchConstraints: rules('', 'secrets'),
      validations: [
        { expression: '!has(object.data)', messageExpression: '"weak: " + string(object.data.password)', message: 'weak' },
      ],
    },
    denied,
  );
  await world.push({ 's.yaml': secret('canary-three') });
  const status = await world.until('it is denied', (now) => now.conditions?.[0]?.reason === 'ApplyDenied');
  expect(status.problems).toMatchObject([{ message: expect.stringContaining('denied'), file: 's.yaml' }]);
  const told = JSON.stringify(status) + (await world.kubectl(['get', 'events', '-o', 'json']));
  expect(told).not.toMatch(/canary|Y2FuYXJ5/);
});
