// Changes: the inbox, one change with its commit, what one says of it, and the edits of a team that open one.
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { ChangeView } from '../../../../../schemas/api/changes.ts';
import type { TeamDetail } from '../../../../../schemas/api/teams.ts';
import { fakeGateway, jsonResponse, problemResponse } from '../../../test/fake-gateway.ts';
import { metadataOf } from '../../../test/objects.ts';
import { openPage, seriousFindings } from '../../../test/render-app.tsx';

const COMMIT = 'c0ffee0123456789c0ffee0123456789c0ffee01';
const DIFF =
  'diff --git a/teams/web.yaml b/teams/web.yaml\n--- a/teams/web.yaml\n+++ b/teams/web.yaml\n@@ -1 +1,2 @@\n spec:\n+    - user: vera\n';

function change(
  name: string,
  more: Partial<ChangeView['status']> = {},
  may: Partial<ChangeView['may']> = {},
  by = 'ann',
): ChangeView {
  return {
    ...{ apiVersion: 'streamspace.io/v1alpha1', kind: 'ChangeRequest', metadata: metadataOf('team-web', name) },
    spec: {
      requestedBy: { name: by, displayName: by, mayApprove: false },
      reason: `Because of ${name}`,
      target: { namespace: 'streamspace', name: 'platform' },
      edits: [{ action: 'Patch', object: { apiVersion: 'streamspace.io/v1alpha1', kind: 'Team', name: 'web' } }],
      ...{ reviews: [], withdrawn: false },
    },
    status: { ...{ phase: 'Open', into: 'main', commit: COMMIT, approvalsNeeded: 1, approvals: [] }, ...more },
    may: { approve: false, withdraw: false, ...may },
  };
}

test('the inbox shows what waits for me, and tells where there is nothing', async () => {
  const made = fakeGateway({ changes: [change('a', {}, { approve: true }), change('b', { phase: 'Applied' })] });
  openPage('/changes', made);
  await screen.findByRole('article', { name: 'Because of a' });
  expect(screen.queryByRole('article', { name: 'Because of b' })).toBeNull();
  expect(screen.getByRole('article').textContent).toMatch(/Team web · team-web.*asked by ann.*0 of 1 approval/);
  expect(await seriousFindings()).toEqual([]);
  made.emit('changes', 'changed', change('a', { phase: 'Merged' }));
  await screen.findByText('Nothing waits for you');
});

test('a change that failed says why in the inbox', async () => {
  const message = 'teams/web.yaml:4: role: no such role';
  const ready = {
    type: 'Ready',
    status: 'False',
    reason: 'ManifestInvalid',
    message,
    lastTransitionTime: '2026-11-01T00:00:00Z',
  } as const;
  openPage('/changes?show=all', { changes: [change('a', { phase: 'Failed', conditions: [ready] })] });
  expect((await screen.findByRole('article', { name: 'Because of a' })).textContent).toContain(message);
});

test('what I have asked for or let in is in the inbox once it is merged and not healthy, and leaves it with that', async () => {
  const message = 'Deployment web/site: its pods do not start';
  const settled = { type: 'Settled', reason: 'Degraded', message, lastTransitionTime: '2026-11-01T00:00:00Z' } as const;
  const conditions = [{ ...settled, status: 'False' as const }];
  const approvals = [
    { by: 'member', verdict: 'Approve', commit: COMMIT, at: '2026-11-01T00:00:00Z', standing: 'Counts' } as const,
  ];
  const made = fakeGateway({
    changes: [
      change('a', { phase: 'Applied', conditions }, {}, 'member'),
      change('b', { phase: 'Applied', conditions, approvals }, {}, 'max'),
      change('c', { phase: 'Applied', conditions }, {}, 'max'),
    ],
  });
  openPage('/changes', made);
  const mine = await screen.findByRole('article', { name: 'Because of a' });
  expect(mine.textContent).toContain('Merged, but not healthy');
  expect(mine.textContent).toContain(message);
  screen.getByRole('article', { name: 'Because of b' });
  expect(screen.queryByRole('article', { name: 'Because of c' })).toBeNull();
  expect(await seriousFindings()).toEqual([]);
  made.emit(
    'changes',
    'changed',
    change('a', { phase: 'Applied', conditions: [{ ...settled, status: 'True', reason: 'Healthy' }] }, {}, 'member'),
  );
  await waitFor(() => expect(screen.queryByRole('article', { name: 'Because of a' })).toBeNull());
});

