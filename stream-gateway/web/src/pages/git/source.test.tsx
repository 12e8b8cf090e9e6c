// The page of one Git source: what it does now, and its tabs in the address.
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { GitSyncView } from '../../../../../schemas/api/api.ts';
import { type FakeGateway, fakeGateway } from '../../../test/fake-gateway.ts';
import { gitSync, person } from '../../../test/objects.ts';
import { openPage, seriousFindings } from '../../../test/render-app.tsx';

const PLATFORM = person({ may: { gitSyncs: true, allSessions: true, audit: true, people: true, health: true } });
const PAGE = '/sources/streamspace/platform';
const REVISION = 'a'.repeat(40);
const NEWER = 'b'.repeat(40);
const DEPLOYMENT = 'apps/Deployment/team-web/web';
const NO_PLAN = { create: 0, configure: 0, replace: 0, unchanged: 0, delete: 0, skip: 0, blocked: 0, warnings: [], changes: [] };

function gatewayOf(status: Parameters<typeof gitSync>[1] = {}, spec: Parameters<typeof gitSync>[2] = {}) {
  const sync = gitSync('platform', { revision: REVISION, attempted: REVISION, ...status }, spec);
  return { sync, gateway: fakeGateway({ me: PLATFORM, gitsyncs: [sync] }) };
}

function emit(gateway: FakeGateway, sync: GitSyncView): void {
  gateway.emit('gitsyncs', 'changed', sync);
}

test('the overview says what the sync does now, and follows it', async () => {
  const operation = { phase: 'Applying', startedAt: new Date().toISOString(), revision: NEWER, done: 3, total: 12 } as const;
  const units = [
    { name: 'web', path: 'web', objects: 3, ready: true },
    {
      name: 'data',
      path: 'data',
      objects: 0,
      ready: false,
      problem: { code: 'YamlInvalid', message: 'no', file: 'a.yaml', line: 2 },
    },
  ];
  const windows = [
    { kind: 'Deny', schedule: '0 8 * * MON-FRI', duration: '10h', timeZone: 'Europe/Berlin', manual: true } as const,
  ];
  const orphans = { count: 3, sample: ['/ConfigMap/web/left-over'], at: new Date().toISOString() };
  const { sync, gateway } = gatewayOf({ operation, units, orphans }, { windows, dependsOn: [{ name: 'base' }] });
  openPage(PAGE, gateway);
  const now = await screen.findByRole('region', { name: 'Now' });
  expect(within(now).getByRole('status').textContent).toBe('Applies');
  expect(within(now).getByRole<HTMLProgressElement>('progressbar').value).toBe(3);
  expect(now.textContent).toContain('3 of 12');
  expect(screen.getByText('1 of 2 ready')).toBeTruthy();
  expect(screen.getByRole('region', { name: 'In nobody’s Git' }).textContent).toContain('left-over web');
  expect(screen.getByText('and 2 more')).toBeTruthy();
  expect(screen.getByText('a.yaml:2')).toBeTruthy();
  expect(screen.getByText(/at 0 8 \* \* MON-FRI \(Europe\/Berlin\) for 10h/)).toBeTruthy();
  expect(screen.getByRole('link', { name: 'base' }).getAttribute('href')).toBe('/sources/streamspace/base');
  expect(await seriousFindings()).toEqual([]);
  const waiting = { ...operation, phase: 'WaitingForHealth' as const, done: 11, waitingFor: [DEPLOYMENT] };
  emit(gateway, { ...sync, status: { ...sync.status, operation: waiting } });
  await waitFor(() => expect(within(now).getByRole('status').textContent).toBe('Waits until everything is healthy'));
  expect(within(now).getByTitle(DEPLOYMENT)).toBeTruthy();
  emit(gateway, { ...sync, status: { revision: NEWER, attempted: NEWER } });
  await waitFor(() => expect(screen.queryByRole('region', { name: 'Now' })).toBeNull());
});

test('who may not change a source is shown no button that would be refused', async () => {
  const problems = [{ code: 'DeletionsBlocked' as const, message: 'waits for a confirmation', object: DEPLOYMENT }];
  const sync = gitSync('platform', { revision: REVISION, attempted: NEWER, plan: { ...NO_PLAN, blocked: 1 }, problems });
  const reader = { ...sync, may: { update: false } };
  openPage(PAGE, fakeGateway({ me: PLATFORM, gitsyncs: [reader] }));
  await screen.findByRole('heading', { level: 1, name: 'platform' });
  expect(screen.queryByRole('button', { name: /sync now|suspend|confirm/i })).toBeNull();
});

test('the plan is filtered by what happens, and the filter stands in the address', async () => {
  const plan = {
    ...NO_PLAN,
    create: 1,
    delete: 1,
    changes: [
      { action: 'create' as const, object: '/ConfigMap/web/new', file: 'a.yaml', line: 1 },
      { action: 'delete' as const, object: '/ConfigMap/web/old' },
    ],
  };
  const { user, history } = openPage(PAGE, gatewayOf({ plan }).gateway);
  await user.click(await screen.findByRole('link', { name: 'Plan' }));
  await user.click(await screen.findByRole('button', { name: 'Delete 1' }));
  const tabs = within(screen.getByRole('navigation', { name: 'Parts of this source' }));
  expect(tabs.getAllByRole('link', { current: 'page' }).map((tab) => tab.textContent)).toEqual(['Plan']);
  await waitFor(() => expect(history.location.search).toBe('?tab=plan&action=delete'));
  expect(screen.getByTitle('/ConfigMap/web/old')).toBeTruthy();
  expect(screen.queryByTitle('/ConfigMap/web/new')).toBeNull();
  expect(await seriousFindings()).toEqual([]);
});
