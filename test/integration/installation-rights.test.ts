// The rights of every role and process, as a real API server answers for them (SubjectAccessReview), beside the table they come from.
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import {
  AUDITORS_GROUP,
  AUTHENTICATED_GROUP,
  GROUP_PREFIX,
  kubernetesUser,
  PLATFORM_ADMINS_GROUP,
  SYSTEM_NAMESPACE,
} from '../../schemas/names.ts';
import { AUTHENTICATED_RULES, PLATFORM_ROLE_RULES, type PolicyRule, TEAM_ROLE_RULES } from '../../schemas/rights.ts';
import { run } from '../support/command.ts';
import { KUBECTL, kubectl } from '../support/kubectl.ts';

const servers = inject('servers');
const team = `rights-${Date.now().toString(36)}`;
const CONTROLLER = `system:serviceaccount:${SYSTEM_NAMESPACE}:streamspace-controller`;
const VERBS = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'connect',
  'observe',
  'control',
  'exec',
  'assign',
  'impersonate',
  'escalate',
  'bind',
];
const THINGS: readonly (readonly [group: string, resource: string])[] = [
  ['streamspace.io', 'sessions'],
  ['streamspace.io', 'templates'],
  ['streamspace.io', 'gitsyncs'],
  ['streamspace.io', 'teams'],
  ['streamspace.io', 'dlppolicies'],
  ['streamspace.io', 'recordingpolicies'],
  ['', 'pods'],
  ['', 'pods/log'],
  ['', 'pods/exec'],
  ['', 'secrets'],
  ['', 'configmaps'],
  ['', 'persistentvolumeclaims'],
  ['', 'events'],
  ['', 'namespaces'],
  ['', 'nodes'],
  ['apps', 'statefulsets'],
  ['networking.k8s.io', 'networkpolicies'],
  ['rbac.authorization.k8s.io', 'roles'],
  ['rbac.authorization.k8s.io', 'rolebindings'],
  ['rbac.authorization.k8s.io', 'clusterrolebindings'],
];

function allows(rules: readonly PolicyRule[], group: string, resource: string, verb: string): boolean {
  const has = (list: readonly string[], word: string): boolean => list.includes('*') || list.includes(word);
  return rules.some((rule) => has(rule.apiGroups, group) && has(rule.resources, resource) && has(rule.verbs, verb));
}

/** `verb group/resource` of everything that the API server allows, asked in one request of many. */
async function allowed(groups: readonly string[], namespace: string): Promise<readonly string[]> {
  const questions = THINGS.flatMap(([group, resource]) => VERBS.map((verb) => ({ group, resource, verb })));
  const items = questions.map(({ group, resource: path, verb }) => {
    const [resource, subresource] = path.split('/');
    return {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: kubernetesUser('nobody-in-particular'),
        groups,
        resourceAttributes: { group, resource, ...(subresource === undefined ? {} : { subresource }), verb, namespace },
      },
    };
  });
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const template = '{{if .items}}{{range .items}}{{.status.allowed}}\n{{end}}{{else}}{{.status.allowed}}\n{{end}}';
  const answers = (await kubectl(servers, ['create', '-f', '-', '-o', `go-template=${template}`], list)).trim().split('\n');
  expect(answers).toHaveLength(questions.length);
  return questions
    .filter((_, index) => answers[index] === 'true')
    .map(({ group, resource, verb }) => `${verb} ${group}/${resource}`);
}

function expected(rules: readonly PolicyRule[]): readonly string[] {
  return THINGS.flatMap(([group, resource]) =>
    VERBS.filter((verb) => allows(rules, group, resource, verb)).map((verb) => `${verb} ${group}/${resource}`),
  );
}

const roleNames = Object.keys(TEAM_ROLE_RULES) as (keyof typeof TEAM_ROLE_RULES)[];
const teamGroup = (role: string): string => `${GROUP_PREFIX}${team}-${role}`;

