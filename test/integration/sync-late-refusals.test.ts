// What the dry-run of the whole set cannot find: the store's limit, and rules that hold for real requests only.
import { expect, inject, test } from 'vitest';
import { eventually } from '../support/wait.ts';
import { freshWorld } from '../support/world.ts';

const servers = inject('servers');
const configMap = (name: string, data: object = { k: 'v' }): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
const SUFFIX = Math.random().toString(36).slice(2, 8);
const GROUP = `${SUFFIX}.late.example.com`;

test('S-063 an object that is too large for the store fails alone and for good; the others are applied', async () => {
  const rules = [{ apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: ['*'] }];
  await using world = await freshWorld(servers, {
    clusterRules: rules,
    spec: { prune: { enabled: true, maxDeletionPercent: 100, never: [] } },
  });
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const definition = JSON.stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `bags.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: { plural: 'bags', singular: 'bag', kind: 'Bag' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  });
  const bag = (bytes: number): string =>
    JSON.stringify({ apiVersion: `${GROUP}/v1`, kind: 'Bag', metadata: { name: 'bag' }, text: 'x'.repeat(bytes) });
  await world.apply({ 'definition.yaml': definition, 'a.yaml': configMap('a') });
  const sha = await world.push({ 'bag.json': bag(2_000_000), 'b.yaml': configMap('b') });
  const status = await world.until('it is refused', (now) => now.conditions?.[0]?.reason === 'ObjectTooLarge');
  expect(status.problems).toMatchObject([{ code: 'ObjectTooLarge', file: 'bag.json' }]);
  expect(status.attempted).toBe(sha);
  expect(await world.read('configmap', 'b')).toBeDefined();
  const attempts = async () => (await world.writes()).filter((each) => each.includes('bags/bag')).length;
  const before = await attempts();
  await world.sync();
  await world.sync();
  expect(await attempts()).toBe(before);
  await world.apply({ 'bag.json': bag(1_000) });
});

test('S-057 denied at the real apply only: the rest of its wave is applied, later waves wait, and the inventory has them all', async () => {
  await using world = await freshWorld(servers);
  const name = `late-${SUFFIX}`;
  const policy = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] }],
      },
      validations: [
        {
          expression: "request.dryRun == true || !(has(object.data) && 'forbidden' in object.data)",
          message: 'the key forbidden is forbidden',
        },
      ],
    },
  };
  const binding = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: {
      policyName: name,
      validationActions: ['Deny'],
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': world.namespace } } },
    },
  };
  await world.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [policy, binding] }));
  try {
    const probe = ['create', 'configmap', 'probe', '--from-literal=forbidden=x'];
    await eventually('the policy is in force', async () => {
      const denied = await world.kubectl(probe).then(
        () => false,
        () => true,
      );
      if (!denied) await world.kubectl(['delete', 'configmap', 'probe']);
      return denied;
    });
    const wave = (text: string): string => {
      const object = JSON.parse(text) as { metadata: object };
      return JSON.stringify({ ...object, metadata: { ...object.metadata, annotations: { 'streamspace.io/wave': '1' } } });
    };
    const files = Array.from({ length: 20 }, (_, index): [string, string] => [
      `${index}.yaml`,
      configMap(`c${index}`, index === 7 ? { forbidden: 'x' } : { k: 'v' }),
    ]);
    await world.push({ ...Object.fromEntries(files), 'later.yaml': wave(configMap('later')) });
    const status = await world.until('it is denied', (now) => now.conditions?.[0]?.reason === 'ApplyDenied');
    expect(status.problems?.map(({ code, file }) => `${code} ${file}`)).toEqual([
      'ApplyDenied 7.yaml',
      'DependencyNotReady later.yaml',
    ]);
    expect(status.objects).toBe(21);
    expect(
      (await world.kubectl(['get', 'configmap', '-l', 'streamspace.io/gitsync', '-o', 'name'])).trim().split('\n'),
    ).toHaveLength(19);
    await world.apply({ '7.yaml': configMap('c7') });
    expect(await world.read('configmap', 'later')).toBeDefined();
  } finally {
    await world.kubectl(['delete', 'validatingadmissionpolicy,validatingadmissionpolicybinding', name]);
  }
});
