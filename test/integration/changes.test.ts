// Change requests at a running installation: asked for, approved, merged into the local Git server, and in the cluster.
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { Me, TemplateView } from '../../schemas/api/api.ts';
import type { ChangeView, Editable } from '../../schemas/api/changes.ts';
import type { ChangeEdit } from '../../schemas/kinds/changes/change-edit.ts';
import { fieldChanges } from '../../schemas/kinds/changes/field-changes.ts';
import { kubernetesGroups, kubernetesUser, PLATFORM_ADMINS_GROUP } from '../../schemas/names.ts';
import { apiAs } from '../support/api.ts';
import { auditAbout } from '../support/audit.ts';
import { cloneAs } from '../support/clone.ts';
import { streamspace } from '../support/command.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const CHANGES = '/namespaces/team-web/changes';
const TARGET = { namespace: 'streamspace', name: 'platform' };
const TEAM = { apiVersion: 'streamspace.io/v1alpha1', kind: 'Team', name: 'web' };
const TIMEOUT_MS = 90_000;

let client: OwnedKubeClient;
beforeAll(() => {
  client = createKubeClient({ kubeconfig: servers.kubeconfig });
});
afterAll(async () => await client[Symbol.asyncDispose]());

const members = (...changes: NonNullable<ChangeEdit['changes']>): readonly ChangeEdit[] => [
  { action: 'Patch', object: TEAM, changes },
];
const ADD = members({ op: 'Set', path: 'spec.members[]', value: '{"user":"auditor","role":"member"}' });
const REMOVE = members({ op: 'Remove', path: 'spec.members[user=auditor]' });

async function ask(person: string, edits: readonly ChangeEdit[], reason = 'a test', until?: string): Promise<ChangeView> {
  const wish = { reason, target: TARGET, edits, ...(until === undefined ? {} : { until }) };
  const { status, body } = await apiAs(servers, person).send<ChangeView>('POST', CHANGES, wish);
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
}

async function until(change: ChangeView, phase: string): Promise<ChangeView> {
  const path = `${CHANGES}/${change.metadata.name}`;
  return await eventually(
    `${change.metadata.name} is ${phase}`,
    async () => {
      const { body } = await apiAs(servers, 'lead').get<ChangeView>(path);
      return body.status?.phase === phase ? body : undefined;
    },
    { timeoutMs: TIMEOUT_MS },
  );
}

const say = async (person: string, { metadata }: ChangeView, verb: string, body: object) =>
  await apiAs(servers, person).send<{ readonly code?: string }>('POST', `${CHANGES}/${metadata.name}/${verb}`, body);

async function mayStart(person: string): Promise<boolean> {
  const who = { user: kubernetesUser(person), groups: [...kubernetesGroups([]), 'system:authenticated'] };
  return (await client.review({ group: 'streamspace.io', verb: 'create', resource: 'sessions', namespace: 'team-web' }, who))
    .allowed;
}

test(
  'P-21-1 a member asks, a team admin approves the commit, and whoever was added has the right; each step stands in the log once',
  async () => {
    expect(await mayStart('auditor')).toBe(false);
    await using before = await cloneAs(servers, 'admin');
    const text = await before.read('teams/web.yaml');
    const change = await until(await ask('member', ADD, 'Ann tries our desktops'), 'Open');
    expect(change.status?.diff).toContain('+    - user: auditor');
    const commit = change.status?.commit ?? '';
    expect((await say('member', change, 'approve', { commit })).status).toBe(403);
    expect((await say('viewer', change, 'approve', { commit })).status).toBe(403);
    expect(await say('lead', change, 'approve', { commit: '0'.repeat(40) })).toMatchObject({ body: { code: 'ChangeOutdated' } });
    expect(await mayStart('auditor')).toBe(false);
    expect((await say('lead', change, 'approve', { commit, reason: 'welcome' })).status).toBe(200);
    const applied = await until(change, 'Applied');
    expect(applied.status).toMatchObject({
      commit,
      approvals: [{ by: 'lead', standing: 'Counts' }],
      result: { health: expect.any(String) },
    });
    await eventually('the right is there', async () => await mayStart('auditor'));
    await using after = await cloneAs(servers, 'admin');
    // After the last member, and before what follows with its comment.
    const LAST = '    - user: viewer\n      role: viewer\n';
    expect(await after.read('teams/web.yaml')).toBe(text.replace(LAST, `${LAST}    - user: auditor\n      role: member\n`));
    const events = await auditAbout(servers, `ChangeRequest/team-web/${change.metadata.name}`, 'change.%');
    const told = events.filter(({ result }) => result === 'success').map(({ type, actor }) => `${type} ${actor}`);
    expect(told).toEqual(['change.requested member', 'change.approved lead', 'change.merged member']);

    const back = await until(await ask('lead', REMOVE), 'Open');
    const own = await say('lead', back, 'approve', { commit: back.status?.commit ?? '' });
    expect(own).toMatchObject({ status: 403, body: { code: 'ChangeOwn' } });
    expect((await say('admin', back, 'approve', { commit: back.status?.commit ?? '' })).status).toBe(200);
    await until(back, 'Applied');
    await eventually('the right is gone', async () => !(await mayStart('auditor')));
    await using last = await cloneAs(servers, 'admin');
    expect(await last.read('teams/web.yaml')).toBe(text);
  },
  4 * TIMEOUT_MS,
);

