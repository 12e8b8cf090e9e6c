// Roles and bindings against a real API server: what is given, and who may give it.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { findCondition } from '../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { Resource } from '../../runtime/kube/types.ts';
import type { AccessBinding } from '../../schemas/kinds/access/access-binding.ts';
import type { AccessRole } from '../../schemas/kinds/access/access-role.ts';
import {
  API_GROUP_VERSION,
  AUDITORS_GROUP,
  kubernetesGroups,
  kubernetesUser,
  PLATFORM_ADMINS_GROUP,
  SYSTEM_NAMESPACE,
} from '../../schemas/names.ts';
import { apiAs, openDesktop, runningSession } from '../support/api.ts';
import { auditAbout } from '../support/audit.ts';
import { run, streamspace } from '../support/command.ts';
import { KUBECTL } from '../support/kubectl.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const GROUPS: Readonly<Record<string, readonly string[]>> = { admin: [PLATFORM_ADMINS_GROUP], auditor: [AUDITORS_GROUP] };
const id = randomUUID().slice(0, 8);
const team = `access-${id}`;
const NAMESPACE = `team-${team}`;
const ROLES = { looker: `looker-${id}`, keeper: `keeper-${id}` };
let client: OwnedKubeClient;

const made: (readonly [Resource, string | undefined, string])[] = [];

async function make(resource: Resource, namespace: string | undefined, name: string, spec: object): Promise<void> {
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  await client.create(
    resource,
    namespace,
    JSON.stringify({ apiVersion: API_GROUP_VERSION, kind: resource.kind, metadata, spec }),
  );
  made.push([resource, namespace, name]);
}

const binding = (namespace: string, spec: object, name = `probe-${id}`): object => ({
  apiVersion: API_GROUP_VERSION,
  kind: 'AccessBinding',
  metadata: { name, namespace },
  spec: { subject: { user: 'guest' }, scope: { team }, reason: 'a test', ...spec },
});

/** As a person of the team with this role, as the account of its GitSync, or as a platform admin. */
const AS = {
  lead: ['--as', kubernetesUser(`lead-${id}`), '--as-group', 'system:authenticated'],
  member: ['--as', kubernetesUser(`member-${id}`), '--as-group', 'system:authenticated'],
  sync: ['--as', `system:serviceaccount:${NAMESPACE}:streamspace-sync`, '--as-group', 'system:authenticated'],
  admin: ['--as', kubernetesUser('boss'), ...kubernetesGroups([PLATFORM_ADMINS_GROUP]).flatMap((each) => ['--as-group', each])],
} as const;

/** Empty: it would be admitted. */
async function refusal(as: keyof typeof AS, object: object): Promise<string> {
  const args = ['--kubeconfig', servers.kubeconfig, 'create', '--dry-run=server', ...AS[as], '-f', '-'];
  const { code, stderr } = await run(KUBECTL, args, { input: JSON.stringify(object) });
  return code === 0 ? '' : stderr;
}

async function may(person: string, verb: string, name?: string, resource = 'sessions'): Promise<boolean> {
  const who = { user: kubernetesUser(person), groups: ['streamspace:authenticated', 'system:authenticated'] };
  const question = { group: 'streamspace.io', verb, resource, namespace: NAMESPACE, ...(name === undefined ? {} : { name }) };
  return (await client.review(question, who)).allowed;
}

async function readyOf(namespace: string, name: string): Promise<string | undefined> {
  const { status } = await client.get<AccessBinding>(RESOURCES.accessBindings, namespace, name);
  return findCondition(status?.conditions, 'Ready')?.reason;
}

beforeAll(async () => {
  client = createKubeClient({ kubeconfig: servers.kubeconfig });
  const members = [
    { user: `lead-${id}`, role: 'admin' },
    { user: `member-${id}`, role: 'member' },
  ];
  await make(RESOURCES.teams, undefined, team, { displayName: team, members });
  await make(RESOURCES.accessRoles, undefined, ROLES.looker, {
    inherits: ['viewer'],
    rules: [{ resources: ['sessions'], verbs: ['control'] }],
    assignableAt: ['Team', 'Session'],
  });
  await make(RESOURCES.accessRoles, undefined, ROLES.keeper, {
    rules: [{ resources: ['recordings'], verbs: ['get', 'hold', 'delete'] }],
    assignableAt: ['Team', 'Platform'],
  });
  await eventually('the team and the roles are ready', async () => {
    const { status } = await client.get<AccessRole>(RESOURCES.teams, undefined, team);
    const roles = await Promise.all(
      Object.values(ROLES).map((name) => client.get<AccessRole>(RESOURCES.accessRoles, undefined, name)),
    );
    return [status, ...roles.map((role) => role.status)].every(
      (each) => findCondition(each?.conditions, 'Ready')?.status === 'True',
    );
  });
  const rbac = 'rbac.authorization.k8s.io';
  const subject = { kind: 'ServiceAccount', name: 'streamspace-sync', namespace: NAMESPACE };
  const body = {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name: 'sync', namespace: NAMESPACE },
    roleRef: { apiGroup: rbac, kind: 'Role', name: 'streamspace-team-admin' },
    subjects: [subject],
  };
  await client.create(RESOURCES.roleBindings, NAMESPACE, JSON.stringify(body));
  // Every 30 s the API server looks for kinds that parameters of a policy can be of; until then it refuses every binding.
  await eventually(
    'admission knows the roles',
    async () => (await refusal('admin', binding(NAMESPACE, { roleRef: 'viewer' }))) === '',
  );
  await eventually('the lead has his rights', () => may(`lead-${id}`, 'create', undefined, 'accessbindings'));
});

