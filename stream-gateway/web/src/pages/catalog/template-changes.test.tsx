// What people ask for on the page of a template: an edit, a copy for a team, and access. Each becomes a change request.
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Me } from '../../../../../schemas/api/api.ts';
import type { ChangeView } from '../../../../../schemas/api/changes.ts';
import type { TeamDetail } from '../../../../../schemas/api/teams.ts';
import { fakeGateway, jsonResponse, problemResponse } from '../../../test/fake-gateway.ts';
import { metadataOf, person, template } from '../../../test/objects.ts';
import { openPage, seriousFindings } from '../../../test/render-app.tsx';

const ORIGIN = {
  ...{ object: 'Team/web', gitSync: 'streamspace/platform', url: 'https://git.example.com/p.git' },
  ...{ file: 'teams/web.yaml', line: 3, revision: 'c0ffee0123456789c0ffee0123456789c0ffee01' },
};
const TEAM: TeamDetail = {
  ...{ name: 'web', displayName: 'Web', namespace: 'team-web', role: 'viewer', origin: ORIGIN, bindings: null, policies: null },
  members: [{ kind: 'User', name: 'member', role: 'viewer' }],
  quota: { limits: [], maxSeconds: null, refusal: null },
  ...{ network: null, priority: null, roles: [] },
  may: { listMachines: false },
};
const ASKED: ChangeView = {
  ...{ apiVersion: 'streamspace.io/v1alpha1', kind: 'ChangeRequest', metadata: metadataOf('team-web', 'new') },
  spec: {
    ...{ requestedBy: { name: 'member', mayApprove: false }, reason: 'Because', edits: [], reviews: [], withdrawn: false },
    target: { namespace: 'streamspace', name: 'platform' },
  },
  may: { approve: false, withdraw: true },
};
const as = (role: Me['teams'][number]['role']): Me =>
  person({ teams: [{ name: 'web', displayName: 'Web', namespace: 'team-web', role }] });

function templatePage(me: Me, options: { readonly team?: TeamDetail; readonly namespace?: string } = {}) {
  const { namespace = 'streamspace', team = TEAM } = options;
  const own = template('ide', { displayName: 'IDE', env: [{ name: 'A', value: 'b' }] }, { namespace });
  const made = fakeGateway({ me, templates: [own, template('terminal', {}, { namespace: 'team-web' })] });
  made.on('GET', '/api/v1/teams/web', () => jsonResponse(200, team));
  made.on('POST', '/api/v1/namespaces/team-web/changes', () => jsonResponse(201, ASKED));
  made.on('GET', '/api/v1/namespaces/team-web/changes/new', () => jsonResponse(200, ASKED));
  made.on('GET', `/api/v1/namespaces/${namespace}/editable/Template/ide`, () =>
    jsonResponse(200, {
      ...{ apiVersion: 'streamspace.io/v1alpha1', kind: 'Template', namespace, name: 'ide', origin: ORIGIN },
      spec: { displayName: 'IDE', image: 'localhost/ide:1' },
    }),
  );
  openPage(`/catalog/${namespace}/ide`, made);
  return made;
}

async function send(why: string): Promise<void> {
  const dialog = await screen.findByRole('dialog');
  fireEvent.change(within(dialog).getByLabelText('Why'), { target: { value: why } });
  const button = within(dialog).getByRole('button', { name: 'Open a change request' });
  await waitFor(() => expect(button).toHaveProperty('disabled', false));
  fireEvent.click(button);
  await screen.findByRole('heading', { name: 'Because' });
}

const bodyOf = (made: ReturnType<typeof fakeGateway>): unknown => made.asked.find(({ path }) => path.endsWith('/changes'))?.body;

test('who looks on in a team asks to be a member of it, until a time, from what he may not launch', async () => {
  const made = templatePage(as('viewer'));
  fireEvent.click(await screen.findByRole('button', { name: 'Ask for access' }));
  const dialog = await screen.findByRole('dialog', { name: 'Access to IDE' });
  await within(dialog).findByText(/you ask to be a member/);
  fireEvent.change(within(dialog).getByLabelText('Until'), { target: { value: '2099-02-05T17:00' } });
  expect(await seriousFindings()).toEqual([]);
  await send('a course');
  expect(bodyOf(made)).toEqual({
    ...{ reason: 'a course', target: { namespace: 'streamspace', name: 'platform' } },
    until: new Date('2099-02-05T17:00').toISOString(),
    edits: [
      {
        ...{ action: 'Patch', object: { apiVersion: 'streamspace.io/v1alpha1', kind: 'Team', name: 'web' } },
        changes: [{ op: 'Set', path: 'spec.members[user=member].role', value: '"member"', was: '"viewer"' }],
      },
    ],
  });
});

test('who is in it by a group is named beside the group', async () => {
  const made = templatePage(as('viewer'), { team: { ...TEAM, members: [{ kind: 'Group', name: 'guests', role: 'viewer' }] } });
  fireEvent.click(await screen.findByRole('button', { name: 'Ask for access' }));
  await send('a course');
  expect(bodyOf(made)).toMatchObject({
    edits: [{ changes: [{ op: 'Set', path: 'spec.members[]', value: '{"user":"member","role":"member"}' }] }],
  });
});

