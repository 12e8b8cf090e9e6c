// Lists are live, and what is searched and filtered stands in the address; their states are in list-states.test.tsx.
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { gitSync, person, session, template } from '../../test/objects.ts';
import { openPage, seriousFindings } from '../../test/render-app.tsx';

const PLATFORM = person({
  name: 'admin',
  platformRole: 'platformAdmin',
  may: { gitSyncs: true, allSessions: true, audit: true, people: true, health: true },
});
test('Git sources are not offered without the right, and their address says who grants it', async () => {
  openPage('/sources', { me: person() });
  expect((await screen.findByRole('alert')).textContent).toContain('A platform admin can grant it.');
  expect(screen.queryByRole('link', { name: 'Git' })).toBeNull();
});

test('a template that comes to Git appears in the open catalog, and goes when it leaves', async () => {
  const { gateway } = openPage('/catalog', { templates: [template('terminal', { displayName: 'Terminal' })] });
  await screen.findByRole('heading', { name: 'Terminal' });
  const firefox = template('firefox', { displayName: 'Firefox' });
  gateway.emit('templates', 'added', firefox);
  const card = await screen.findByRole('article', { name: 'Firefox' });
  await waitFor(() => expect(card.dataset['flash']).toBe('true'));
  gateway.emit('templates', 'deleted', firefox);
  await waitFor(() => expect(screen.queryByRole('article', { name: 'Firefox' })).toBeNull());
});

test('P-07-3 a session that changes its phase changes its badge and makes one toast', async () => {
  const starting = session('one', 'Starting');
  const { gateway } = openPage('/sessions', { sessions: [starting, session('other', 'Starting', { owner: 'lead' })] });
  const row = (await screen.findByRole('link', { name: 'one' })).closest('tr');
  expect(row?.textContent).toContain('Starting');
  const running = session('one', 'Running');
  gateway.emit('sessions', 'changed', running);
  gateway.emit('sessions', 'changed', { ...running, metadata: { ...running.metadata, resourceVersion: '999999' } });
  gateway.emit('sessions', 'changed', session('other', 'Running', { owner: 'lead' }));
  await waitFor(() => expect(row?.textContent).toContain('Running'));
  expect(await screen.findAllByText('one is running')).toHaveLength(1);
  expect(screen.queryByText('other is running')).toBeNull();
});

test('P-05-1 what is searched and filtered stands in the address, and the address gives it back', async () => {
  const templates = [
    template('terminal', { displayName: 'Terminal', categories: ['Development'] }),
    template('firefox', { displayName: 'Firefox', categories: ['Internet'] }),
  ];
  const { user, history } = openPage('/catalog?category=Internet', { templates });
  expect(await screen.findByRole('heading', { name: 'Firefox' })).toBeTruthy();
  expect(screen.queryByRole('heading', { name: 'Terminal' })).toBeNull();
  await user.click(within(screen.getByRole('group', { name: 'Category' })).getByRole('button', { name: 'All' }));
  await user.type(screen.getByRole('searchbox'), 'trminal');
  expect(await screen.findByRole('heading', { name: 'Terminal' })).toBeTruthy();
  await waitFor(() => expect(history.location.href).toBe('/catalog?q=trminal'));
  await waitFor(() => expect(screen.queryByRole('heading', { name: 'Firefox' })).toBeNull());
});

test('a Git source shows revision, problems with place and remedy, and its plan', async () => {
  const sync = gitSync('platform', {
    revision: 'a'.repeat(40),
    attempted: 'b'.repeat(40),
    commit: { author: 'Lena', message: 'Break it', time: '2026-11-24T10:00:00Z' },
    conditions: [
      { type: 'Ready', status: 'False', reason: 'YamlInvalid', message: 'broken', lastTransitionTime: '2026-11-24T10:00:00Z' },
    ],
    problems: [{ code: 'YamlInvalid', message: 'mapping values are not allowed here', file: 'templates/a.yaml', line: 17 }],
    plan: {
      create: 1,
      configure: 0,
      replace: 0,
      unchanged: 3,
      delete: 0,
      skip: 0,
      blocked: 0,
      warnings: [],
      changes: [{ action: 'create', object: 'apps/Deployment/team-web/web', file: 'web.yaml', line: 1 }],
    },
  });
  const { user, gateway } = openPage('/sources/streamspace/platform', { me: PLATFORM, gitsyncs: [sync] });
  expect(await screen.findByText('templates/a.yaml:17')).toBeTruthy();
  expect(screen.getAllByText('Correct the file at the named line.').length).toBeGreaterThan(0);
  expect(screen.getByText('Break it')).toBeTruthy();
  expect(await seriousFindings()).toEqual([]);
  await user.click(screen.getByRole('button', { name: 'Sync now: platform' }));
  await waitFor(() =>
    expect(gateway.asked.map(({ path }) => path)).toEqual(['/api/v1/namespaces/streamspace/gitsyncs/platform/sync']),
  );
  await user.click(screen.getByRole('link', { name: 'Plan' }));
  expect(await screen.findByText('web.yaml:1')).toBeTruthy();
});