afterAll(async () => {
  for (const [resource, namespace, name] of made.toReversed()) await client.delete(resource, namespace, name);
  await client[Symbol.asyncDispose]();
});

describe('P-01-3 who gives a role', () => {
  test.each(['lead', 'sync'] as const)('as %s of a team may give in his team what an admin of it has', async (as) => {
    expect(await refusal(as, binding(NAMESPACE, { roleRef: 'viewer' }))).toBe('');
    expect(await refusal(as, binding(NAMESPACE, { roleRef: 'admin' }))).toBe('');
    expect(await refusal(as, binding(NAMESPACE, { roleRef: ROLES.looker }))).toBe('');
  });

  test.each(['lead', 'sync'] as const)('as %s of a team is refused more than that, and told what is missing', async (as) => {
    const platform = await refusal(as, binding(NAMESPACE, { roleRef: 'platform-admin', scope: { platform: true } }));
    expect(platform).toContain('to give the role "platform-admin" on the whole platform');
    expect(platform).toContain('the right "grant" on accessroles "platform-admin" in the whole cluster');
    const wide = await refusal(as, binding(NAMESPACE, { roleRef: ROLES.keeper }));
    expect(wide).toContain('gives more than an admin of a team has; missing: delete recordings, hold recordings');
    const elsewhere = await refusal(as, binding(NAMESPACE, { roleRef: 'viewer', scope: { team: 'web' } }));
    expect(elsewhere).toContain('can be for the team of that namespace and its sessions only');
    const other = await refusal(as, binding('team-web', { roleRef: 'viewer', scope: { team: 'web' } }));
    expect(other).toContain('cannot create resource "accessbindings"');
    expect(await refusal(as, binding(SYSTEM_NAMESPACE, { roleRef: 'viewer' }))).toContain('cannot create resource');
    const role = { rules: [{ resources: ['sessions'], verbs: ['exec'] }], assignableAt: ['Team'] };
    const own = { apiVersion: API_GROUP_VERSION, kind: 'AccessRole', metadata: { name: `own-${id}` }, spec: role };
    expect(await refusal(as, own)).toContain('cannot create resource "accessroles"');
  });

  test('a member gives nothing, and whoever may only write bindings is told of the right that is missing', async () => {
    expect(await refusal('member', binding(NAMESPACE, { roleRef: 'viewer' }))).toContain('cannot create resource');
    const rbac = 'rbac.authorization.k8s.io';
    const metadata = { name: 'writes', namespace: NAMESPACE };
    const rules = [{ apiGroups: ['streamspace.io'], resources: ['accessbindings'], verbs: ['*'] }];
    await client.create(RESOURCES.roles, NAMESPACE, JSON.stringify({ apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules }));
    const subjects = [{ apiGroup: rbac, kind: 'User', name: kubernetesUser(`member-${id}`) }];
    const roleRef = { apiGroup: rbac, kind: 'Role', name: 'writes' };
    const bound = { apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata, roleRef, subjects };
    await client.create(RESOURCES.roleBindings, NAMESPACE, JSON.stringify(bound));
    await eventually('the rights are there', () => may(`member-${id}`, 'create', undefined, 'accessbindings'));
    const answer = await refusal('member', binding(NAMESPACE, { roleRef: 'viewer' }));
    expect(answer).toContain(`missing is the right "grant" on accessroles "viewer" in ${NAMESPACE}`);
  });

  test('a platform admin may anything, but not give a role where it cannot be', async () => {
    expect(await refusal('admin', binding(SYSTEM_NAMESPACE, { roleRef: 'platform-admin', scope: { platform: true } }))).toBe('');
    expect(await refusal('admin', binding(SYSTEM_NAMESPACE, { roleRef: ROLES.keeper, scope: { platform: true } }))).toBe('');
    expect(await refusal('admin', binding(SYSTEM_NAMESPACE, { roleRef: ROLES.looker, scope: { platform: true } }))).toContain(
      'its assignableAt is Team, Session',
    );
    expect(await refusal('admin', binding(SYSTEM_NAMESPACE, { roleRef: 'member', scope: { platform: true } }))).toContain(
      'the role "member" cannot be given on the whole platform',
    );
  });
});

