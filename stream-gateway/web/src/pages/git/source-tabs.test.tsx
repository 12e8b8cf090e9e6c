// The objects and the history of a Git source, and what one can do with it.
import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import type { GitSyncView } from '../../../../../schemas/api/api.ts';
import type { ChangeView } from '../../../../../schemas/api/changes.ts';
import { type FakeGateway, fakeGateway, jsonResponse, problemResponse } from '../../../test/fake-gateway.ts';
import { gitSync, metadataOf, person, syncRecord, treeNode } from '../../../test/objects.ts';
import { openPage, seriousFindings } from '../../../test/render-app.tsx';

const PLATFORM = person({ may: { gitSyncs: true, allSessions: true, audit: true, people: true, health: true } });
const PAGE = '/sources/streamspace/platform';
const API = '/api/v1/namespaces/streamspace/gitsyncs/platform';
const REVISION = 'a'.repeat(40);
const NEWER = 'b'.repeat(40);
const DEPLOYMENT = 'apps/Deployment/team-web/web';
const NO_PLAN = { create: 0, configure: 0, replace: 0, unchanged: 0, delete: 0, skip: 0, blocked: 0, warnings: [], changes: [] };

function gatewayOf(status: Parameters<typeof gitSync>[1] = {}, spec: Parameters<typeof gitSync>[2] = {}) {
  const sync = gitSync('platform', { revision: REVISION, attempted: REVISION, ...status }, spec);
  return { sync, gateway: fakeGateway({ me: PLATFORM, gitsyncs: [sync], changes: [MERGED] }) };
}

/** What NEWER is the merge of. */
const MERGED: ChangeView = {
  ...{ apiVersion: 'streamspace.io/v1alpha1', kind: 'ChangeRequest', metadata: metadataOf('team-web', 'wish') },
  spec: {
    requestedBy: { name: 'mina', displayName: 'Mina', mayApprove: false },
    ...{ reason: 'Two pods', target: { namespace: 'streamspace', name: 'platform' }, edits: [], reviews: [], withdrawn: false },
  },
  status: {
    ...{ phase: 'Applied', mergeCommit: NEWER, number: 7, url: 'https://git.example.com/pulls/7' },
    approvals: [{ by: 'lead', verdict: 'Approve', commit: NEWER, at: '2026-11-24T09:00:00Z', standing: 'Counts' }],
  },
  may: { approve: false, withdraw: false },
};

function emit(gateway: FakeGateway, sync: GitSyncView): void {
  gateway.emit('gitsyncs', 'changed', sync);
}

function treeOf(items: readonly ReturnType<typeof treeNode>[], more?: string) {
  return { metadata: more === undefined ? {} : { continue: more }, revision: REVISION, childrenLeftOut: false, items };
}

const ASKED = [
  { tab: 'objects', path: `${API}/tree`, failed: 'The objects could not be loaded', empty: 'No objects yet', none: treeOf([]) },
  {
    tab: 'history',
    path: `${API}/history`,
    failed: 'The history could not be loaded',
    empty: 'No sync yet',
    none: { metadata: {}, items: [] },
  },
];
describe.each(ASKED)('the tab $tab', ({ tab, path, failed, empty, none }) => {
  test('loads, fails with code and remedy, loads at a retry, and explains that it is empty', async () => {
    const { gateway } = gatewayOf();
    const first = Promise.withResolvers<Response>();
    let answer = () => first.promise;
    gateway.on('GET', path, () => answer());
    const { user } = openPage(`${PAGE}?tab=${tab}`, gateway);
    expect(await screen.findByRole('status', { name: 'Loading' })).toBeTruthy();
    first.resolve(problemResponse(503, 'DatabaseUnreachable'));
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain(failed);
    expect(alert.textContent).toContain('The remedy of DatabaseUnreachable.');
    answer = async () => jsonResponse(200, none);
    await user.click(within(alert).getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('heading', { name: empty })).toBeTruthy();
    expect(await seriousFindings()).toEqual([]);
  });

  test('says who can grant the right', async () => {
    const { gateway } = gatewayOf();
    gateway.on('GET', path, () => problemResponse(403, 'Forbidden'));
    openPage(`${PAGE}?tab=${tab}`, gateway);
    expect((await screen.findByRole('alert')).textContent).toContain('A platform admin can grant it.');
  });
});