test('the inbox says that it could not be loaded', async () => {
  const failing = fakeGateway();
  failing.on('GET', '/api/v1/changes', () => problemResponse(503, 'ClusterUnreachable'));
  openPage('/changes', failing);
  expect((await screen.findByRole('alert')).textContent).toContain('The changes could not be loaded');
});

test('a change that is not there says so', async () => {
  const made = fakeGateway();
  made.on('GET', '/api/v1/namespaces/team-web/changes/a', () => problemResponse(404, 'NotFound'));
  openPage('/changes/team-web/a', made);
  await screen.findByRole('heading', { name: 'There is no such change' });
});

test('a change that is not mine to read says so', async () => {
  const made = fakeGateway();
  made.on('GET', '/api/v1/namespaces/team-web/changes/b', () => problemResponse(403, 'Forbidden'));
  openPage('/changes/team-web/b', made);
  expect((await screen.findByRole('alert')).textContent).toContain('You may not read the changes of this team');
});

test('a change shows why, its commit, who has said what and what became of it', async () => {
  const made = fakeGateway();
  const said = { verdict: 'Approve', commit: COMMIT, at: '2027-01-01T00:00:00Z' } as const;
  const approvals: NonNullable<NonNullable<ChangeView['status']>['approvals']> = [
    { ...said, by: 'lee', reason: 'fine', standing: 'Counts' },
    { ...said, by: 'max', standing: 'Stale' },
  ];
  const files = [{ path: 'teams/web.yaml', action: 'Changed', additions: 1, deletions: 0 } as const];
  const result = { revision: COMMIT, health: 'Healthy', at: '2027-01-01T00:00:00Z' };
  const rollback = { name: 'rollback-a' };
  const view = change('a', { phase: 'Applied', diff: DIFF, files, approvals, mergeCommit: COMMIT, result, rollback });
  made.on('GET', '/api/v1/namespaces/team-web/changes/a', () => jsonResponse(200, view));
  openPage('/changes/team-web/a', made);
  const commit = await screen.findByRole('region', { name: 'The commit' });
  for (const words of ['teams/web.yaml', '+    - user: vera']) expect(commit.textContent).toContain(words);
  expect(commit.textContent).not.toContain('diff --git');
  const shown = screen.getByRole('region', { name: 'Approvals' }).textContent;
  for (const words of ['lee approved', 'counts', 'fine', 'max', 'for another commit']) expect(shown).toContain(words);
  const after = screen.getByRole('region', { name: 'After the merge' });
  expect(after.textContent).toContain('main has it since c0ffee01');
  expect(within(after).getByRole('link', { name: 'See that change' }).getAttribute('href')).toBe('/changes/team-web/rollback-a');
  expect(await seriousFindings()).toEqual([]);
});

test('of a change of many objects the first ones are seen, and how many more there are, also beyond what is listed', async () => {
  const objects = Array.from({ length: 64 }, (_, index) => ({
    ...{ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'team-web', name: `c${index}`, action: 'Delete' as const },
  }));
  const files = [{ path: 'a.yaml', action: 'Removed' as const, additions: 0, deletions: 3 }];
  const made = fakeGateway();
  const view = change('a', { objects, objectCount: 90, files, fileCount: 91, diff: DIFF });
  made.on('GET', '/api/v1/namespaces/team-web/changes/a', () => jsonResponse(200, view));
  openPage('/changes/team-web/a', made);
  const more = await screen.findByText('78 more');
  expect(more.closest('details')?.open).toBe(false);
  expect(within(more.closest('details') ?? document.body).getByText('and 26 more')).toBeDefined();
  expect(screen.getByText('91 files')).toBeDefined();
});

