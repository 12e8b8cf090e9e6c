// A team and the rights of a person: what each shows, with the commit, and what is not his to see.
import { cleanup, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { ApiKeyView } from '../../../../../schemas/api/api-keys.ts';
import type { MachineList } from '../../../../../schemas/api/machines.ts';
import type { TeamDetail } from '../../../../../schemas/api/teams.ts';
import { fakeGateway, jsonResponse, problemResponse } from '../../../test/fake-gateway.ts';
import { person } from '../../../test/objects.ts';
import { openPage, seriousFindings } from '../../../test/render-app.tsx';

const ADMIN = person({
  name: 'admin',
  platformRole: 'platformAdmin',
  may: { gitSyncs: true, allSessions: true, audit: true, people: true, health: true },
});
const ORIGIN = {
  ...{ object: 'Team/web', gitSync: 'streamspace/platform', url: 'https://git.example.com/p.git' },
  ...{ file: 'teams/web.yaml', line: 3, revision: 'c0ffee0123456789c0ffee0123456789c0ffee01' },
};
const TEAM: TeamDetail = {
  ...{ name: 'web', displayName: 'Web', namespace: 'team-web', role: 'member', origin: ORIGIN },
  members: [
    { kind: 'User', name: 'ann', role: 'admin' },
    { kind: 'Group', name: 'guests', role: 'viewer' },
  ],
  bindings: [
    {
      ...{ object: 'AccessBinding/team-web/course', subject: 'user bob', role: 'trainer', scope: 'team web', notBefore: null },
      ...{ expiresAt: '2026-12-01T00:00:00Z', reason: 'a course', state: 'Granted', origin: null },
    },
  ],
  policies: [{ kind: 'DlpPolicy', namespace: 'streamspace', name: 'baseline', narrowed: false, scope: null, origin: ORIGIN }],
  quota: {
    limits: [
      { limit: 'sessionsRunning', scope: 'Team', quota: 'streamspace/q', used: '2', hard: '8', available: '6', needs: '0' },
    ],
    maxSeconds: null,
    refusal: null,
  },
  ...{ network: 'office', priority: 'High', roles: [] },
  may: { listMachines: false },
};

test('a team shows members, roles with their end and reason, quota and policies, each with where to change it', async () => {
  const made = fakeGateway();
  made.on('GET', '/api/v1/teams/web', () => jsonResponse(200, TEAM));
  openPage('/teams/web', made);
  const members = await screen.findByRole('region', { name: 'Members' });
  for (const words of ['ann', 'Team admin', 'guests', 'Group', 'teams/web.yaml:3', 'commit c0ffee01', 'in a pull request'])
    expect(members.textContent).toContain(words);
  const facts = screen.getByRole('region', { name: 'Facts' });
  for (const words of ['office', 'High']) expect(facts.textContent).toContain(words);
  const roles = screen.getByRole('region', { name: 'Further roles' });
  for (const words of ['user bob', 'trainer', 'a course', 'Given', 'with kubectl']) expect(roles.textContent).toContain(words);
  expect(screen.getByRole('region', { name: 'Quota' }).textContent).toContain('2 of 8');
  expect(screen.getByRole('meter', { name: 'Running desktops of Web' })).toBeTruthy();
  expect(screen.getByRole('region', { name: 'Policies that apply' }).textContent).toContain('streamspace/baseline');
  expect(await seriousFindings()).toEqual([]);
});

test('what a member may not read of a team says who may', async () => {
  const made = fakeGateway();
  made.on('GET', '/api/v1/teams/web', () => jsonResponse(200, { ...TEAM, bindings: null, policies: null }));
  openPage('/teams/web', made);
  const roles = await screen.findByRole('region', { name: 'Further roles' });
  expect(roles.textContent).toMatch(/for admins and auditors of the team.*An admin of the team can grant it/);
});

test('a team that one is not in is not asked for', async () => {
  openPage('/teams/secret', fakeGateway());
  expect((await screen.findByRole('alert')).textContent).toMatch(/You are not in this team/);
});

const GRANTS = {
  ...{ user: 'ann', groups: ['staff'] },
  paths: [
    {
      ...{ source: 'AccessBinding/team-web/course', subject: 'user ann', role: 'trainer', inheritance: ['trainer', 'typist'] },
      ...{
        rule: { resources: ['sessions'], verbs: ['control'] },
        scope: 'namespace team-web',
        expiresAt: null,
        reason: 'a course',
      },
      origins: [ORIGIN],
    },
  ],
};

test('P-01-5 rights stand by place, with binding, role, rule and commit, and the cluster is asked on request', async () => {
  const made = fakeGateway({ me: ADMIN });
  made.on('GET', '/api/v1/access/grants?user=ann', () => jsonResponse(200, GRANTS));
  made.on('GET', '/api/v1/access/explain?user=ann&verb=control&resource=sessions&namespace=team-web', () =>
    jsonResponse(200, { allowed: true }),
  );
  const { user } = openPage('/access?user=ann', made);
  const place = await screen.findByRole('region', { name: 'In the namespace team-web' });
  for (const words of [
    'control',
    'AccessBinding/team-web/course',
    'trainer → typist',
    'as user ann',
    'commit c0ffee01',
    'a course',
  ])
    expect(place.textContent).toContain(words);
  await user.click(within(place).getByRole('button', { name: 'Ask the cluster' }));
  expect(await within(place).findByText('The cluster allows it now: control sessions.')).toBeTruthy();
  expect(await seriousFindings()).toEqual([]);
});

test('P-01-5 each right of the kinds of ours can be asked about, and no rule for everything', async () => {
  const made = fakeGateway({ me: ADMIN });
  const [path] = GRANTS.paths;
  const rules = [
    { resources: ['quotas'], verbs: ['update'] },
    { resources: ['accessroles'], verbs: ['grant'] },
    { resources: ['deployments'], verbs: ['list'] },
    { resources: ['*'], verbs: ['*'] },
  ];
  made.on('GET', '/api/v1/access/grants?user=ann', () =>
    jsonResponse(200, { ...GRANTS, paths: rules.map((rule) => ({ ...path, rule })) }),
  );
  openPage('/access?user=ann', made);
  await screen.findByRole('region', { name: 'In the namespace team-web' });
  const asking = screen.getAllByRole('row').map((row) => within(row).queryByRole('button', { name: 'Ask the cluster' }) !== null);
  expect(asking).toEqual([false, true, true, true, false]);
});

test('who may not ask about others looks at his own', async () => {
  openPage('/access?user=somebody', fakeGateway());
  expect((await screen.findByRole('alert')).textContent).toMatch(/You may look at your own rights/);
  expect(screen.queryByRole('textbox', { name: 'Person' })).toBeNull();
  expect(screen.getByRole('link', { name: 'Show mine' })).toBeTruthy();
});

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
const KEY: ApiKeyView = {
  ...{ id: 'abc', name: 'deploy', prefix: 'ssk_abc', createdAt: inDays(-87), expiresAt: inDays(3), expiresWithinDays: 7 },
  ...{ lastUsedAt: null, scopes: ['sessions:write'], addresses: [], replacedBy: null },
};
const MACHINES: MachineList = {
  namespace: 'team-web',
  items: [
    {
      ...{ name: 'ci', user: 'machine:web.ci', role: 'member', description: 'nightly tests', serviceAccount: 'machine-ci' },
      apiKeys: [KEY],
    },
  ],
  may: { update: true },
};

test('a team admin sees the machines with keys that end soon, makes one, replaces one and revokes one', async () => {
  const made = fakeGateway();
  made.on('GET', '/api/v1/teams/web', () => jsonResponse(200, { ...TEAM, may: { listMachines: true } }));
  made.on('GET', '/api/v1/teams/web/machines', () => jsonResponse(200, MACHINES));
  const created = { ...KEY, id: 'def', key: 'ssk_def_secret' };
  const path = '/api/v1/teams/web/machines/ci/api-keys';
  made.on('POST', path, () => jsonResponse(201, created));
  made.on('POST', `${path}/abc/rotate`, () => jsonResponse(201, { ...created, oldExpiresAt: inDays(1) }));
  const { user } = openPage('/teams/web', made);
  const machines = within(await screen.findByRole('region', { name: 'Machines' }));
  const row = await machines.findByRole('row', { name: /deploy/ });
  expect(row.textContent).toMatch(/Ends in 3 days/);
  for (const words of ['machine:web.ci', 'team-web/machine-ci', 'nightly tests']) expect(machines.getByText(words)).toBeTruthy();
  expect(await seriousFindings()).toEqual([]);

  await user.click(machines.getByRole('button', { name: 'Make a new one for deploy' }));
  const rotate = within(await screen.findByRole('dialog', { name: 'A new key for "deploy"' }));
  await user.selectOptions(rotate.getByRole('combobox', { name: 'The old key goes on for' }), '168');
  await user.click(rotate.getByRole('button', { name: 'Create key' }));
  expect(await rotate.findByText('ssk_def_secret')).toBeTruthy();
  expect(made.asked.at(-1)).toMatchObject({ method: 'POST', path: `${path}/abc/rotate`, body: { graceHours: 168 } });
  await user.click(rotate.getByRole('button', { name: 'I have copied it' }));

  await user.click(machines.getByRole('button', { name: 'New key for ci' }));
  const create = within(await screen.findByRole('dialog', { name: 'New key for ci' }));
  await user.type(create.getByRole('textbox', { name: 'What is it for?' }), 'release');
  await user.click(create.getByRole('button', { name: 'Create key' }));
  expect(await create.findByText('ssk_def_secret')).toBeTruthy();
  expect(made.asked.at(-1)).toMatchObject({ method: 'POST', path, body: { name: 'release', scopes: ['*'] } });
  await user.click(create.getByRole('button', { name: 'I have copied it' }));

  await user.click(machines.getByRole('button', { name: 'Revoke deploy' }));
  await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Revoke' }));
  await waitFor(() => expect(made.asked.at(-1)).toMatchObject({ method: 'DELETE', path: `${path}/abc` }));
});

test('who may only look at the machines of a team is offered nothing; a member is not asked for at all', async () => {
  const made = fakeGateway();
  made.on('GET', '/api/v1/teams/web', () => jsonResponse(200, { ...TEAM, may: { listMachines: true } }));
  made.on('GET', '/api/v1/teams/web/machines', () => jsonResponse(200, { ...MACHINES, may: { update: false } }));
  openPage('/teams/web', made);
  const machines = within(await screen.findByRole('region', { name: 'Machines' }));
  expect(await machines.findByRole('row', { name: /deploy/ })).toBeTruthy();
  expect(machines.queryByRole('button')).toBeNull();
  cleanup();

  const closed = fakeGateway();
  closed.on('GET', '/api/v1/teams/web', () => jsonResponse(200, TEAM));
  openPage('/teams/web', closed);
  expect((await screen.findByRole('region', { name: 'Machines' })).textContent).toMatch(/for admins and auditors of the team/);
});

test('machines that cannot be loaded can be asked for again', async () => {
  const made = fakeGateway();
  made.on('GET', '/api/v1/teams/web', () => jsonResponse(200, { ...TEAM, may: { listMachines: true } }));
  made.on('GET', '/api/v1/teams/web/machines', () => problemResponse(503, 'DatabaseUnavailable'));
  openPage('/teams/web', made);
  expect(await screen.findByRole('heading', { name: 'The machines could not be loaded' })).toBeTruthy();
});