describe('objects', () => {
  const web = treeNode(DEPLOYMENT, {
    health: 'Degraded',
    message: '1 of 2 pods are ready',
    file: 'web.yaml',
    line: 4,
    children: [
      { kind: 'ReplicaSet', namespace: 'team-web', name: 'web-1', health: 'Degraded', message: 'no memory left', children: [] },
    ],
  });

  test('every page is there, filtered by health and searched, and the address says so', async () => {
    const { gateway } = gatewayOf();
    gateway.on('GET', `${API}/tree`, () => jsonResponse(200, treeOf([treeNode('/ConfigMap/team-web/motd')], 'motd')));
    gateway.on('GET', `${API}/tree?continue=motd`, () => jsonResponse(200, treeOf([web])));
    const { user, history } = openPage(`${PAGE}?tab=objects`, gateway);
    const group = await screen.findByRole('region', { name: 'Deployment' });
    expect(group.textContent).toContain('no memory left');
    expect(group.textContent).toContain('web.yaml:4');
    await user.click(screen.getByRole('button', { name: 'Degraded 1' }));
    await waitFor(() => expect(screen.queryByRole('region', { name: 'ConfigMap' })).toBeNull());
    expect(history.location.search).toBe('?tab=objects&health=Degraded');
    await user.type(screen.getByRole('searchbox'), 'motd');
    expect(await screen.findByRole('heading', { name: 'No object is like that' })).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Clear the filters' }));
    expect(await screen.findByRole('region', { name: 'ConfigMap' })).toBeTruthy();
    expect(await seriousFindings()).toEqual([]);
  });

  test('one opens beside the list with its difference and where it comes from', async () => {
    const { gateway } = gatewayOf();
    const object = `${API}/objects/apps/Deployment/team-web/web`;
    gateway.on('GET', `${API}/tree`, () => jsonResponse(200, treeOf([web])));
    gateway.on('GET', object, () => {
      const commit = { revision: NEWER, author: 'Lena Lead', message: 'Two pods', time: '2026-11-24T09:00:00Z' };
      const managers = [{ manager: 'kubectl-edit', operation: 'Update', subresource: null, time: null }];
      return jsonResponse(200, { ...web, commit, managers, gitSync: 'streamspace/platform', url: '', applied: REVISION });
    });
    gateway.on('GET', `${object}/diff`, () => {
      const differences = [{ path: 'spec.replicas', wanted: 2, live: 1 }];
      return jsonResponse(200, { object: DEPLOYMENT, state: 'different', differences, wanted: { spec: {} }, live: {} });
    });
    const { user, history } = openPage(`${PAGE}?tab=objects`, gateway);
    (await screen.findByRole('button', { name: 'web' })).focus();
    await user.keyboard('{Enter}');
    const panel = await screen.findByRole('dialog', { name: 'Deployment web' });
    expect((await within(panel).findByText('spec.replicas')).parentElement?.textContent).toBe('spec.replicasGit2Live1');
    expect(await within(panel).findByText(/Two pods/)).toBeTruthy();
    expect(panel.textContent).toContain('by Lena Lead');
    expect(panel.textContent).toContain('kubectl-edit');
    expect(panel.textContent).toContain('A change request of Mina, approved by lead, Pull request #7');
    expect(new URLSearchParams(history.location.search).get('object')).toBe(DEPLOYMENT);
    expect(await seriousFindings()).toEqual([]);
    await user.keyboard('{Escape}');
    await waitFor(() => expect(history.location.search).toBe('?tab=objects'));
  });

  test('what was there stays when it cannot be loaded again, and says so', async () => {
    const { sync, gateway } = gatewayOf();
    let broken = false;
    gateway.on('GET', `${API}/tree`, () =>
      broken ? problemResponse(503, 'DatabaseUnreachable') : jsonResponse(200, treeOf([web])),
    );
    openPage(`${PAGE}?tab=objects`, gateway);
    await screen.findByRole('region', { name: 'Deployment' });
    broken = true;
    emit(gateway, { ...sync, status: { ...sync.status, lastSyncAt: '2026-11-24T11:00:00Z' } });
    expect(await screen.findByText(/it could not be loaded again/)).toBeTruthy();
    expect(screen.getByRole('region', { name: 'Deployment' })).toBeTruthy();
  });
});

test('what was applied before is asked for again by a button, for whoever may ask; what is applied now is not', async () => {
  const changes = {
    secretRef: { name: 'push' },
    branchPrefix: 'streamspace/change/',
    requireApprovals: 1,
    approvalRules: [],
    codeOwners: 'Show' as const,
    expireAfter: '720h',
  };
  const sync = gitSync('platform', { revision: NEWER, attempted: NEWER }, { changes });
  const gateway = fakeGateway({ me: { ...PLATFORM, platformRole: 'platformAdmin' }, gitsyncs: [sync] });
  const items = [syncRecord('2', { revision: NEWER }), syncRecord('1', { revision: REVISION })];
  gateway.on('GET', `${API}/history`, () => jsonResponse(200, { metadata: {}, items }));
  const change = {
    ...{ apiVersion: 'streamspace.io/v1alpha1', kind: 'ChangeRequest', metadata: { ...sync.metadata, name: 'rollback-1' } },
    spec: {
      ...{ requestedBy: { name: 'ann', mayApprove: false }, reason: 'a mistake', edits: [], reviews: [], withdrawn: false },
      ...{ target: { namespace: 'streamspace', name: 'platform' }, rollback: { to: REVISION } },
    },
    may: { approve: false, withdraw: true },
  };
  gateway.on('POST', '/api/v1/namespaces/streamspace/changes', () => jsonResponse(201, change));
  gateway.on('GET', '/api/v1/namespaces/streamspace/changes/rollback-1', () => jsonResponse(200, change));
  const { user } = openPage(`${PAGE}?tab=history&sync=2`, gateway);
  const table = await screen.findByRole('table');
  expect(screen.queryByRole('button', { name: /^Roll back/ })).toBeNull();
  await user.click(within(table).getByRole('button', { expanded: false }));
  await user.click(await screen.findByRole('button', { name: 'Roll back to aaaaaaaa' }));
  const dialog = await screen.findByRole('dialog');
  expect(dialog.textContent).toMatch(/This opens a change request.*becomes what it was at aaaaaaaa/);
  await user.type(within(dialog).getByLabelText('Why'), 'a mistake');
  await user.click(within(dialog).getByRole('button', { name: 'Open a change request' }));
  await screen.findByRole('heading', { name: 'a mistake' });
  expect(gateway.asked.find(({ method }) => method === 'POST')?.body).toEqual({
    ...{ reason: 'a mistake', target: { namespace: 'streamspace', name: 'platform' }, edits: [], rollback: { to: REVISION } },
  });
  expect(screen.getByRole('main').textContent).toContain('Back to aaaaaaaa');
});

