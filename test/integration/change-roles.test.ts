// Roles that are given by change requests at a running installation: approved by somebody else, in force, moved, ended, and never more
// than an admin of the team has.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { ChangeView, Editable } from '../../schemas/api/changes.ts';
import type { TeamDetail } from '../../schemas/api/teams.ts';
import type { AccessRole } from '../../schemas/kinds/access/access-role.ts';
import type { ChangeEdit } from '../../schemas/kinds/changes/change-edit.ts';
import { API_GROUP_VERSION, kubernetesGroups, kubernetesUser } from '../../schemas/names.ts';
import { apiAs } from '../support/api.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const ID = randomUUID().slice(0, 6);
const GUEST = `guest-${ID}`;
const KEEPER = `keeper-${ID}`;
const CHANGES = '/namespaces/team-web/changes';
const TIMEOUT_MS = 90_000;

let client: OwnedKubeClient;
beforeAll(async () => {
  client = createKubeClient({ kubeconfig: servers.kubeconfig });
  const spec = { rules: [{ resources: ['recordings'], verbs: ['get', 'hold'] }], inherits: [], assignableAt: ['Team'] };
  const keeper = { apiVersion: API_GROUP_VERSION, kind: 'AccessRole', metadata: { name: KEEPER }, spec };
  await client.create(RESOURCES.accessRoles, undefined, JSON.stringify(keeper), { fieldManager: 'test' });
  await eventually('what the role gives is known', async () => {
    const { status } = await client.get<AccessRole>(RESOURCES.accessRoles, undefined, KEEPER);
    return status?.beyondTeam === 'hold recordings';
  });
});
afterAll(async () => {
  await client.delete(RESOURCES.accessRoles, undefined, KEEPER);
  await client[Symbol.asyncDispose]();
});

function giving(name: string, spec: object): ChangeEdit {
  const object = { apiVersion: API_GROUP_VERSION, kind: 'AccessBinding', namespace: 'team-web', name: `${name}-${ID}` };
  const { apiVersion, kind, ...metadata } = object;
  const full = { subject: { user: GUEST }, roleRef: 'member', scope: { team: 'web' }, reason: 'a test', ...spec };
  return { action: 'Create', object, manifest: JSON.stringify({ apiVersion, kind, metadata, spec: full }) };
}

async function ask(person: string, edit: ChangeEdit): Promise<ChangeView> {
  const wish = { reason: 'a test', target: { namespace: 'streamspace', name: 'platform' }, edits: [edit] };
  const { status, body } = await apiAs(servers, person).send<ChangeView>('POST', CHANGES, wish);
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
}

async function until(change: ChangeView, phase: string): Promise<ChangeView> {
  const read = async () => (await apiAs(servers, 'lead').get<ChangeView>(`${CHANGES}/${change.metadata.name}`)).body;
  return await eventually(
    `${change.metadata.name} is ${phase}`,
    async () => {
      const body = await read();
      return body.status?.phase === phase ? body : undefined;
    },
    { timeoutMs: TIMEOUT_MS },
  );
}

async function approve(person: string, change: ChangeView): Promise<number> {
  const commit = change.status?.commit;
  return (await apiAs(servers, person).send('POST', `${CHANGES}/${change.metadata.name}/approve`, { commit })).status;
}

async function mayStart(): Promise<boolean> {
  const who = { user: kubernetesUser(GUEST), groups: [...kubernetesGroups([]), 'system:authenticated'] };
  const question = { group: 'streamspace.io', verb: 'create', resource: 'sessions', namespace: 'team-web' };
  return (await client.review(question, who)).allowed;
}

/** What admission refuses is tried again, for a role may become narrower; until then there is nothing that could be approved. */
async function refusal(person: string, edit: ChangeEdit): Promise<string> {
  const { metadata } = await ask(person, edit);
  const path = `${CHANGES}/${metadata.name}`;
  const status = await eventually(
    'it is refused',
    async () => {
      const { body } = await apiAs(servers, person).get<ChangeView>(path);
      return body.status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'False')
        ? body.status
        : undefined;
    },
    { timeoutMs: TIMEOUT_MS },
  );
  expect(status.commit).toBeUndefined();
  if (status.phase !== 'Failed') await apiAs(servers, person).send('POST', `${path}/withdraw`, {});
  const { reason, message } = status.conditions?.find(({ type }) => type === 'Ready') ?? {};
  return `${reason}: ${message}`;
}