test('P-01-7 the API server allows it from the beginning until the end, and not a second longer than it takes to look', async () => {
  const name = `timed-${id}`;
  const notBefore = new Date(Date.now() + 3_000).toISOString();
  const expiresAt = new Date(Date.now() + 8_000).toISOString();
  await make(RESOURCES.accessBindings, NAMESPACE, name, {
    ...{ subject: { user: `guest-${id}` }, roleRef: ROLES.looker, scope: { team }, reason: 'a test' },
    ...{ notBefore, expiresAt },
  });
  await eventually('it waits', async () => (await readyOf(NAMESPACE, name)) === 'NotStarted');
  expect(await may(`guest-${id}`, 'control')).toBe(false);
  await eventually('it is given', () => may(`guest-${id}`, 'control'), { timeoutMs: 15_000 });
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(notBefore));
  expect(await may(`guest-${id}`, 'exec')).toBe(false);
  await eventually('it is over', async () => !(await may(`guest-${id}`, 'control')), { timeoutMs: 15_000 });
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt) - 100);
  expect(Date.now()).toBeLessThan(Date.parse(expiresAt) + 5_000);
  await eventually('it says so', async () => (await readyOf(NAMESPACE, name)) === 'AccessExpired');
  await eventually('an Event tells the end', async () => {
    const { items } = await client.list<{ readonly metadata: { readonly name: string }; readonly reason?: string }>(
      RESOURCES.events,
      {
        namespace: NAMESPACE,
      },
    );
    return items.some(({ metadata, reason }) => metadata.name.startsWith(name) && reason === 'AccessExpired');
  });
  const audited = await eventually('the audit log has the end', async () => {
    const rows = await auditAbout(servers, `AccessBinding/${NAMESPACE}/${name}`, 'binding.%');
    return rows.length === 3 && rows;
  });
  expect(audited.map(({ type }) => type)).toEqual(['binding.withheld', 'binding.granted', 'binding.expired']);
  expect(audited[2]?.details).toMatchObject({
    role: ROLES.looker,
    subject: `user guest-${id}`,
    scope: `team ${team}`,
    expiresAt,
  });
});

test('a role on one session is worth nothing on another, and goes with the binding', async () => {
  const name = `one-${id}`;
  await make(RESOURCES.sessions, NAMESPACE, name, { template: 'terminal', owner: `member-${id}`, desiredState: 'Hibernated' });
  await make(RESOURCES.accessBindings, NAMESPACE, name, {
    ...{ subject: { user: `guest-${id}` }, roleRef: ROLES.looker, reason: 'a test' },
    scope: { session: { namespace: NAMESPACE, name } },
  });
  await eventually('it is given', () => may(`guest-${id}`, 'control', name));
  expect(await may(`guest-${id}`, 'control', 'another')).toBe(false);
  expect(await may(`guest-${id}`, 'list')).toBe(false);
  await client.delete(RESOURCES.accessBindings, NAMESPACE, name);
  await eventually('it is gone', async () => !(await may(`guest-${id}`, 'control', name)));
});

test('P-01-7 a stream that a binding has opened ends with it', async () => {
  const name = `open-${id}`;
  await using _session = await runningSession(servers, name, 'member');
  const expiresAt = new Date(Date.now() + 9_000).toISOString();
  await make(RESOURCES.accessBindings, SYSTEM_NAMESPACE, name, {
    ...{ subject: { user: 'auditor' }, roleRef: 'viewer', reason: 'a test', expiresAt },
    scope: { session: { namespace: 'team-web', name } },
  });
  await eventually('it is given', async () => (await readyOf(SYSTEM_NAMESPACE, name)) === 'Granted');
  await using viewer = await openDesktop(servers, 'auditor', name, 'view');
  await using owner = await openDesktop(servers, 'member', name);
  expect(await viewer.closed).toMatchObject({ code: 1008, reason: expect.stringMatching(/^Forbidden: auditor/) });
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt));
  expect(Date.now()).toBeLessThan(Date.parse(expiresAt) + 5_000);
  expect(owner.socket.readyState).toBe(owner.socket.OPEN);
});