test(
  'P-21-1 a quota is made, edited as it stands in Git, and taken away again, each by a change that somebody else approves',
  async () => {
    const name = 'editable-quota';
    const OBJECT = { apiVersion: 'streamspace.io/v1alpha1', kind: 'Quota', namespace: 'team-web', name };
    const PATH = `/namespaces/team-web/editable/Quota/${name}`;
    const { apiVersion, kind } = OBJECT;
    // Of what nobody here uses: others start sessions in this team meanwhile.
    const spec = { scope: 'Team', limits: { gpu: 40, storage: '400Ti' } };
    const manifest = { apiVersion, kind, metadata: { name, namespace: 'team-web' }, spec };
    const agree = async (edit: ChangeEdit): Promise<void> => {
      const open = await until(await ask('member', [edit]), 'Open');
      expect((await say('lead', open, 'approve', { commit: open.status?.commit ?? '' })).status).toBe(200);
      await until(open, 'Applied');
    };
    const read = () => apiAs(servers, 'member').get<Editable>(PATH);
    await agree({ action: 'Create', object: OBJECT, manifest: JSON.stringify(manifest) });
    try {
      const { status, body: before } = await read();
      expect(status, JSON.stringify(before)).toBe(200);
      // Without `warnAt`, which nobody wrote.
      expect(before).toMatchObject({ ...OBJECT, origin: { gitSync: 'streamspace/platform', file: expect.any(String) } });
      expect(before.spec).toEqual(spec);
      const wanted = { scope: 'Team', limits: { gpu: 41 }, warnAt: [90] };
      const changes = [...fieldChanges(before.spec, wanted, [{ kind: 'field', name: 'spec' }])];
      expect(changes.map(({ op, path }) => `${op} ${path}`)).toEqual([
        'Remove spec.limits.storage',
        'Set spec.limits.gpu',
        'Set spec.warnAt',
      ]);
      await agree({ action: 'Patch', object: OBJECT, changes });
      expect((await read()).body.spec).toEqual(wanted);
      // Whoever looked at it before that asks for what is not so any more.
      const late = await until(await ask('member', [{ action: 'Patch', object: OBJECT, changes }]), 'Failed');
      expect(late.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', reason: 'ChangeConflict' }));
    } finally {
      await agree({ action: 'Delete', object: OBJECT });
    }
    expect((await read()).status).toBe(404);
    await client.create(RESOURCES.quotas, 'team-web', JSON.stringify(manifest));
    expect(await read()).toMatchObject({ status: 404, body: { code: 'ChangeObjectNotInGit' } });
    await client.delete(RESOURCES.quotas, 'team-web', name);
  },
  6 * TIMEOUT_MS,
);

test('nobody writes the name of another, approves without the right, or approves his own, with kubectl either', async () => {
  const as = (person: string, groups: readonly string[] = []) =>
    client.as({ user: kubernetesUser(person), groups: [...kubernetesGroups(groups), 'system:authenticated'] });
  const object = (name: string, requestedBy: object, more: object = {}) =>
    JSON.stringify({
      ...{ apiVersion: 'streamspace.io/v1alpha1', kind: 'ChangeRequest', metadata: { name, namespace: 'team-web' } },
      spec: { requestedBy, reason: 'a test', target: { namespace: 'streamspace', name: 'none' }, edits: ADD, ...more },
    });
  const make = (person: string, body: string) => as(person).create(RESOURCES.changeRequests, 'team-web', body);
  const approval = { by: 'member', verdict: 'Approve', commit: '0'.repeat(40), at: '2027-01-01T00:00:00Z' };
  await expect(make('member', object('forged-a', { name: 'lead', mayApprove: false }))).rejects.toThrow(/in his own name/);
  await expect(make('member', object('forged-b', { name: 'member', mayApprove: true }))).rejects.toThrow(/mayApprove only where/);
  await expect(
    make('member', object('forged-c', { name: 'member', mayApprove: false }, { reviews: [approval] })),
  ).rejects.toThrow(/without reviews/);
  await expect(make('auditor', object('forged-d', { name: 'auditor', mayApprove: false }))).rejects.toThrow(/forbidden/);
  await make('member', object('honest', { name: 'member', mayApprove: false }));
  try {
    const write = (person: string, groups: readonly string[], ...reviews: readonly object[]) =>
      as(person, groups).mergePatch(RESOURCES.changeRequests, 'team-web', 'honest', { spec: { reviews } });
    const review = (person: string, by: string, groups: readonly string[] = []) => write(person, groups, { ...approval, by });
    await expect(review('member', 'member')).rejects.toThrow(/reviews are added/);
    await expect(review('member', 'lead')).rejects.toThrow(/reviews are added/);
    await expect(review('lead', 'admin')).rejects.toThrow(/reviews are added/);
    await expect(review('viewer', 'viewer')).rejects.toThrow(/forbidden/);
    await expect(
      as('lead').mergePatch(RESOURCES.changeRequests, 'team-web', 'honest', { spec: { reason: 'another' } }),
    ).rejects.toThrow(/cannot be changed/);
    await expect(
      as('lead').mergePatch(RESOURCES.changeRequests, 'team-web', 'honest', { spec: { withdrawn: true } }),
    ).rejects.toThrow(/only member can withdraw/);
    await review('lead', 'lead');
    await expect(review('admin', 'admin', [PLATFORM_ADMINS_GROUP])).rejects.toThrow(/reviews are added/); // it would take that of lead away
    const before: object[] = [{ ...approval, by: 'lead' }];
    for (const by of ['machine:web.ci', 'break-glass:root']) {
      const added = { ...approval, by };
      await expect(write(by, [PLATFORM_ADMINS_GROUP], ...before, added)).rejects.toThrow(/approvals by people/);
      before.push({ ...added, verdict: 'Reject' });
      await write(by, [PLATFORM_ADMINS_GROUP], ...before);
    }
  } finally {
    await client.delete(RESOURCES.changeRequests, 'team-web', 'honest');
  }
});

test(
  'P-01-3 what reaches beyond the team, or would break the sync, is refused before there is a commit, with its place',
  async () => {
    const binding = {
      ...{ apiVersion: 'streamspace.io/v1alpha1', kind: 'AccessBinding', metadata: { name: 'escalate', namespace: 'team-web' } },
      spec: { subject: { user: 'member' }, roleRef: 'platform-admin', scope: { platform: true }, reason: 'x' },
    };
    const { apiVersion, kind, metadata } = binding;
    const create: ChangeEdit = { action: 'Create', object: { apiVersion, kind, ...metadata }, manifest: JSON.stringify(binding) };
    const code = ({ status }: ChangeView) => status?.conditions?.find(({ type }) => type === 'Ready');
    expect(code(await until(await ask('member', [create]), 'Failed'))).toMatchObject({ reason: 'ChangeOutOfScope' });
    const wrong = members({ op: 'Set', path: 'spec.members[user=viewer].role', value: '"king"' });
    expect(code(await until(await ask('member', wrong), 'Failed'))).toMatchObject({
      reason: 'ManifestInvalid',
      message: expect.stringMatching(/role/),
    });
    await using clone = await cloneAs(servers, 'admin');
    expect(await clone.read('teams/web.yaml')).not.toContain('king');
  },
  2 * TIMEOUT_MS,
);

test('a change for a GitSync that is not there is refused at once', async () => {
  const body = { reason: 'a test', target: { namespace: 'streamspace', name: 'nowhere' }, edits: ADD };
  const { status, body: problem } = await apiAs(servers, 'member').send<{ readonly code: string }>('POST', CHANGES, body);
  expect({ status, code: problem.code }).toEqual({ status: 404, code: 'ChangeTargetMissing' });
});

/** After as many seconds as it takes to be merged, and some. */
const soon = (): string => new Date(Date.now() + 25_000).toISOString();

async function takenBack(change: ChangeView, person = 'member'): Promise<ChangeView> {
  const path = `${CHANGES}/${change.metadata.name}`;
  const name = await eventually(
    'its time is over',
    async () => (await apiAs(servers, 'lead').get<ChangeView>(path)).body.status?.takenBackBy,
    { timeoutMs: TIMEOUT_MS },
  );
  const back = await apiAs(servers, 'lead').get<ChangeView>(`${CHANGES}/${name}`);
  expect(back.body.spec).toMatchObject({ requestedBy: { name: person }, takesBack: { name: change.metadata.name } });
  return back.body;
}

const backsOf = async (change: ChangeView): Promise<readonly string[]> => {
  const { body } = await apiAs(servers, 'lead').get<{ readonly items: readonly ChangeView[] }>('/changes');
  return body.items.filter(({ spec }) => spec.takesBack?.uid === change.metadata.uid).map(({ metadata }) => metadata.name);
};

test(
  'what is granted until a time is taken back then by one change that nobody approves, and the file is what it was',
  async () => {
    await using before = await cloneAs(servers, 'admin');
    const text = await before.read('teams/web.yaml');
    const asked = await streamspace([
      ...['changes', 'create', '--as', 'member', '--state', servers.stateDir, '--namespace', 'team-web', '--json'],
      ...['--reason', 'Ann helps us', '--object', 'Team/web', '--until', soon()],
      ...['--set', 'spec.members[]={"user":"auditor","role":"member"}'],
    ]);
    expect(asked.code, asked.stderr).toBe(0);
    const open = await until(JSON.parse(asked.stdout) as ChangeView, 'Open');
    expect(open.status?.expiresAt).toBe(open.spec.until);
    expect((await say('lead', open, 'approve', { commit: open.status?.commit ?? '' })).status).toBe(200);
    await until(open, 'Applied');
    await eventually('the right is there', async () => await mayStart('auditor'));
    const back = await until(await takenBack(open), 'Applied');
    expect(back.status).toMatchObject({ approvalsNeeded: 0, approvals: [] });
    await eventually('the right is gone', async () => !(await mayStart('auditor')));
    await using after = await cloneAs(servers, 'admin');
    expect(await after.read('teams/web.yaml')).toBe(text);
    expect(await backsOf(open)).toEqual([back.metadata.name]);
    const words = await streamspace([
      ...['changes', 'show', `team-web/${open.metadata.name}`, '--as', 'member', '--state', servers.stateDir],
    ]);
    expect(words.stdout).toContain(`taken back by team-web/${back.metadata.name}`);
    const events = await auditAbout(servers, `ChangeRequest/team-web/${back.metadata.name}`, 'change.%');
    expect(events.map(({ type }) => type)).toEqual(['change.requested', 'change.merged']);
  },
  4 * TIMEOUT_MS,
);

test(
  'what others have written directly beside it stays when it is taken back',
  async () => {
    await using clone = await cloneAs(servers, 'admin');
    const text = await clone.read('teams/web.yaml');
    const open = await until(await ask('member', ADD, 'Ann helps us', soon()), 'Open');
    expect((await say('lead', open, 'approve', { commit: open.status?.commit ?? '' })).status).toBe(200);
    await until(open, 'Applied');
    const LAST = '    - user: viewer\n      role: viewer\n';
    const OTHER = '    - user: later\n      role: viewer\n';
    const granted = text.replace(LAST, `${LAST}    - user: auditor\n      role: member\n`);
    await clone.push('Add somebody behind', {
      'teams/web.yaml': granted.replace('auditor\n      role: member\n', `auditor\n      role: member\n${OTHER}`),
    });
    await until(await takenBack(open), 'Applied');
    await using after = await cloneAs(servers, 'admin');
    expect(await after.read('teams/web.yaml')).toBe(text.replace(LAST, `${LAST}${OTHER}`));
    await after.push('As it was', { 'teams/web.yaml': text });
  },
  4 * TIMEOUT_MS,
);

test('a time that is over is refused, and nobody but the controller makes a change that takes another back', async () => {
  const wish = { reason: 'a test', target: TARGET, edits: ADD, until: '2020-01-01T00:00:00Z' };
  expect(await apiAs(servers, 'member').send('POST', CHANGES, wish)).toMatchObject({
    ...{ status: 400, body: { code: 'ChangeUntilPast' } },
  });
  const forged = (name: string) =>
    JSON.stringify({
      ...{ apiVersion: 'streamspace.io/v1alpha1', kind: 'ChangeRequest', metadata: { name, namespace: 'team-web' } },
      spec: {
        ...{ requestedBy: { name: 'lead', mayApprove: false }, reason: 'a test', target: TARGET },
        ...{ rollback: { last: 1 }, takesBack: { name: 'other', uid: '1' } },
      },
    });
  const lead = client.as({ user: kubernetesUser('lead'), groups: [...kubernetesGroups([]), 'system:authenticated'] });
  await expect(lead.create(RESOURCES.changeRequests, 'team-web', forged('back-1'))).rejects.toThrow(/in his own name/);
  const controller = client.as({ user: 'system:serviceaccount:streamspace:streamspace-controller', groups: [] });
  await expect(controller.create(RESOURCES.changeRequests, 'team-web', forged('another'))).rejects.toThrow(/in his own name/);
});

test(
  'who looks on asks to be a member until a time, is one, and looks on again',
  async () => {
    const role = async () => (await apiAs(servers, 'viewer').get<Me>('/me')).body.teams[0]?.role;
    expect(await mayStart('viewer')).toBe(false);
    await using before = await cloneAs(servers, 'admin');
    const text = await before.read('teams/web.yaml');
    const path = 'spec.members[user=viewer].role';
    const wish = members({ op: 'Set', path, value: '"member"', was: '"viewer"' });
    const open = await until(await ask('viewer', wish, 'a course', soon()), 'Open');
    expect((await say('viewer', open, 'approve', { commit: open.status?.commit ?? '' })).status).toBe(403);
    expect((await say('lead', open, 'approve', { commit: open.status?.commit ?? '' })).status).toBe(200);
    await until(open, 'Applied');
    await eventually('the right is there', async () => (await mayStart('viewer')) && (await role()) === 'member');
    await until(await takenBack(open, 'viewer'), 'Applied');
    await eventually('the right is gone', async () => !(await mayStart('viewer')));
    await using after = await cloneAs(servers, 'admin');
    expect(await after.read('teams/web.yaml')).toBe(text);
  },
  4 * TIMEOUT_MS,
);

test(
  'a template of the platform becomes one of the team, is edited as it stands in Git, and goes again',
  async () => {
    const OBJECT = { apiVersion: 'streamspace.io/v1alpha1', kind: 'Template', namespace: 'team-web', name: 'ours' };
    const { apiVersion, kind, namespace, name } = OBJECT;
    const { body: terminal } = await apiAs(servers, 'member').get<TemplateView>('/namespaces/streamspace/templates/terminal');
    const spec = { ...terminal.spec, displayName: 'Ours' };
    const manifest = JSON.stringify({ apiVersion, kind, metadata: { name, namespace }, spec });
    const agree = async (edit: ChangeEdit): Promise<ChangeView> => {
      const open = await until(await ask('member', [edit]), 'Open');
      expect((await say('lead', open, 'approve', { commit: open.status?.commit ?? '' })).status).toBe(200);
      return await until(open, 'Applied');
    };
    const made = await agree({ action: 'Create', object: OBJECT, manifest });
    expect(made.status?.files).toEqual([expect.objectContaining({ path: 'team-web/template-ours.yaml', action: 'Added' })]);
    const { body: before } = await apiAs(servers, 'member').get<Editable>(`/namespaces/team-web/editable/Template/${name}`);
    expect(before).toMatchObject({ ...OBJECT, spec: { displayName: 'Ours', image: terminal.spec.image } });
    const wanted = { ...before.spec, displayName: 'Ours, newer' };
    const changes = [...fieldChanges(before.spec, wanted, [{ kind: 'field', name: 'spec' }])];
    await agree({ action: 'Patch', object: OBJECT, changes });
    const offered = await apiAs(servers, 'member').get<TemplateView>(`/namespaces/team-web/templates/${name}`);
    expect(offered.body.spec.displayName).toBe('Ours, newer');
    await agree({ action: 'Delete', object: OBJECT });
    expect((await apiAs(servers, 'member').get(`/namespaces/team-web/templates/${name}`)).status).toBe(404);
  },
  6 * TIMEOUT_MS,
);
