// Roles that are given on the page of a team, moved and ended, and the team's own settings: each ends in a change request.
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Me } from '../../../../../schemas/api/api.ts';
import type { ChangeView, Editable } from '../../../../../schemas/api/changes.ts';
import type { MachineList } from '../../../../../schemas/api/machines.ts';
import type { OfferedRole, TeamDetail } from '../../../../../schemas/api/teams.ts';
import { fakeGateway, jsonResponse, problemResponse } from '../../../test/fake-gateway.ts';
import { metadataOf, person } from '../../../test/objects.ts';
import { openPage, seriousFindings } from '../../../test/render-app.tsx';

const ADMIN = person({ name: 'admin', platformRole: 'platformAdmin' });
const ORIGIN = {
  ...{ object: 'Team/web', gitSync: 'streamspace/platform', url: 'https://git.example.com/p.git' },
  ...{ file: 'teams/web.yaml', line: 3, revision: 'c0ffee0123456789c0ffee0123456789c0ffee01' },
};
const BUILT_IN = { displayName: null, builtIn: true, beyondTeam: [], origin: null };
const OWN = { builtIn: false, origin: { ...ORIGIN, object: 'AccessRole/keeper', file: 'roles/keeper.yaml' } };
const ROLES: readonly OfferedRole[] = [
  { ...BUILT_IN, name: 'admin', rules: [{ resources: ['sessions'], verbs: ['delete', 'assign'] }] },
  { ...BUILT_IN, name: 'viewer', rules: [{ resources: ['sessions'], verbs: ['get', 'list', 'watch', 'observe'] }] },
  {
    ...{ ...OWN, name: 'keeper', displayName: 'Keeper', beyondTeam: ['hold recordings'] },
    rules: [{ resources: ['recordings'], verbs: ['hold'] }],
  },
];
const BINDING = {
  ...{ object: 'AccessBinding/team-web/course', subject: 'user bob', role: 'trainer', scope: 'team web' },
  ...{
    notBefore: '2099-01-01T00:00:00Z',
    expiresAt: '2099-03-01T00:00:00Z',
    reason: 'a course',
    state: 'Granted',
    origin: ORIGIN,
  },
};
const TEAM: TeamDetail = {
  ...{ name: 'web', displayName: 'Web', namespace: 'team-web', role: 'admin', origin: ORIGIN },
  members: [],
  bindings: [
    BINDING,
    { ...BINDING, object: 'AccessBinding/team-web/old', subject: 'user eve', state: 'AccessExpired' },
    { ...BINDING, object: 'AccessBinding/streamspace/wide', subject: 'group staff' },
    { ...BINDING, object: 'AccessBinding/team-web/by-hand', subject: 'user kim', origin: null },
  ],
  policies: [],
  ...{ network: null, priority: null, roles: [...ROLES] },
  quota: { limits: [], maxSeconds: null, refusal: null },
  may: { listMachines: true },
};
const MACHINES: MachineList = {
  namespace: 'team-web',
  items: [{ name: 'ci', user: 'machine:web.ci', role: 'member', description: null, serviceAccount: 'machine-ci', apiKeys: [] }],
  may: { update: false },
};

function asked(namespace: string): ChangeView {
  return {
    ...{ apiVersion: 'streamspace.io/v1alpha1', kind: 'ChangeRequest', metadata: metadataOf(namespace, 'new') },
    spec: {
      ...{ requestedBy: { name: 'member', mayApprove: false }, reason: 'Because', edits: [], reviews: [], withdrawn: false },
      target: { namespace: 'streamspace', name: 'platform' },
    },
    may: { approve: false, withdraw: true },
  };
}

function teamPage(options: { readonly team?: Partial<TeamDetail>; readonly me?: Me } = {}) {
  const made = fakeGateway(options.me === undefined ? {} : { me: options.me });
  made.on('GET', '/api/v1/teams/web', () => jsonResponse(200, { ...TEAM, ...options.team }));
  made.on('GET', '/api/v1/teams/web/machines', () => jsonResponse(200, MACHINES));
  for (const namespace of ['team-web', 'streamspace']) {
    const path = `/api/v1/namespaces/${namespace}/changes`;
    made.on('POST', path, () => jsonResponse(201, asked(namespace)));
    made.on('GET', `${path}/new`, () => jsonResponse(200, asked(namespace)));
  }
  const { user } = openPage('/teams/web', made);
  return { made, user };
}