test('P-01-3 who asks gives no more than an admin of the team has, and nothing beyond the team, and reads what is missing', async () => {
  expect(await refusal('lead', giving('wide', { roleRef: KEEPER }))).toMatch(
    /^ApplyDenied: .*gives more than an admin of a team has; missing: hold recordings/s,
  );
  expect(await refusal('lead', giving('far', { scope: { team: `other-${ID}` } }))).toMatch(
    /^ApplyDenied: .*takes a binding in the namespace streamspace/s,
  );
  expect(await refusal('member', giving('all', { scope: { platform: true } }))).toMatch(/^ChangeOutOfScope/);
  const { body } = await apiAs(servers, 'lead').get<TeamDetail>('/teams/web');
  expect(body.roles.find(({ name }) => name === KEEPER)).toMatchObject({ builtIn: false, beyondTeam: ['hold recordings'] });
  const { body: forMember } = await apiAs(servers, 'member').get<TeamDetail>('/teams/web');
  expect(forMember.roles.map(({ name }) => name)).toEqual(['admin', 'member', 'viewer', 'auditor']);
}, 300_000);

test('a role that an admin of the team asks for waits for somebody else, is in force, is moved, and ends', async () => {
  const create = giving('course', { expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
  const { object } = create;
  const open = await until(await ask('lead', create), 'Open');
  expect(open.status).toMatchObject({
    approvalsNeeded: 1,
    objects: [{ kind: 'AccessBinding', action: 'Create' }],
    files: [{ path: `team-web/accessbinding-${object.name}.yaml`, action: 'Added' }],
  });
  expect(await approve('lead', open)).toBe(403);
  expect(await approve('member', open)).toBe(403);
  expect(await mayStart()).toBe(false);
  expect(await approve('admin', open)).toBe(200);
  await until(open, 'Applied');
  await eventually('the right is there', mayStart);

  const editable = `/namespaces/team-web/editable/AccessBinding/${object.name}`;
  const { body: before } = await apiAs(servers, 'lead').get<Editable>(editable);
  expect((await apiAs(servers, 'member').get(editable)).status).toBe(403);
  const was = JSON.stringify(before.spec['expiresAt']);
  const soon = JSON.stringify(new Date(Date.now() + 25_000).toISOString());
  const move: ChangeEdit = { action: 'Patch', object, changes: [{ op: 'Set', path: 'spec.expiresAt', value: soon, was }] };
  const moved = await until(await ask('member', move), 'Open');
  expect(await approve('lead', moved)).toBe(200);
  await until(moved, 'Applied');
  await eventually('the right has ended', async () => !(await mayStart()), { timeoutMs: TIMEOUT_MS });

  const gone = await until(await ask('lead', { action: 'Delete', object }), 'Open');
  expect(await approve('admin', gone)).toBe(200);
  await until(gone, 'Applied');
  expect((await apiAs(servers, 'lead').get(editable)).status).toBe(404);
}, 400_000);

test('the settings of a team are read for an edit by who is in it', async () => {
  const { body } = await apiAs(servers, 'member').get<Editable>('/editable/Team/web');
  expect(body).toMatchObject({ kind: 'Team', name: 'web', spec: { displayName: 'Web' }, origin: { file: 'teams/web.yaml' } });
  expect(body).not.toHaveProperty('namespace');
  expect((await apiAs(servers, 'member').get(`/editable/AccessRole/${KEEPER}`)).status).toBe(403);
  const { status, body: problem } = await apiAs(servers, 'admin').get<{ readonly code: string }>(
    `/editable/AccessRole/${KEEPER}`,
  );
  expect({ status, code: problem.code }).toEqual({ status: 404, code: 'ChangeObjectNotInGit' });
});