beforeAll(async () => {
  await kubectl(servers, ['create', 'namespace', team]);
  const objects = roleNames.flatMap((name) => {
    const head = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name, namespace: team } };
    return [
      { ...head, kind: 'Role', rules: TEAM_ROLE_RULES[name] },
      {
        ...head,
        kind: 'RoleBinding',
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: teamGroup(name) }],
      },
    ];
  });
  // As the controller: whoever may not grant them all is refused here.
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  await kubectl(servers, ['create', '--as', CONTROLLER, '-f', '-'], list);
});
afterAll(() => kubectl(servers, ['delete', 'namespace', team, '--wait=false']));

describe('every right of a role is that of the table, and no other', () => {
  test.each(roleNames)('team %s', async (name) => {
    expect(await allowed([teamGroup(name)], team)).toEqual(expected(TEAM_ROLE_RULES[name]));
  });
  test('a team role is worth nothing in another namespace', async () => {
    expect(await allowed(roleNames.map(teamGroup), SYSTEM_NAMESPACE)).toEqual([]);
  });
  test('platform admin, anywhere', async () => {
    expect(await allowed([GROUP_PREFIX + PLATFORM_ADMINS_GROUP], team)).toEqual(expected(PLATFORM_ROLE_RULES.platformAdmin));
  });
  test('auditor, anywhere', async () => {
    expect(await allowed([GROUP_PREFIX + AUDITORS_GROUP], team)).toEqual(expected(PLATFORM_ROLE_RULES.auditor));
  });
  test('everybody who is signed in, in the system namespace alone', async () => {
    expect(await allowed([AUTHENTICATED_GROUP], SYSTEM_NAMESPACE)).toEqual(expected(AUTHENTICATED_RULES));
    expect(await allowed([AUTHENTICATED_GROUP], team)).toEqual([]);
  });
  test('nobody', async () => {
    expect(await allowed([], team)).toEqual([]);
  });
});

test('the controller cannot grant what it does not hold', async () => {
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'more', namespace: team } };
  const rules = [{ apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] }];
  const args = ['--kubeconfig', servers.kubeconfig, 'create', '--as', CONTROLLER, '-f', '-'];
  const { code, stderr } = await run(KUBECTL, args, { input: JSON.stringify({ ...role, rules }) });
  expect(stderr).toContain('attempting to grant RBAC permissions not currently held');
  expect(code).toBe(1);
});

describe('the owner of a new session', () => {
  const create = (asUser: string, role: keyof typeof TEAM_ROLE_RULES, owner: string) => {
    const session = {
      apiVersion: 'streamspace.io/v1alpha1',
      kind: 'Session',
      metadata: { name: 'probe', namespace: team },
      spec: { template: 'terminal', owner },
    };
    const as = ['--as', kubernetesUser(asUser), '--as-group', teamGroup(role), '--as-group', AUTHENTICATED_GROUP];
    const args = ['--kubeconfig', servers.kubeconfig, 'create', '--dry-run=server', '--validate=ignore', ...as, '-f', '-'];
    return run(KUBECTL, args, { input: JSON.stringify(session) });
  };

  test('is the person who asks', async () => {
    expect(await create('member', 'member', 'member')).toMatchObject({ code: 0 });
  });
  test('is nobody else, and the refusal names the right that is missing', async () => {
    const { code, stderr } = await create('member', 'member', 'lead');
    expect(stderr).toContain(`spec.owner is lead, and only who has the right "assign" on sessions in ${team}`);
    expect(code).toBe(1);
  });
  test('may be somebody else where the right assign is held', async () => {
    expect(await create('lead', 'admin', 'member')).toMatchObject({ code: 0 });
  });
  test('cannot be chosen by a viewer at all', async () => {
    expect((await create('viewer', 'viewer', 'viewer')).stderr).toContain('cannot create resource "sessions"');
  });
});
