// Sign-ins on the account page, and people for those who run the platform.
import { cleanup, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { PersonDetail, SignInView } from '../../../../../schemas/api/people.ts';
import { fakeGateway, jsonResponse, problemResponse } from '../../../test/fake-gateway.ts';
import { person } from '../../../test/objects.ts';
import { openPage, seriousFindings } from '../../../test/render-app.tsx';

const ADMIN = person({
  name: 'admin',
  platformRole: 'platformAdmin',
  may: { gitSyncs: true, allSessions: true, audit: true, people: true, health: true },
});
const time = (minutesAgo: number): string => new Date(Date.now() - minutesAgo * 60_000).toISOString();
const signIn = (id: string, fields: Partial<SignInView> = {}): SignInView => ({
  ...{ id, browser: 'Firefox 142 on Linux', address: '192.0.2.7', since: time(60), lastSeenAt: time(2) },
  ...{ expiresAt: time(-600), current: false, ...fields },
});
const MIA: PersonDetail = {
  ...{ name: 'mia', displayName: 'Mia Member', groups: ['web'], teams: ['web'], lastSignInAt: time(60) },
  ...{ signIns: 1, apiKeys: 0, lock: null, signInItems: [signIn('a')], apiKeyItems: [] },
  may: { update: true, delete: true },
};

test('the account page tells where one is signed in; another one is ended at once, all others after a question', async () => {
  const gateway = fakeGateway();
  const items = [
    signIn('here', { current: true }),
    signIn('there', { browser: 'Chrome 141 on Windows', address: '198.51.100.9' }),
  ];
  gateway.on('GET', '/api/v1/me/sign-ins', () => jsonResponse(200, { items }));
  const { user } = openPage('/me', gateway);
  const section = within(await screen.findByRole('region', { name: 'Where you are signed in' }));
  expect((await section.findByRole('row', { name: /Firefox 142 on Linux/ })).textContent).toContain('this one');
  // One's own ends by signing out.
  expect(section.getAllByRole('button', { name: /^End the sign-in of/ })).toHaveLength(1);
  await user.click(section.getByRole('button', { name: 'End the sign-in of Chrome 141 on Windows, 198.51.100.9' }));
  await waitFor(() => expect(gateway.asked).toMatchObject([{ method: 'DELETE', path: '/api/v1/me/sign-ins/there' }]));
  await user.click(section.getByRole('button', { name: 'End all others' }));
  await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'End all others' }));
  await waitFor(() => expect(gateway.asked.at(-1)).toMatchObject({ method: 'DELETE', path: '/api/v1/me/sign-ins' }));
  expect(await seriousFindings()).toEqual([]);
});

