// The page of the audit log: search, chips, details, kept searches, export; and what those see who may not.
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { AuditEventView } from '../../../../../schemas/api/api.ts';
import { type FakeGateway, fakeGateway, jsonResponse } from '../../../test/fake-gateway.ts';
import { person } from '../../../test/objects.ts';
import { openPage, seriousFindings } from '../../../test/render-app.tsx';

const AUDITOR = person({
  platformRole: 'auditor',
  may: { gitSyncs: true, allSessions: true, audit: true, people: true, health: true },
});
const EVENT: AuditEventView = {
  ...{ id: 'e1', at: '2026-11-28T08:00:00.000Z', type: 'session.created', actor: 'ann', result: 'success' },
  ...{ object: 'Session/team-web/demo', sourceAddress: '10.0.0.7', requestId: 'req-00000001', details: { template: 'terminal' } },
};
const LIST = '/api/v1/audit?limit=50';

function gateway(items: readonly AuditEventView[] = [EVENT]): FakeGateway {
  const made = fakeGateway({ me: AUDITOR });
  made.on('GET', LIST, () => jsonResponse(200, { metadata: {}, items }));
  return made;
}

test('what is typed is asked for, stands in the address, and can be taken away again', async () => {
  const made = gateway();
  made.on('GET', `${LIST}&q=actor%3Aann+result%3Adenied`, () => jsonResponse(200, { metadata: {}, items: [] }));
  const { user, history } = openPage('/audit', made);
  const field = await screen.findByPlaceholderText(/actor:ann/);
  await user.type(field, 'actor:ann result:denied');
  await screen.findByRole('heading', { name: 'No event fits the search' });
  expect(new URLSearchParams(history.location.search).get('q')).toBe('actor:ann result:denied');
  const chips = screen.getByRole('list', { name: 'Search terms' });
  expect(within(chips).getAllByRole('listitem')).toHaveLength(2);
  await user.click(screen.getAllByRole('button', { name: 'Clear the search' })[0] ?? field);
  await screen.findByText('session.created');
  expect(await seriousFindings()).toEqual([]);
});

test('what is written wrongly is told with its place, and not asked', async () => {
  const { user } = openPage('/audit', gateway());
  await user.type(await screen.findByPlaceholderText(/actor:ann/), 'actor:ann nosuch:x');
  expect(await screen.findByText(/At character 11: there is no key "nosuch"/)).toBeTruthy();
  await waitFor(() => expect(screen.queryByRole('table')).toBeNull());
});

test('a row opens all that is known, with links, and narrows the search', async () => {
  const made = gateway();
  made.on('GET', `${LIST}&q=address%3A10.0.0.7`, () => jsonResponse(200, { metadata: {}, items: [EVENT] }));
  const { user, history } = openPage('/audit', made);
  await user.click(await screen.findByRole('button', { name: /Show details/ }));
  const link = await screen.findByRole('link', { name: 'Session/team-web/demo' });
  expect(link.getAttribute('href')).toBe('/sessions/team-web/demo');
  for (const words of ['req-00000001', 'terminal', '10.0.0.7']) expect(screen.getByText(words)).toBeTruthy();
  expect(await seriousFindings()).toEqual([]);
  await user.click(screen.getByRole('button', { name: /Only these\s*address:10\.0\.0\.7/ }));
  await waitFor(() => expect(new URLSearchParams(history.location.search).get('q')).toBe('address:10.0.0.7'));
});

test('what somebody did with kubectl is told as such, with the fields that changed and the object', async () => {
  const diff = JSON.stringify([
    { path: 'spec.image', before: 'a:1', after: 'a:2' },
    { path: 'spec.env[name=TZ]', after: { name: 'TZ', value: 'UTC' } },
  ]);
  const details = { origin: 'kubernetes', verb: 'patch', userAgent: 'kubectl/v1.36', diff, after: '{"spec":{"image":"a:2"}}' };
  const made = gateway([{ ...EVENT, type: 'object.changed', object: 'Template/team-web/one', details }]);
  const { user } = openPage('/audit', made);
  expect(await screen.findByText('past StreamSpace')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: /Show details/ }));
  const fields = within(await screen.findByRole('list', { name: 'Changed fields' })).getAllByRole('listitem');
  expect(fields.map(({ textContent }) => textContent)).toEqual([
    'spec.image: a:1 → a:2',
    'spec.env[name=TZ]: nothing → {"name":"TZ","value":"UTC"}',
  ]);
  expect(screen.getByText('The object after')).toBeTruthy();
  expect(screen.getByText('kubectl/v1.36')).toBeTruthy();
  expect(await seriousFindings()).toEqual([]);
});

test('a search is kept, opened and forgotten, and exports say their limit', async () => {
  const made = gateway();
  made.on('GET', '/api/v1/audit/views', () =>
    jsonResponse(200, { items: [{ name: 'refusals', query: 'result:refused', savedAt: '2026-11-28T08:00:00Z' }] }),
  );
  const { user } = openPage('/audit', made);
  await user.click(await screen.findByRole('button', { name: 'Kept searches' }));
  expect((await screen.findByRole('link', { name: 'refusals' })).getAttribute('href')).toBe('/audit?q=result%3Arefused');
  await user.type(screen.getByRole('textbox', { name: 'Name' }), 'all');
  await user.click(screen.getByRole('button', { name: 'Save this search' }));
  await user.click(await screen.findByRole('button', { name: 'Forget refusals' }));
  await waitFor(() =>
    expect(made.asked.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['PUT', '/api/v1/audit/views/all', { query: '' }],
      ['DELETE', '/api/v1/audit/views/refusals', null],
    ]),
  );
  await user.keyboard('{Escape}');
  await user.click(screen.getByRole('button', { name: 'Export' }));
  const csv = await screen.findByRole('menuitem', { name: 'CSV' });
  expect(csv.getAttribute('href')).toBe('/api/v1/audit/export?q=&format=csv');
  expect(screen.getByText(/up to 1,000,000 events/)).toBeTruthy();
});

test('who may not read it is told so, nobody is asked, and it is not in the navigation', async () => {
  const made = fakeGateway();
  openPage('/audit', made);
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toMatch(/You may not see this.*platform admins and auditors.*A platform admin can grant it/);
  expect(screen.queryByRole('link', { name: 'Activity' })).toBeNull();
  expect(screen.queryByPlaceholderText(/actor:ann/)).toBeNull();
});