test('whose files a change changes is shown, with who of them has approved and what of the file is not understood', async () => {
  const files = [
    { path: 'teams/web.yaml', owners: ['@lee', '@org/web'], approvedBy: ['lee'] },
    { path: 'policies/dlp.yaml', owners: ['@sam'], approvedBy: [] },
  ];
  const shown = async (codeOwners: NonNullable<ChangeView['status']>['codeOwners']): Promise<string> => {
    const made = fakeGateway();
    made.on('GET', '/api/v1/namespaces/team-web/changes/a', () => jsonResponse(200, change('a', { codeOwners })));
    openPage('/changes/team-web/a', made);
    const words = (await screen.findByRole('region', { name: 'Code owners' })).textContent;
    expect(await seriousFindings()).toEqual([]);
    cleanup();
    return words;
  };
  const required = await shown({ file: 'docs/CODEOWNERS', required: true, skippedLines: [4, 7], files });
  expect(required).toMatch(/of docs\/CODEOWNERS.*merged once an owner of each file has approved/);
  expect(required).toMatch(/teams\/web.yaml belongs to @lee, @org\/web · approved by lee/);
  expect(required).toMatch(/policies\/dlp.yaml belongs to @sam · no owner has approved it/);
  expect(required).toMatch(/not understood count for nothing: 4, 7/);
  expect(await shown({ file: 'CODEOWNERS', required: false, files })).toContain('is not asked for');
  expect(await shown({ file: 'CODEOWNERS', required: true, problem: 'it is a link', files: [] })).toContain('it is a link');
});

test('how many have to approve is said with the rule that asks for so many', async () => {
  const made = fakeGateway();
  const more = { approvalsNeeded: 3, approvalsReason: 'it changes AccessBinding eve', expiresAt: '2027-03-01T00:00:00Z' };
  made.on('GET', '/api/v1/namespaces/team-web/changes/a', () => jsonResponse(200, change('a', more)));
  openPage('/changes/team-web/a', made);
  await screen.findByText('0 of 3 approvals, as it changes AccessBinding eve');
});

test('what stands against a change is told with its code', async () => {
  const made = fakeGateway();
  const at = '2027-01-01T00:00:00Z';
  const conditions = [
    {
      type: 'Ready',
      status: 'False',
      reason: 'ChangeConflict',
      message: 'teams/web.yaml:1: gone',
      lastTransitionTime: at,
    } as const,
  ];
  made.on('GET', '/api/v1/namespaces/team-web/changes/a', () => jsonResponse(200, change('a', { conditions: [...conditions] })));
  openPage('/changes/team-web/a', made);
  expect((await screen.findByText(/teams\/web.yaml:1: gone/)).textContent).toContain('ChangeConflict');
});

test('the commit that was shown is approved, and a rejection needs a reason', async () => {
  const made = fakeGateway();
  made.on('GET', '/api/v1/namespaces/team-web/changes/a', () =>
    jsonResponse(200, change('a', { diff: DIFF }, { approve: true })),
  );
  made.on('POST', '/api/v1/namespaces/team-web/changes/a/approve', () => jsonResponse(200, change('a', { phase: 'Merged' })));
  openPage('/changes/team-web/a', made);
  fireEvent.click(await screen.findByRole('button', { name: 'Reject' }));
  const dialog = await screen.findByRole('dialog');
  expect(within(dialog).getByRole('button', { name: 'Reject' })).toHaveProperty('disabled', true);
  fireEvent.click(within(dialog).getByRole('button', { name: 'Cancel' }));
  fireEvent.click(screen.getByRole('button', { name: 'Approve' }));
  fireEvent.click(within(await screen.findByRole('dialog', { name: 'Approve' })).getByRole('button', { name: 'Approve' }));
  await waitFor(() =>
    expect(made.asked.at(-1)).toMatchObject({ path: '/api/v1/namespaces/team-web/changes/a/approve', body: { commit: COMMIT } }),
  );
});

