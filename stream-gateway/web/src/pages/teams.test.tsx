// A team and the rights of a person: what each shows, with the commit, and what is not his to see.
import { screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { TeamDetail } from '../../../../schemas/api/teams.ts';
import { fakeGateway, jsonResponse } from '../../test/fake-gateway.ts';
import { person } from '../../test/objects.ts';
import { openPage, seriousFindings } from '../../test/render-app.tsx';

const ADMIN = person({
  name: 'admin',
  platformRole: 'platformAdmin',
  may: { gitSyncs: true, allSessions: true, audit: true, people: true },
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
  policies: [{ kind: 'DlpPolicy', namespace: 'streamspace', name: 'baseline', narrowed: false, origin: ORIGIN }],
  quota: {
    limits: [{ limit: 'sessionsRunning', scope: 'Team', used: '2', hard: '8', available: '6', needs: '0' }],
    refusal: null,
  },
};

test('a team shows members, roles with their end and reason, quota and policies, each with where to change it', async () => {
  const made = fakeGateway();
  made.on('GET', '/api/v1/teams/web', () => jsonResponse(200, TEAM));
  openPage('/teams/web', made);
  const members = await screen.findByRole('region', { name: 'Members' });
  for (const words of ['ann', 'Team admin', 'guests', 'Group', 'teams/web.yaml:3', 'commit c0ffee01', 'in a pull request'])
    expect(members.textContent).toContain(words);
  const roles = screen.getByRole('region', { name: 'Further roles' });
  for (const words of ['user bob', 'trainer', 'a course', 'Given', 'with kubectl']) expect(roles.textContent).toContain(words);
  expect(screen.getByRole('region', { name: 'Quota' }).textContent).toContain('2 of 8');
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

test('who may not ask about others looks at his own', async () => {
  openPage('/access?user=somebody', fakeGateway());
  expect((await screen.findByRole('alert')).textContent).toMatch(/You may look at your own rights/);
  expect(screen.queryByRole('textbox', { name: 'Person' })).toBeNull();
  expect(screen.getByRole('link', { name: 'Show mine' })).toBeTruthy();
});
