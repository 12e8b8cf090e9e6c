import fc from 'fast-check';
import { expect, test } from 'vitest';
import { manifestOf } from '../render/manifest.ts';
import { globMatches, type TenancyRule, tenancyProblems } from './tenancy.ts';
import { validateManifests } from './validate.ts';

function objects(...list: readonly (readonly [apiVersion: string, kind: string, namespace?: string])[]) {
  const manifests = list.flatMap(([apiVersion, kind, namespace], index) => {
    const metadata = { name: `o${index}`, ...(namespace === undefined ? {} : { namespace }) };
    return manifestOf({ apiVersion, kind, metadata }, { file: 'a.yaml', line: index + 1 }, () => undefined) ?? [];
  });
  return validateManifests(manifests, { defaultNamespace: 'team-web', served: new Map() }).objects;
}
const rule = (allow: Partial<TenancyRule['allow']>): TenancyRule => ({
  name: 'spec.allow',
  allow: { clusterScoped: false, ...allow },
});
const messages = (...args: Parameters<typeof tenancyProblems>): readonly string[] =>
  tenancyProblems(...args).map(({ message, position }) => `${position?.line}: ${message}`);

test('S-042 a kind, a namespace and a cluster-wide object that a rule does not allow are refused with the rule and the place', () => {
  const set = objects(
    ['v1', 'ConfigMap'],
    ['apps/v1', 'Deployment', 'team-web-dev'],
    ['batch/v1', 'Job'],
    ['v1', 'Secret', 'kube-system'],
    ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
  );
  const some = rule({ kinds: ['core/*', 'apps/Deployment', '*.k8s.io/*'], namespaces: ['team-web*'] });
  expect(messages(set, [some])).toEqual([
    '3: Job team-web/o2: spec.allow does not allow the kind batch/Job',
    '4: Secret kube-system/o3: spec.allow does not allow the namespace kube-system',
    '5: ClusterRole o4: spec.allow does not allow objects without a namespace',
  ]);
});

test('S-042 every rule has to let an object through, so that a second one only narrows', () => {
  const set = objects(['v1', 'ConfigMap'], ['v1', 'Secret'], ['v1', 'Namespace']);
  expect(messages(set, [])).toEqual([]);
  expect(messages(set, [rule({ clusterScoped: true })])).toEqual([]);
  expect(
    messages(set, [rule({ clusterScoped: true }), { name: 'cap', allow: rule({ kinds: ['ConfigMap', 'Namespace'] }).allow }]),
  ).toEqual([
    '2: Secret team-web/o1: cap does not allow the kind core/Secret',
    '3: Namespace o2: cap does not allow objects without a namespace',
  ]);
});

test('a pattern matches exactly what the same regular expression matches', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  fc.assert(
    fc.property(letters, letters, (pattern, text) => {
      const plain = text.replaceAll('*', 'b');
      expect(globMatches(pattern, plain)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(plain));
    }),
  );
});