test('P-01-4 a stream that a binding has opened ends within 5 s of its being deleted, and nobody else’s does', async () => {
  const name = `revoked-${id}`;
  await using _session = await runningSession(servers, name, 'member');
  await make(RESOURCES.accessBindings, SYSTEM_NAMESPACE, name, {
    ...{ subject: { user: 'auditor' }, roleRef: 'viewer', reason: 'a test' },
    scope: { session: { namespace: 'team-web', name } },
  });
  await eventually('it is given', async () => (await readyOf(SYSTEM_NAMESPACE, name)) === 'Granted');
  await using viewer = await openDesktop(servers, 'auditor', name, 'view');
  await using owner = await openDesktop(servers, 'member', name);
  const deletedAt = performance.now();
  await client.delete(RESOURCES.accessBindings, SYSTEM_NAMESPACE, name);
  expect(await viewer.closed).toMatchObject({ code: 1008, reason: expect.stringMatching(/^Forbidden: auditor/) });
  expect(performance.now() - deletedAt).toBeLessThan(5_000);
  expect(owner.socket.readyState).toBe(owner.socket.OPEN);
});

test('P-01-8 a cycle is told as a path, and takes the rights away', async () => {
  const name = `ring-${id}`;
  const spec = { rules: [{ resources: ['sessions'], verbs: ['get'] }], assignableAt: ['Team'] };
  await make(RESOURCES.accessRoles, undefined, name, spec);
  await client.mergePatch(RESOURCES.accessRoles, undefined, name, { spec: { inherits: [name] } });
  await eventually('it says so', async () => {
    const { status } = await client.get<AccessRole>(RESOURCES.accessRoles, undefined, name);
    return findCondition(status?.conditions, 'Ready')?.message.endsWith(`${name} -> ${name}`);
  });
  const role = await client.get<{ readonly rules?: readonly unknown[] | null }>(
    RESOURCES.clusterRoles,
    undefined,
    `streamspace:role:${name}`,
  );
  expect(role.rules ?? []).toEqual([]);
});

test('P-01-5 why somebody may do something is answered as the API server decides it', async () => {
  const name = `why-${id}`;
  await make(RESOURCES.accessBindings, NAMESPACE, name, {
    subject: { user: 'member' },
    roleRef: ROLES.looker,
    scope: { team },
    reason: 'a test',
  });
  await eventually('it is given', () => may('member', 'control'));
  interface Why {
    readonly allowed: boolean;
    readonly paths: readonly { readonly source: string; readonly role: string; readonly inheritance: readonly string[] }[];
  }
  const ask = async (user: string, verb: string, namespace: string): Promise<Why> => {
    const answer = await apiAs(servers, 'admin').get<Why>(`/access/explain?user=${user}&verb=${verb}&namespace=${namespace}`);
    expect(answer.status).toBe(200);
    return answer.body;
  };
  for (const user of ['admin', 'lead', 'member', 'viewer', 'auditor'])
    for (const verb of ['get', 'create', 'observe', 'control', 'exec', 'delete', 'assign'])
      for (const namespace of ['team-web', NAMESPACE]) {
        const { allowed, paths } = await ask(user, verb, namespace);
        const who = {
          user: kubernetesUser(user),
          groups: [...kubernetesGroups(GROUPS[user] ?? []), 'system:authenticated'],
        };
        const review = await client.review({ group: 'streamspace.io', verb, resource: 'sessions', namespace }, who);
        expect({ user, verb, namespace, allowed, explained: paths.length > 0 }).toEqual({
          ...{ user, verb, namespace },
          ...{ allowed: review.allowed, explained: review.allowed },
        });
      }
  expect((await ask('member', 'observe', NAMESPACE)).paths).toMatchObject([
    { source: `AccessBinding/${NAMESPACE}/${name}`, role: ROLES.looker, inheritance: [ROLES.looker, 'viewer'] },
  ]);
  // What comes from Git is told with its place there.
  expect((await ask('member', 'create', 'team-web')).paths).toMatchObject([
    {
      source: 'Team/web',
      origins: [{ gitSync: `${SYSTEM_NAMESPACE}/platform`, file: expect.any(String), line: expect.any(Number) }],
    },
  ]);
  const why = await streamspace(['access', 'why', 'member', 'control', '--team', team, '--state', servers.stateDir]);
  expect(why).toMatchObject({ code: 0, stderr: '' });
  expect(why.stdout).toMatch(
    new RegExp(
      `^member may control sessions in ${NAMESPACE}\n  AccessBinding/${NAMESPACE}/${name} gives user member the role ${ROLES.looker}`,
    ),
  );
});