type Made = ReturnType<typeof fakeGateway>;

function wishOf(made: Made): { readonly path: string; readonly body: { readonly edits: readonly { manifest?: string }[] } } {
  const found = made.asked.find(({ path }) => path.endsWith('/changes'));
  return found as unknown as ReturnType<typeof wishOf>;
}

async function opened(button: string): Promise<ReturnType<typeof within>> {
  fireEvent.click(await screen.findByRole('button', { name: button }));
  return within(await screen.findByRole('dialog'));
}

const fill = (dialog: ReturnType<typeof within>, label: string, value: string): void =>
  void fireEvent.change(dialog.getByLabelText(label), { target: { value } });

async function send(dialog: ReturnType<typeof within>): Promise<void> {
  fill(dialog, 'Why', 'a course');
  const button = dialog.getByRole('button', { name: 'Open a change request' });
  await waitFor(() => expect(button).toHaveProperty('disabled', false));
  fireEvent.click(button);
  await screen.findByRole('heading', { name: 'Because' });
}

test('a role is given to a person from when until when, and what it gives is shown before', async () => {
  const { made, user } = teamPage();
  const button = await screen.findByRole('button', { name: 'Give a role' });
  button.focus();
  await user.keyboard('{Enter}');
  const dialog = within(await screen.findByRole('dialog', { name: 'Give a role' }));
  const gives = dialog.getByRole('region', { name: 'What it gives in Web' });
  expect(gives.textContent).toBe('What it gives in Webread, observe sessions');
  fill(dialog, 'Role', 'admin');
  expect(gives.textContent).toContain('delete, assign sessions');
  fill(dialog, 'Name', 'vera');
  fill(dialog, 'From', '2099-01-01T08:00');
  fill(dialog, 'Until', '2099-01-05T18:00');
  expect(await seriousFindings()).toEqual([]);
  await send(dialog);
  const { path, body } = wishOf(made);
  expect(path).toBe('/api/v1/namespaces/team-web/changes');
  expect(body).toMatchObject({
    ...{ reason: 'a course', target: { namespace: 'streamspace', name: 'platform' } },
    edits: [{ action: 'Create', object: { kind: 'AccessBinding', namespace: 'team-web' } }],
  });
  expect(body).not.toHaveProperty('until');
  expect(JSON.parse(body.edits[0]?.manifest ?? '').spec).toEqual({
    ...{ subject: { user: 'vera' }, roleRef: 'admin', scope: { team: 'web' }, reason: 'a course' },
    notBefore: new Date('2099-01-01T08:00').toISOString(),
    expiresAt: new Date('2099-01-05T18:00').toISOString(),
  });
});

test('a machine of the team is chosen, and given the role under the name that it has everywhere', async () => {
  const { made } = teamPage();
  const dialog = await opened('Give a role');
  await dialog.findByRole('option', { name: 'A machine of this team' });
  fill(dialog, 'Who', 'machine');
  fill(dialog, 'Machine', 'machine:web.ci');
  await send(dialog);
  const { spec } = JSON.parse(wishOf(made).body.edits[0]?.manifest ?? '');
  expect(spec).toEqual({ subject: { user: 'machine:web.ci' }, roleRef: 'viewer', scope: { team: 'web' }, reason: 'a course' });
});

test('a name with blanks, an end that is over and one before the beginning are said, and not asked for', async () => {
  teamPage();
  const dialog = await opened('Give a role');
  fill(dialog, 'Why', 'a course');
  fill(dialog, 'Name', 'two words');
  const button = dialog.getByRole('button', { name: 'Open a change request' });
  expect(dialog.getByText(/A name has no blanks/)).toBeTruthy();
  fill(dialog, 'Name', 'vera');
  expect(button).toHaveProperty('disabled', false);
  fill(dialog, 'Until', '2001-01-01T00:00');
  expect(dialog.getByText('That is over already.')).toBeTruthy();
  expect(button).toHaveProperty('disabled', true);
  fill(dialog, 'Until', '2099-01-01T00:00');
  fill(dialog, 'From', '2099-01-02T00:00');
  expect(dialog.getByText('It has to end after it begins.')).toBeTruthy();
  expect(button).toHaveProperty('disabled', true);
});