const ORIGIN = {
  ...{ object: 'Team/web', gitSync: 'streamspace/platform', url: 'https://git.example.com/p.git' },
  ...{ file: 'teams/web.yaml', line: 3, revision: COMMIT },
};
const TEAM: TeamDetail = {
  ...{ name: 'web', displayName: 'Web', namespace: 'team-web', role: 'admin', origin: ORIGIN },
  members: [{ kind: 'User', name: 'ann', role: 'admin' }],
  bindings: [],
  policies: [{ kind: 'Quota', namespace: 'team-web', name: 'own', narrowed: false, scope: 'Team', origin: ORIGIN }],
  quota: { limits: [], maxSeconds: null, refusal: null },
  ...{ network: null, priority: null, roles: [] },
  may: { listMachines: false },
};

function teamPage(team: TeamDetail) {
  const made = fakeGateway();
  made.on('GET', '/api/v1/teams/web', () => jsonResponse(200, team));
  made.on('POST', '/api/v1/namespaces/team-web/changes', () => jsonResponse(201, change('new')));
  made.on('GET', '/api/v1/namespaces/team-web/changes/new', () => jsonResponse(200, change('new')));
  openPage('/teams/web', made);
  return made;
}

async function send(why: string): Promise<void> {
  const dialog = await screen.findByRole('dialog');
  expect(dialog.textContent).toContain('This opens a change request');
  fireEvent.change(within(dialog).getByLabelText('Why'), { target: { value: why } });
  fireEvent.click(within(dialog).getByRole('button', { name: 'Open a change request' }));
  await screen.findByRole('heading', { name: 'Because of new' });
}

test('what a change brought is undone by a change request of its own, by whoever may ask', async () => {
  const made = fakeGateway();
  const applied = change('a', { phase: 'Applied', mergeCommit: COMMIT });
  made.on('GET', '/api/v1/namespaces/team-web/changes/a', () => jsonResponse(200, applied));
  made.on('POST', '/api/v1/namespaces/team-web/changes', () => jsonResponse(201, change('new')));
  made.on('GET', '/api/v1/namespaces/team-web/changes/new', () => jsonResponse(200, change('new')));
  openPage('/changes/team-web/a', made);
  fireEvent.click(await screen.findByRole('button', { name: 'Undo this change' }));
  const dialog = await screen.findByRole('dialog');
  expect((within(dialog).getByLabelText('Why') as HTMLTextAreaElement).value).toBe('Undo: Because of a');
  fireEvent.click(within(dialog).getByRole('button', { name: 'Open a change request' }));
  await screen.findByRole('heading', { name: 'Because of new' });
  expect(made.asked[0]?.body).toMatchObject({
    ...{ rollback: { commits: [COMMIT] }, target: { namespace: 'streamspace', name: 'platform' } },
  });
});

test.each(['Open', 'Rejected'] as const)('of a change that is %s there is nothing to undo', async (phase) => {
  const made = fakeGateway();
  made.on('GET', '/api/v1/namespaces/team-web/changes/a', () => jsonResponse(200, change('a', { phase })));
  openPage('/changes/team-web/a', made);
  await screen.findByRole('region', { name: 'Why' });
  expect(screen.queryByRole('button', { name: 'Undo this change' })).toBeNull();
});

