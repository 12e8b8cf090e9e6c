import { expect, test } from 'vitest';
import { type Manifest, manifestOf } from '../render/manifest.ts';
import type { JsonObject } from '../render/yaml/json.ts';
import { refuseProblems, validateManifests } from './validate.ts';

const options = { defaultNamespace: 'team-web', served: new Map() };

function manifest(object: JsonObject, file = 'a.yaml', lines: Readonly<Record<string, number>> = {}): Manifest {
  const made = manifestOf(object, { file, line: 1 }, (field) => lines[field.join('.')]);
  if (made === undefined) throw new Error('no manifest');
  return made;
}
const object = (
  apiVersion: string,
  kind: string,
  name: string,
  rest: JsonObject = {},
  metadata: JsonObject = {},
): JsonObject => ({
  apiVersion,
  kind,
  metadata: { name, ...metadata },
  ...rest,
});

test('an object without a namespace is in that of the GitSync, a cluster-wide one in none', () => {
  const { objects, warnings } = validateManifests(
    [
      manifest(object('v1', 'ConfigMap', 'a')),
      manifest(object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'r', {}, { namespace: 'x' })),
    ],
    options,
  );
  expect(objects.map(({ id }) => id)).toEqual(['/ConfigMap/team-web/a', 'rbac.authorization.k8s.io/ClusterRole//r']);
  expect(warnings).toEqual([expect.stringContaining('cluster-wide')]);
});

test('the scope of a kind is what a definition of the same set says, and what the API server says before that', () => {
  const definition = object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'x', {
    spec: { group: 'example.com', scope: 'Cluster', names: { kind: 'Thing' } },
  });
  const set = [manifest(definition), manifest(object('example.com/v1', 'Thing', 't'))];
  expect(validateManifests(set, options).objects[1]?.namespace).toBeUndefined();
  const served = new Map([['example.com/Thing', 'Namespaced' as const]]);
  expect(validateManifests(set, { ...options, served }).objects[1]?.namespace).toBe('team-web');
});

test('S-040 one object in two places is a problem that names both, with or without its namespace and in any version', () => {
  const { problems } = validateManifests(
    [
      manifest(object('apps/v1', 'Deployment', 'a'), 'one.yaml'),
      manifest(object('apps/v1beta1', 'Deployment', 'a', {}, { namespace: 'team-web' }), 'two.yaml'),
    ],
    options,
  );
  expect(problems).toMatchObject([{ code: 'ManifestDuplicate', message: expect.stringMatching(/one\.yaml:1.*two\.yaml:1/) }]);
});

test('a policy with a pattern that RE2 cannot read, or an expression that is none, is refused with the line of each', () => {
  const rules = [{ name: 'twice', pattern: '(a)\\1', action: 'Block' }];
  const policy = object('streamspace.io/v1alpha1', 'DlpPolicy', 'p', {
    spec: { targets: { cel: 'team = "web"' }, clipboard: { rules } },
  });
  const lines = { 'spec.targets.cel': 4, 'spec.clipboard.rules.0.pattern': 9 };
  const { problems } = validateManifests([manifest(policy, 'p.yaml', lines)], options);
  expect(problems.map(({ message, position }) => [position?.line, message])).toEqual([
    [4, expect.stringMatching(/spec\.targets\.cel: ./)],
    [9, expect.stringContaining('spec.clipboard.rules[0].pattern: write a regular expression of RE2')],
  ]);
});

test('every mistake in a kind of ours has its field and its line, unknown fields too', () => {
  const template = object('streamspace.io/v1alpha1', 'Template', 't', {
    spec: { displayName: '', image: 'x', desktop: { port: 80 }, colour: 'red' },
  });
  const lines = { 'spec.displayName': 4, 'spec.desktop.port': 7, 'spec.colour': 8 };
  const bad = validateManifests([manifest(template, 't.yaml', lines)], options).problems;
  expect(bad.map(({ message, position }) => [position?.line, message.split(': ')[1]])).toEqual([
    [4, 'spec.displayName'],
    [7, 'spec.desktop.port'],
    [8, 'spec.colour'],
  ]);
  const misspelt = object('streamspace.io/v1alpha1', 'Template', 't', { spec: { displayName: 'T', image: 'x', colour: 'red' } });
  const unknown = validateManifests([manifest(misspelt, 't.yaml', lines)], options).problems;
  expect(unknown).toMatchObject([{ position: { line: 8 }, message: expect.stringContaining('check its spelling') }]);
});

test('running state and the marks of the sync never come from Git', () => {
  const { problems } = validateManifests(
    [
      manifest(object('streamspace.io/v1alpha1', 'Session', 's', { spec: { template: 't', owner: 'o' } })),
      manifest(object('v1', 'ConfigMap', 'c', {}, { labels: { 'streamspace.io/gitsync': 'x.y' } })),
    ],
    options,
  );
  expect(problems.map(({ code }) => code)).toEqual(['ManifestForbidden', 'ManifestForbidden']);
});

test('the first problem is thrown, with all of them in its facts', () => {
  const { problems } = validateManifests([manifest(object('v1', 'Event', 'e')), manifest(object('v1', 'Event', 'f'))], options);
  expect(() => refuseProblems(problems)).toThrow(expect.objectContaining({ code: 'ManifestForbidden', facts: { problems } }));
  expect(() => refuseProblems([])).not.toThrow();
});

test('P-01-8 roles of one commit that inherit in a circle are refused with the path, those that only the cluster knows are left to it', () => {
  const role = (name: string, inherits: readonly string[], file: string): Manifest =>
    manifest(
      object('streamspace.io/v1alpha1', 'AccessRole', name, { spec: { inherits: [...inherits], assignableAt: ['Team'] } }),
      file,
      {
        'spec.inherits': 7,
      },
    );
  const roles = [
    role('a', ['elsewhere', 'b'], 'a.yaml'),
    role('b', ['viewer', 'b'], 'b.yaml'),
    role('c', ['elsewhere'], 'c.yaml'),
  ];
  expect(validateManifests(roles, options).problems).toMatchObject([
    { code: 'AccessRoleCycle', message: expect.stringContaining('b -> b'), position: { file: 'a.yaml', line: 7 } },
    { code: 'AccessRoleCycle', message: expect.stringContaining('b -> b'), position: { file: 'b.yaml', line: 7 } },
  ]);
});