test('the history is loaded page by page, and a row opens what that sync changed', async () => {
  const { gateway } = gatewayOf();
  const failed = syncRecord('2', {
    result: 'failed',
    code: 'DeletionsBlocked',
    reason: 'too many',
    trigger: 'request',
    requestedBy: 'lena',
    requestedByVerified: true,
    counts: { blocked: 7 },
    changes: [{ action: 'blocked', object: '/ConfigMap/web/motd', reason: 'left Git' }],
  });
  const fields = [{ path: 'spec.replicas', before: '1', after: '2' }];
  const older = syncRecord('1', { changes: [{ action: 'configure', object: DEPLOYMENT, file: 'web.yaml', line: 4, fields }] });
  gateway.on('GET', `${API}/history`, () => jsonResponse(200, { metadata: { continue: '2' }, items: [failed] }));
  gateway.on('GET', `${API}/history?continue=2`, () => jsonResponse(200, { metadata: {}, items: [older] }));
  const { user, history } = openPage(`${PAGE}?tab=history`, gateway);
  const row = (await screen.findByText('by lena')).closest('tr');
  expect(row?.textContent).toContain('7 blocked');
  expect(row?.textContent).toContain('2.0 s');
  await user.click(screen.getByRole('button', { name: 'Show older syncs' }));
  const rows = () => within(screen.getByRole('table')).getAllByRole('button', { expanded: false });
  await waitFor(() => expect(rows()).toHaveLength(2));
  expect(screen.queryByRole('button', { name: 'Show older syncs' })).toBeNull();
  await user.click(rows()[1] ?? document.body);
  expect(await screen.findByText('spec.replicas: 1 → 2')).toBeTruthy();
  expect(history.location.search).toContain('sync=');
  expect(await seriousFindings()).toEqual([]);
});

describe('what one can do', () => {
  test('a source is suspended and resumed by a click', async () => {
    const { sync, gateway } = gatewayOf();
    const { user } = openPage(PAGE, gateway);
    await user.click(await screen.findByRole('button', { name: 'Suspend' }));
    expect(await screen.findByText(/platform is suspended/)).toBeTruthy();
    emit(gateway, { ...sync, spec: { ...sync.spec, suspend: true } });
    await user.click(await screen.findByRole('button', { name: 'Resume' }));
    await waitFor(() => expect(gateway.asked.map(({ path }) => path)).toEqual([`${API}/suspend`, `${API}/resume`]));
  });

  test('deletions are confirmed by the name, for the revision that was shown', async () => {
    const blocked = [{ code: 'DeletionsBlocked', message: 'too many', object: '/ConfigMap/web/motd' }];
    const { sync, gateway } = gatewayOf({ problems: blocked, plan: { ...NO_PLAN, revision: REVISION, blocked: 7 } });
    const { user } = openPage(PAGE, gateway);
    await user.click(await screen.findByRole('button', { name: 'Confirm deletions' }));
    const dialog = await screen.findByRole('dialog', { name: 'Let revision aaaaaaaa delete 7 objects?' });
    expect(dialog.textContent).toContain('ConfigMap motd and 6 more');
    emit(gateway, { ...sync, status: { ...sync.status, attempted: NEWER } });
    const confirm = within(dialog).getByRole('button', { name: 'Confirm deletions' });
    expect(confirm).toHaveProperty('disabled', true);
    await user.type(within(dialog).getByRole('textbox'), 'platform');
    gateway.on('POST', `${API}/confirm`, () => problemResponse(409, 'PlanOutdated'));
    await user.click(confirm);
    expect(await screen.findByText('The deletions could not be confirmed')).toBeTruthy();
    expect(gateway.asked.map(({ path, body }) => [path, body])).toEqual([[`${API}/confirm`, { revision: REVISION }]]);
  });

  test('nothing is there to confirm where nothing is blocked', async () => {
    openPage(PAGE, gatewayOf().gateway);
    await screen.findByRole('button', { name: 'Suspend' });
    expect(screen.queryByRole('button', { name: 'Confirm deletions' })).toBeNull();
  });
});