test('a member is added by a change request, which says so before it is one', async () => {
  const made = teamPage(TEAM);
  fireEvent.click(await screen.findByRole('button', { name: 'Add a member' }));
  const dialog = await screen.findByRole('dialog');
  fireEvent.change(within(dialog).getByLabelText('Name'), { target: { value: 'vera' } });
  fireEvent.change(within(dialog).getByLabelText('Role'), { target: { value: 'viewer' } });
  await send('she helps');
  expect(made.asked.find(({ path }) => path.endsWith('/changes'))?.body).toEqual({
    reason: 'she helps',
    target: { namespace: 'streamspace', name: 'platform' },
    edits: [
      {
        action: 'Patch',
        object: { apiVersion: 'streamspace.io/v1alpha1', kind: 'Team', name: 'web' },
        changes: [{ op: 'Set', path: 'spec.members[]', value: '{"user":"vera","role":"viewer"}' }],
      },
    ],
  });
});

const OVERRIDES = [
  { subject: { team: 'other' }, limits: { cpu: '2' }, reason: 'theirs' },
  { subject: { team: 'web' }, limits: { cpu: '4' }, expiresAt: '2099-03-01T00:00:00Z', reason: 'a course' },
];

async function askForMore(overrides: readonly object[], until: string) {
  const made = teamPage(TEAM);
  made.on('GET', '/api/v1/namespaces/team-web/editable/Quota/own', () =>
    jsonResponse(200, { ...EDITABLE, spec: { ...EDITABLE.spec, overrides } }),
  );
  fireEvent.click(await screen.findByRole('button', { name: 'Ask for more' }));
  const dialog = await screen.findByRole('dialog');
  fireEvent.change(await within(dialog).findByLabelText('New limit for the team'), { target: { value: '9' } });
  fireEvent.change(within(dialog).getByLabelText('Until'), { target: { value: until } });
  return { made, dialog };
}

test('more quota until a time is an override that ends then, and a change that is taken back then', async () => {
  const { made, dialog } = await askForMore([], '2099-02-05T17:00');
  expect(await seriousFindings()).toEqual([]);
  expect(dialog.textContent).toContain('Then it is taken back by itself');
  await send('a course');
  const body = made.asked.find(({ path }) => path.endsWith('/changes'))?.body as {
    readonly until: string;
    readonly edits: readonly { readonly changes: readonly { readonly path: string; readonly value: string }[] }[];
  };
  const until = new Date('2099-02-05T17:00').toISOString();
  expect(body.until).toBe(until);
  const [change] = body.edits[0]?.changes ?? [];
  expect(change?.path).toBe('spec.overrides[]');
  expect(JSON.parse(change?.value ?? '')).toEqual({
    ...{ subject: { team: 'web' }, limits: { sessionsRunning: 9 }, expiresAt: until, reason: 'sessionsRunning 9' },
  });
});

test('where an override of the team counts already, that one is changed: one behind it would not count', async () => {
  const { made, dialog } = await askForMore(OVERRIDES, '');
  expect(dialog.textContent).toMatch(/The override of the team that counts now ends .*(Mar 1|Feb 28)/);
  await send('a course');
  const body = made.asked.find(({ path }) => path.endsWith('/changes'))?.body;
  expect(body).not.toHaveProperty('until');
  expect(body).toMatchObject({
    edits: [
      { changes: [{ path: 'spec.overrides[subject.team=web].limits.sessionsRunning', op: 'Set', value: '9', was: 'null' }] },
    ],
  });
});

test('a time that is over is not asked for', async () => {
  const { dialog } = await askForMore([], '2020-02-05T17:00');
  fireEvent.change(within(dialog).getByLabelText('Why'), { target: { value: 'a course' } });
  expect(dialog.textContent).toContain('That is over already');
  expect(within(dialog).getByRole('button', { name: 'Open a change request' })).toHaveProperty('disabled', true);
});