test('a team that is not kept in Git says so', async () => {
  templatePage(as('viewer'), { team: { ...TEAM, origin: null } });
  fireEvent.click(await screen.findByRole('button', { name: 'Ask for access' }));
  const dialog = await screen.findByRole('dialog');
  expect((await within(dialog).findByRole('alert')).textContent).toContain('This team is not kept in Git');
  fireEvent.change(within(dialog).getByLabelText('Why'), { target: { value: 'a course' } });
  expect(screen.getByRole('button', { name: 'Open a change request' })).toHaveProperty('disabled', true);
});

test.each([person({ teams: [] }), as('auditor')])('who is in no team, or only audits one, reads who can help', async (me) => {
  templatePage(me);
  await screen.findByText('You cannot start sessions');
  expect(screen.queryByRole('button', { name: /Ask for access|Copy|Edit/ })).toBeNull();
});

test('a template becomes another one of the team, as a new file', async () => {
  const made = templatePage(as('member'), { team: { ...TEAM, role: 'member' } });
  fireEvent.click(await screen.findByRole('button', { name: 'Copy for a team' }));
  const dialog = await screen.findByRole('dialog', { name: 'Copy of IDE for a team' });
  const spec = await within(dialog).findByRole<HTMLTextAreaElement>('textbox', { name: 'Its spec, as YAML' });
  // Without what is filled in anyway.
  expect(spec.value).toBe('displayName: IDE (copy)\nimage: localhost/ide:1\nenv:\n  - name: A\n    value: b\n');
  expect(await seriousFindings()).toEqual([]);
  const name = within(dialog).getByLabelText('Name in Git');
  fireEvent.change(within(dialog).getByLabelText('Why'), { target: { value: 'ours' } });
  const button = within(dialog).getByRole('button', { name: 'Open a change request' });
  for (const [value, words] of [
    ['terminal', /The team has a template of this name/],
    ['My IDE', /use lower-case letters/],
  ] as const) {
    fireEvent.change(name, { target: { value } });
    expect(dialog.textContent).toMatch(words);
    expect(button).toHaveProperty('disabled', true);
  }
  fireEvent.change(name, { target: { value: 'our-ide' } });
  fireEvent.change(spec, { target: { value: 'displayName: Ours\nimage: localhost/ide:2\nhomes: 1Gi\n' } });
  expect(dialog.textContent).toMatch(/homes: there is no such field/);
  fireEvent.change(spec, { target: { value: 'displayName: Ours\nimage: localhost/ide:2\nresources: {cpu: "2"}\n' } });
  await send('ours');
  const object = { apiVersion: 'streamspace.io/v1alpha1', kind: 'Template', namespace: 'team-web', name: 'our-ide' };
  expect(bodyOf(made)).toMatchObject({ edits: [{ action: 'Create', object }] });
  const { edits } = bodyOf(made) as { readonly edits: readonly { readonly manifest: string }[] };
  expect(JSON.parse(edits[0]?.manifest ?? '')).toEqual({
    ...{ apiVersion: object.apiVersion, kind: 'Template', metadata: { name: 'our-ide', namespace: 'team-web' } },
    spec: { displayName: 'Ours', image: 'localhost/ide:2', resources: { cpu: '2' } },
  });
});

test('a template of the team is edited as it stands in Git', async () => {
  const made = templatePage(as('member'), { namespace: 'team-web' });
  fireEvent.click(await screen.findByRole('button', { name: 'Edit Template team-web/ide' }));
  const spec = await screen.findByRole('textbox', { name: 'Its spec, as YAML' });
  fireEvent.change(spec, { target: { value: 'displayName: IDE\nimage: localhost/ide:2\n' } });
  await send('newer');
  expect(bodyOf(made)).toMatchObject({
    edits: [
      {
        object: { kind: 'Template', namespace: 'team-web', name: 'ide' },
        changes: [{ op: 'Set', path: 'spec.image', value: '"localhost/ide:2"', was: '"localhost/ide:1"' }],
      },
    ],
  });
});

test('one of the platform is edited by platform admins alone', async () => {
  templatePage(as('admin'));
  await screen.findByRole('button', { name: 'Copy for a team' });
  expect(screen.queryByRole('button', { name: /^Edit/ })).toBeNull();
});

test('one that stands in no Git has nothing to edit', async () => {
  const made = templatePage(as('admin'), { namespace: 'team-web' });
  let answered = 0;
  made.on('GET', '/api/v1/namespaces/team-web/editable/Template/ide', () => {
    answered += 1;
    return problemResponse(404, 'ChangeObjectNotInGit');
  });
  await screen.findByRole('button', { name: 'Copy for a team' });
  await waitFor(() => expect(answered).toBe(1));
  expect(screen.queryByRole('button', { name: /^Edit/ })).toBeNull();
});