test('a person is locked with a reason, and forgotten only after the name was typed', async () => {
  const gateway = fakeGateway({ me: ADMIN });
  gateway.on('GET', '/api/v1/people/mia', () => jsonResponse(200, MIA));
  gateway.on('GET', '/api/v1/people?limit=50', () => jsonResponse(200, { metadata: {}, items: [] }));
  const { user, history } = openPage('/people/mia', gateway);
  await user.click(await screen.findByRole('button', { name: 'Lock' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Lock mia?' }));
  expect(dialog.getByRole('button', { name: 'Lock' })).toHaveProperty('disabled', true);
  await user.type(dialog.getByRole('textbox', { name: 'Why' }), 'left the company');
  expect(await seriousFindings()).toEqual([]);
  await user.click(dialog.getByRole('button', { name: 'Lock' }));
  await waitFor(() =>
    expect(gateway.asked).toMatchObject([
      { method: 'PUT', path: '/api/v1/people/mia/lock', body: { reason: 'left the company' } },
    ]),
  );
  await user.click(await screen.findByRole('button', { name: 'Forget' }));
  const forget = within(await screen.findByRole('dialog', { name: 'Forget mia?' }));
  await user.type(forget.getByRole('textbox'), 'mia');
  await user.click(forget.getByRole('button', { name: 'Forget' }));
  await waitFor(() => expect(history.location.pathname).toBe('/people'));
  expect(gateway.asked.at(-1)).toMatchObject({ method: 'DELETE', path: '/api/v1/people/mia' });
});

test('the second factors of somebody who has lost them are reset by a platform admin, after the name was typed', async () => {
  const gateway = fakeGateway({ me: ADMIN });
  gateway.on('GET', '/api/v1/people/mia', () => jsonResponse(200, MIA));
  gateway.on('DELETE', '/api/v1/people/mia/factors', () => jsonResponse(200, { removed: 2 }));
  const { user } = openPage('/people/mia', gateway);
  await user.click(await screen.findByRole('button', { name: 'Reset second factors' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Reset the second factors of mia?' }));
  const reset = dialog.getByRole('button', { name: 'Reset second factors' });
  expect(reset).toHaveProperty('disabled', true);
  await user.type(dialog.getByRole('textbox'), 'mia');
  expect(await seriousFindings()).toEqual([]);
  await user.click(reset);
  await waitFor(() => expect(gateway.asked).toMatchObject([{ method: 'DELETE', path: '/api/v1/people/mia/factors' }]));
  expect(await screen.findByText('The second factors of mia are removed.')).toBeTruthy();
});

test('neither an auditor nor the person itself is offered to reset second factors, and a machine has none', async () => {
  const auditor = person({ ...ADMIN, name: 'ann', platformRole: 'auditor' });
  for (const [me, name] of [
    [auditor, 'mia'],
    [ADMIN, 'admin'],
    [ADMIN, 'machine:web.ci'],
  ] as const) {
    const gateway = fakeGateway({ me });
    gateway.on('GET', `/api/v1/people/${encodeURIComponent(name)}`, () => jsonResponse(200, { ...MIA, name }));
    openPage(`/people/${name}`, gateway);
    expect(await screen.findByRole('button', { name: 'End all sign-ins' })).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Reset second factors' })).toBeNull();
    cleanup();
  }
});

test('who is locked shows since when, by whom and why, and can be unlocked; oneself cannot be locked', async () => {
  const gateway = fakeGateway({ me: ADMIN });
  const lock = { by: 'admin', reason: 'a lost laptop', at: time(5) };
  gateway.on('GET', '/api/v1/people/mia', () => jsonResponse(200, { ...MIA, lock }));
  const { user } = openPage('/people/mia', gateway);
  expect(await screen.findByText(/by admin: a lost laptop/)).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Lock' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Unlock' }));
  await waitFor(() => expect(gateway.asked).toMatchObject([{ method: 'DELETE', path: '/api/v1/people/mia/lock' }]));
});

test('nobody is offered to lock or forget himself', async () => {
  const gateway = fakeGateway({ me: ADMIN });
  gateway.on('GET', '/api/v1/people/admin', () => jsonResponse(200, { ...MIA, name: 'admin' }));
  openPage('/people/admin', gateway);
  expect(await screen.findByRole('button', { name: 'End all sign-ins' })).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Lock' })).toBeNull();
  expect(screen.queryByRole('button', { name: 'Forget' })).toBeNull();
});

test('the search and the state stand in the address, and are asked of the server', async () => {
  const gateway = fakeGateway({ me: ADMIN });
  const page = (items: readonly unknown[]) => () => jsonResponse(200, { metadata: {}, items });
  gateway.on('GET', '/api/v1/people?limit=50&search=mia&state=locked', page([]));
  gateway.on('GET', '/api/v1/people?limit=50', page([MIA]));
  const { user, history } = openPage('/people?q=mia&state=locked', gateway);
  expect(await screen.findByRole('heading', { name: 'Nobody fits' })).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Clear the filters' }));
  expect(await screen.findByRole('link', { name: 'Mia Member' })).toBeTruthy();
  expect(history.location.href).toBe('/people');
  expect(await seriousFindings()).toEqual([]);
});

test('a person who is not there is told as a failure with its code', async () => {
  const gateway = fakeGateway({ me: ADMIN });
  gateway.on('GET', '/api/v1/people/gone', () => problemResponse(404, 'NotFound'));
  openPage('/people/gone', gateway);
  // Notices of the tests before are alerts as well.
  const heading = await screen.findByRole('heading', { name: 'This person could not be loaded' });
  expect(heading.parentElement?.textContent).toContain('NotFound');
});