test('a change says until when it is wanted, what takes it back, and that says what it takes back', async () => {
  const granted = change('a', { phase: 'Applied', takenBackBy: 'back-1' });
  const back = change('back-1');
  const until = '2099-02-05T17:00:00Z';
  const views: readonly ChangeView[] = [
    { ...granted, spec: { ...granted.spec, until } },
    { ...back, spec: { ...back.spec, edits: [], rollback: { commits: [COMMIT] }, takesBack: { name: 'a', uid: '1' } } },
  ];
  const made = fakeGateway({ changes: [...views] });
  for (const view of views)
    made.on('GET', `/api/v1/namespaces/team-web/changes/${view.metadata.name}`, () => jsonResponse(200, view));
  openPage('/changes?show=all', made);
  const card = await screen.findByRole('article', { name: 'Because of a' });
  expect(card.textContent).toMatch(/until .*Feb 5/);
  expect(screen.getByRole('article', { name: 'Because of back-1' }).textContent).toContain('Takes back a');
  fireEvent.click(within(card).getByRole('link'));
  fireEvent.click(await screen.findByRole('link', { name: 'the change that takes it back is not merged yet' }));
  await screen.findByText(/nobody has to approve this/);
  expect(screen.getByRole('link', { name: 'a' }).getAttribute('href')).toBe('/changes/team-web/a');
});

test.each([
  ['Open', /is over, and it is still granted: the change that takes it back is not merged yet/],
  ['Rejected', /is over, and it is still granted: the change that takes it back has ended without a merge/],
  ['Withdrawn', /Feb 5.*: it was taken out of Git before/],
  ['Applied', /Feb 5.*: taken back by another change/],
] as const)('a grant whose time is over says what is so while the change that takes it back is %s', async (phase, said) => {
  const granted = change('a', { phase: 'Applied', takenBackBy: 'back-1' });
  const view = { ...granted, spec: { ...granted.spec, until: '2027-02-05T17:00:00Z' } };
  const made = fakeGateway({});
  made.on('GET', '/api/v1/namespaces/team-web/changes/a', () => jsonResponse(200, view));
  made.on('GET', '/api/v1/namespaces/team-web/changes/back-1', () => jsonResponse(200, change('back-1', { phase })));
  openPage('/changes/team-web/a', made);
  await screen.findByText((_text, element) => element?.tagName === 'DD' && said.test(element.textContent ?? ''));
});

test('who looks on, and a team that is not kept in Git, have nothing to edit', async () => {
  teamPage({ ...TEAM, role: 'viewer' });
  await screen.findByRole('region', { name: 'Members' });
  expect(screen.queryByRole('button', { name: /Add a member|Ask for more|Remove/ })).toBeNull();
});

const QUOTA = 'Quota team-web/own';
const EDITABLE = {
  ...{ apiVersion: 'streamspace.io/v1alpha1', kind: 'Quota', namespace: 'team-web', name: 'own', origin: ORIGIN },
  spec: { scope: 'Team', limits: { sessionsRunning: 5, memory: '16Gi' } },
};

async function editQuota() {
  const made = teamPage(TEAM);
  made.on('GET', '/api/v1/namespaces/team-web/editable/Quota/own', () => jsonResponse(200, EDITABLE));
  fireEvent.click(await screen.findByRole('button', { name: `Edit ${QUOTA}` }));
  const field = await screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'Its spec, as YAML' });
  const type = (value: string): void => void fireEvent.change(field, { target: { value } });
  return { made, field, type, dialog: screen.getByRole('dialog') };
}