test('P-01-3 a role that gives more than an admin of the team has says which right, and cannot be asked for', async () => {
  teamPage();
  const dialog = await opened('Give a role');
  fill(dialog, 'Name', 'vera');
  fill(dialog, 'Why', 'evidence');
  fill(dialog, 'Role', 'keeper');
  expect(dialog.getByRole('alert').textContent).toMatch(/more than an admin of this team has, hold recordings/);
  expect(dialog.getByRole('button', { name: 'Open a change request' })).toHaveProperty('disabled', true);
});

test('a platform admin gives such a role, by a binding in the system namespace', async () => {
  const { made } = teamPage({ me: ADMIN, team: { role: null } });
  const dialog = await opened('Give a role');
  fill(dialog, 'Name', 'vera');
  fill(dialog, 'Role', 'keeper');
  expect(dialog.getByText(/kept in the namespace streamspace/)).toBeTruthy();
  await send(dialog);
  const { path, body } = wishOf(made);
  expect(path).toBe('/api/v1/namespaces/streamspace/changes');
  expect(JSON.parse(body.edits[0]?.manifest ?? '').metadata.namespace).toBe('streamspace');
});

test('the end of a role is moved, and asked for as it was seen', async () => {
  const { made } = teamPage();
  const dialog = await opened('Change end of trainer for user bob');
  fill(dialog, 'Until', '2098-12-01T12:00');
  expect(dialog.getByText('It has to end after it begins.')).toBeTruthy();
  fill(dialog, 'Until', '2099-04-01T12:00');
  await send(dialog);
  const value = JSON.stringify(new Date('2099-04-01T12:00').toISOString());
  expect(wishOf(made).body.edits).toEqual([
    {
      ...{
        action: 'Patch',
        object: { apiVersion: 'streamspace.io/v1alpha1', kind: 'AccessBinding', namespace: 'team-web', name: 'course' },
      },
      changes: [{ op: 'Set', path: 'spec.expiresAt', value, was: '"2099-03-01T00:00:00Z"' }],
    },
  ]);
});

test('a role is ended now; one that is over is removed', async () => {
  const { made } = teamPage();
  expect(await screen.findByRole('button', { name: 'Remove trainer for user eve' })).toBeTruthy();
  const dialog = await opened('End now: trainer for user bob');
  expect(dialog.getByText(/The role ends once that is approved and applied/)).toBeTruthy();
  await send(dialog);
  expect(wishOf(made).body.edits).toEqual([
    {
      action: 'Delete',
      object: { apiVersion: 'streamspace.io/v1alpha1', kind: 'AccessBinding', namespace: 'team-web', name: 'course' },
    },
  ]);
});

test('an admin of the team edits what is the team’s and comes from Git, not what lies above or was made by hand', async () => {
  teamPage();
  await screen.findByRole('button', { name: 'Edit Team web' });
  const edits = screen.getAllByRole('button', { name: /^Edit/ }).map((button) => button.getAttribute('aria-label'));
  expect(edits).toEqual(['Edit Team web', 'Edit AccessBinding team-web/course', 'Edit AccessBinding team-web/old']);
});

