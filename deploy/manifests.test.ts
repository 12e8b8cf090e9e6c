// What an installation grants, judged without a cluster; test/integration asks a real one.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { VOCABULARY_RULES } from '../schemas/access-vocabulary.ts';
import { SYSTEM_NAMESPACE } from '../schemas/names.ts';
import { type PolicyRule, SESSION_OWNER_VERBS, TEAM_ROLE_RULES } from '../schemas/rights.ts';
import { installationManifests } from './manifests.ts';
import { CONTROLLER_RULES, GATEWAY_RULES } from './process-rights.ts';

const manifests = installationManifests();
const idOf = ({ kind, metadata }: (typeof manifests)[number]): string => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;

/** As RBAC reads a rule without names: a star is everything. */
function allows(rules: readonly PolicyRule[], group: string, resource: string, verb: string): boolean {
  const has = (list: readonly string[], word: string): boolean => list.includes('*') || list.includes(word);
  return rules.some((rule) => has(rule.apiGroups, group) && has(rule.resources, resource) && has(rule.verbs, verb));
}

const isForAllNames = ({ resourceNames }: PolicyRule): boolean => resourceNames === undefined;

describe('the manifests', () => {
  test('are each there once, and the same every time', () => {
    const ids = manifests.map(idOf);
    expect(new Set(ids).size).toBe(ids.length);
    expect(installationManifests()).toEqual(manifests);
  });

  test('come in an order in which they can be applied: CRDs, the namespace, what is in it', () => {
    const kinds = manifests.map(({ kind }) => kind);
    expect(kinds.lastIndexOf('CustomResourceDefinition')).toBeLessThan(kinds.indexOf('Namespace'));
    const firstInside = manifests.findIndex(({ metadata }) => metadata.namespace !== undefined);
    expect(kinds.indexOf('Namespace')).toBeLessThan(firstInside);
    expect(kinds.lastIndexOf('ServiceAccount')).toBeLessThan(kinds.indexOf('ClusterRoleBinding'));
  });

  test('hold the CRDs as they are written in deploy/crds', () => {
    const folder = new URL('crds/', import.meta.url);
    const written = readdirSync(folder).map((file): unknown => parse(readFileSync(new URL(file, folder), 'utf8')));
    const crds = manifests.filter(({ kind }) => kind === 'CustomResourceDefinition');
    expect(crds).toHaveLength(written.length);
    expect(written).toEqual(expect.arrayContaining(JSON.parse(JSON.stringify(crds)) as unknown[]));
  });

  test('bind every role that they make, and every account has a binding', () => {
    const bindings = JSON.stringify(manifests.filter(({ kind }) => kind.endsWith('Binding')));
    for (const { kind, metadata } of manifests) {
      if (['Role', 'ClusterRole', 'ServiceAccount'].includes(kind)) expect(bindings).toContain(`"name":"${metadata.name}"`);
    }
  });

  test('put everything that has a namespace into the system namespace, which is restricted', () => {
    for (const { metadata } of manifests) expect([undefined, SYSTEM_NAMESPACE]).toContain(metadata.namespace);
    const namespace = manifests.find(({ kind }) => kind === 'Namespace');
    expect(namespace?.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  });
});

describe('the controller', () => {
  test('holds every right that it grants, so it needs no escalate, and bind for the two roles of the platform only', () => {
    const owner = { apiGroups: ['streamspace.io'], resources: ['sessions'], verbs: SESSION_OWNER_VERBS };
    for (const rule of [...Object.values(TEAM_ROLE_RULES).flat(), ...VOCABULARY_RULES, owner]) {
      for (const group of rule.apiGroups) {
        for (const resource of rule.resources) {
          for (const verb of rule.verbs)
            expect(allows(CONTROLLER_RULES, group, resource, verb), `${verb} ${resource}`).toBe(true);
        }
      }
    }
    for (const resource of ['roles', 'clusterroles']) {
      expect(allows(CONTROLLER_RULES, 'rbac.authorization.k8s.io', resource, 'escalate')).toBe(false);
      expect(allows(CONTROLLER_RULES.filter(isForAllNames), 'rbac.authorization.k8s.io', resource, 'bind')).toBe(false);
    }
    const binds = CONTROLLER_RULES.filter(({ verbs }) => verbs.includes('bind'));
    expect(binds.flatMap(({ resourceNames = [] }) => resourceNames)).toEqual([
      'streamspace-platform-admin',
      'streamspace-auditor',
    ]);
  });

  test('writes rights of the whole cluster only where admission knows them as its own, and impersonates service accounts only', () => {
    const policy = manifests.find(({ metadata }) => metadata.name === 'controller-roles.streamspace.io');
    expect(policy?.['spec']).toMatchObject({
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: [{ operations: ['CREATE', 'UPDATE', 'DELETE'] }] },
      validations: [{ expression: "request.name.startsWith('streamspace:')" }],
    });
    expect(allows(CONTROLLER_RULES, '', 'users', 'impersonate')).toBe(false);
    expect(allows(CONTROLLER_RULES, '', 'groups', 'impersonate')).toBe(false);
  });
});

test('the gateway as itself writes no object but shares, when a session was used and how far audit sinks are, and lists no Secret', () => {
  const changing = ['create', 'update', 'patch', 'delete', 'deletecollection', '*'];
  const writes = GATEWAY_RULES.filter(({ verbs }) => verbs.some((verb) => changing.includes(verb))).flatMap(
    ({ resources }) => resources,
  );
  // A review is a question, not an object; and commands are kept to the desktops by admission.
  expect(writes).toEqual([
    'subjectaccessreviews',
    'tokenreviews',
    'sessionshares',
    'sessionshares/status',
    'sessions/status',
    'auditpolicies/status',
    'pods/exec',
  ]);
  expect(allows(GATEWAY_RULES, 'streamspace.io', 'sessionshares', 'delete')).toBe(false);
  expect(allows(GATEWAY_RULES, '', 'secrets', 'list')).toBe(false);
  expect(allows(GATEWAY_RULES, '', 'serviceaccounts', 'impersonate')).toBe(false);
});