test('a quota is edited as it stands in Git, and what differs is said and asked for, no more', async () => {
  const { made, field, type, dialog } = await editQuota();
  expect(field.value).toBe('scope: Team\nlimits:\n  sessionsRunning: 5\n  memory: 16Gi\n');
  expect(dialog.textContent).toContain('teams/web.yaml');
  expect(within(dialog).getByRole('region', { name: 'What you ask for' }).textContent).toContain('Nothing is changed yet');
  type('scope: Team\nlimits: {sessionsRunning: 7}\nmaxDuration: 8h # long\n');
  expect(screen.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual(
    expect.arrayContaining([
      'spec.limits.sessionsRunning: 5 → 7',
      'spec.limits.memory: "16Gi" goes',
      'spec.maxDuration: "8h" (new)',
    ]),
  );
  expect(await seriousFindings()).toEqual([]);
  await send('a course');
  expect(made.asked.find(({ path }) => path.endsWith('/changes'))?.body).toMatchObject({
    edits: [
      {
        action: 'Patch',
        object: { kind: 'Quota', namespace: 'team-web', name: 'own' },
        changes: [
          { op: 'Set', path: 'spec.limits.sessionsRunning', value: '7', was: '5' },
          { op: 'Remove', path: 'spec.limits.memory', was: '"16Gi"' },
          { op: 'Set', path: 'spec.maxDuration', value: '"8h"', was: 'null' },
        ],
      },
    ],
  });
});

test('what is wrong with an edited spec is named with its line or field, and is not asked for', async () => {
  const { type, dialog } = await editQuota();
  fireEvent.change(within(dialog).getByLabelText('Why'), { target: { value: 'a course' } });
  const refused = (typed: string, words: RegExp): void => {
    type(typed);
    expect(dialog.textContent).toMatch(words);
    expect(within(dialog).getByRole('button', { name: 'Open a change request' })).toHaveProperty('disabled', true);
  };
  refused('scope: Team\nlimits: {sessionsRunning: 5\n', /Line [23]: /);
  refused('- a\n', /A spec is a mapping/);
  refused('scope: Team\nlimits: {sessionsRunning: many}\n', /limits\.sessionsRunning: /);
  refused('scope: Team\nlimits: {sessionsRunning: 5}\nmaxDuraton: 8h\n', /maxDuraton: there is no such field/);
  refused('scope: Team\nlimits: {sessions: 5}\n', /limits\.sessions: there is no such field/);
  refused('scope: Team\nlimit: {}\n', /limit: there is no such field.*limits: it is needed/);
});

test('a policy that cannot be read from Git says so; one of the platform is for a platform admin alone', async () => {
  const policies: TeamDetail['policies'] = [
    { kind: 'DlpPolicy', namespace: 'streamspace', name: 'baseline', narrowed: false, scope: null, origin: ORIGIN },
    { kind: 'Quota', namespace: 'team-web', name: 'by-hand', narrowed: false, scope: 'Team', origin: null },
    { kind: 'SignInPolicy', namespace: 'team-web', name: 'own', narrowed: false, scope: null, origin: ORIGIN },
  ];
  const made = teamPage({ ...TEAM, policies });
  const PATH = '/api/v1/namespaces/team-web/editable/SignInPolicy/own';
  made.on('GET', PATH, () => problemResponse(404, 'ChangeObjectNotInGit'));
  const region = await screen.findByRole('region', { name: 'Policies that apply' });
  expect(
    within(region)
      .getAllByRole('button')
      .map((button) => button.getAttribute('aria-label')),
  ).toEqual(['Edit SignInPolicy team-web/own', 'Remove SignInPolicy team-web/own']);
  fireEvent.click(within(region).getByRole('button', { name: /^Edit/ }));
  const dialog = await screen.findByRole('dialog');
  expect((await within(dialog).findByRole('alert')).textContent).toContain('What stands in Git could not be loaded');
});

test('a policy is removed by a change request', async () => {
  const made = teamPage(TEAM);
  fireEvent.click(await screen.findByRole('button', { name: `Remove ${QUOTA}` }));
  await send('nobody needs it');
  expect(made.asked.find(({ path }) => path.endsWith('/changes'))?.body).toMatchObject({
    edits: [{ action: 'Delete', object: { kind: 'Quota', namespace: 'team-web', name: 'own' } }],
  });
});