test('a platform admin edits the role that a team is offered', async () => {
  const { made } = teamPage({ me: ADMIN, team: { role: null } });
  const spec = { displayName: 'Keeper', rules: [{ resources: ['recordings'], verbs: ['hold'] }], assignableAt: ['Team'] };
  const editable: Editable = {
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'AccessRole',
    name: 'keeper',
    spec,
    origin: OWN.origin,
  };
  made.on('GET', '/api/v1/editable/AccessRole/keeper', () => jsonResponse(200, editable));
  expect(await screen.findByRole('button', { name: 'Edit AccessBinding streamspace/wide' })).toBeTruthy();
  const roles = screen.getByRole('region', { name: 'Roles of your own that can be given here' });
  expect(roles.textContent).toContain('More than an admin of a team has: hold recordings');
  const dialog = await opened('Edit AccessRole keeper');
  const field = await dialog.findByLabelText('Its spec, as YAML');
  fireEvent.change(field, { target: { value: 'displayName: Keeper\nrules:\n- resources: [secrets]\n  verbs: [get]\n' } });
  expect(dialog.getByText(/^assignableAt: it is needed/)).toBeTruthy();
  expect(dialog.getByRole('button', { name: 'Open a change request' })).toHaveProperty('disabled', true);
  fireEvent.change(field, {
    target: { value: 'displayName: Archive\nrules:\n- resources: [recordings]\n  verbs: [hold]\nassignableAt: [Team]\n' },
  });
  expect(dialog.getByText('spec.displayName: "Keeper" → "Archive"')).toBeTruthy();
  await send(dialog);
  expect(wishOf(made)).toMatchObject({
    path: '/api/v1/namespaces/streamspace/changes',
    body: { edits: [{ action: 'Patch', object: { kind: 'AccessRole', name: 'keeper' } }] },
  });
});

test('the settings of the team are edited as YAML, and asked for field by field', async () => {
  const { made } = teamPage();
  const editable: Editable = {
    ...{ apiVersion: 'streamspace.io/v1alpha1', kind: 'Team', name: 'web', origin: ORIGIN },
    spec: { displayName: 'Web', members: [{ user: 'ann', role: 'admin' }] },
  };
  made.on('GET', '/api/v1/editable/Team/web', () => jsonResponse(200, editable));
  const dialog = await opened('Edit Team web');
  const typed = 'displayName: Web people\nmembers:\n- user: ann\n  role: admin\npriority: High\ndefaults:\n  network: office\n';
  fireEvent.change(await dialog.findByLabelText('Its spec, as YAML'), { target: { value: typed } });
  expect(await seriousFindings()).toEqual([]);
  await send(dialog);
  const object = { apiVersion: 'streamspace.io/v1alpha1', kind: 'Team', name: 'web' };
  expect(wishOf(made).body.edits).toEqual([
    {
      ...{ action: 'Patch', object },
      changes: [
        { op: 'Set', path: 'spec.displayName', value: '"Web people"', was: '"Web"' },
        { op: 'Set', path: 'spec.priority', value: '"High"', was: 'null' },
        { op: 'Set', path: 'spec.defaults', value: '{"network":"office"}', was: 'null' },
      ],
    },
  ]);
});

test('who looks on is offered no edit', async () => {
  const me = person({ teams: [{ name: 'web', displayName: 'Web', namespace: 'team-web', role: 'viewer' }] });
  teamPage({ me, team: { role: 'viewer', bindings: null, roles: ROLES.filter(({ builtIn }) => builtIn) } });
  const closed = await screen.findByRole('region', { name: 'Further roles' });
  expect(within(closed).queryByRole('button')).toBeNull();
  expect(screen.queryByRole('button', { name: 'Edit Team web' })).toBeNull();
});

test('a member asks for a role without seeing who has which', async () => {
  teamPage({ team: { role: 'member', bindings: null, may: { listMachines: false } } });
  const closed = await screen.findByRole('region', { name: 'Further roles' });
  expect(closed.textContent).toMatch(/for admins and auditors of the team/);
  expect(within(closed).getByRole('button', { name: 'Give a role' })).toBeTruthy();
});

test('a refusal stands in the dialog, and what was typed stays', async () => {
  const { made } = teamPage();
  const path = '/api/v1/namespaces/team-web/changes';
  made.on('POST', path, () => problemResponse(409, 'ChangesNotConfigured'));
  const dialog = await opened('Give a role');
  fill(dialog, 'Name', 'vera');
  fill(dialog, 'Why', 'a course');
  fireEvent.click(dialog.getByRole('button', { name: 'Open a change request' }));
  expect((await dialog.findByRole('alert')).textContent).toContain('The change request could not be opened');
  expect(dialog.getByLabelText('Name')).toHaveProperty('value', 'vera');
});
