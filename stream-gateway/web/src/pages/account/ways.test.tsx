// The ways through the page: sign in, launch, end a session, keys, theme.
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { fakeGateway, jsonResponse, problemResponse } from '../../../test/fake-gateway.ts';
import { person, session, template } from '../../../test/objects.ts';
import { openPage, seriousFindings } from '../../../test/render-app.tsx';

const TERMINAL = template('terminal', {
  displayName: 'Terminal',
  icon: 'terminal',
  summary: 'A shell.',
  categories: ['Development'],
});
const TWO_TEAMS = person({
  teams: [
    { name: 'web', displayName: 'Web', namespace: 'team-web', role: 'member' },
    { name: 'data', displayName: 'Data', namespace: 'team-data', role: 'admin' },
    { name: 'ops', displayName: 'Ops', namespace: 'team-ops', role: 'viewer' },
  ],
});

test('who is not signed in sees what this is, and comes back to the same address', async () => {
  openPage('/catalog?q=fire', { me: null });
  const link = await screen.findByRole('link', { name: 'Sign in' });
  await waitFor(() => expect(link.getAttribute('href')).toBe('/auth/sign-in?returnTo=%2Fcatalog%3Fq%3Dfire&provider=settings'));
  expect(await seriousFindings()).toEqual([]);
});

const TWO_WAYS = [
  { name: 'settings', type: 'OIDC', displayName: 'Single sign-on' },
  { name: 'partners', type: 'OIDC', displayName: 'Partners' },
  { name: 'octo', type: 'GitHub', displayName: 'GitHub' },
];

test('of several ways to sign in one is chosen, by keyboard, and none is taken by itself', async () => {
  const gateway = fakeGateway({ me: null });
  gateway.on('GET', '/auth/providers', () => jsonResponse(200, { items: TWO_WAYS }));
  const { user } = openPage('/catalog', gateway);
  const partners = await screen.findByRole('link', { name: 'Sign in with Partners' });
  expect(partners.getAttribute('href')).toBe('/auth/sign-in?returnTo=%2Fcatalog&provider=partners');
  expect(screen.queryByRole('link', { name: 'Sign in' })).toBeNull();
  await user.tab();
  await user.tab();
  expect(document.activeElement).toBe(partners);
  await user.tab();
  const octo = screen.getByRole('link', { name: 'Sign in with GitHub' });
  expect(octo.getAttribute('href')).toBe('/auth/sign-in?returnTo=%2Fcatalog&provider=octo');
  expect(document.activeElement).toBe(octo);
  expect(await seriousFindings()).toEqual([]);
});

test('who has to choose gets the ways of the host name that he came by, signed in or not', async () => {
  const gateway = fakeGateway();
  gateway.on('GET', '/auth/providers?host=partners.example.com', () => jsonResponse(200, { items: TWO_WAYS }));
  openPage('/sign-in?returnTo=%2Frecordings%2F7&host=partners.example.com', gateway);
  const link = await screen.findByRole('link', { name: 'Sign in with Single sign-on' });
  expect(link.getAttribute('href')).toBe('/auth/sign-in?returnTo=%2Frecordings%2F7&provider=settings');
});

test('a directory asks for name and password; a wrong one is told, and nothing of it stays', async () => {
  const gateway = fakeGateway({ me: null });
  const directory = { name: 'corp', type: 'LDAP', displayName: 'Company' };
  gateway.on('GET', '/auth/providers?provider=corp', () => jsonResponse(200, { items: [directory] }));
  gateway.on('POST', '/auth/password', () => problemResponse(401, 'SignInFailed'));
  const { user } = openPage('/sign-in?returnTo=%2Fcatalog&provider=corp', gateway);
  await user.type(await screen.findByRole('textbox', { name: /Name/ }), 'mia');
  await user.type(screen.getByLabelText(/^Password/), 'wrong one{Enter}');
  expect((await screen.findByRole('alert')).textContent).toBe('The name or the password is wrong.');
  const given = { provider: 'corp', username: 'mia', password: 'wrong one', returnTo: '/catalog' };
  expect(gateway.asked).toMatchObject([{ method: 'POST', path: '/auth/password', body: given }]);
  expect(screen.getByLabelText<HTMLInputElement>(/^Password/).value).toBe('');
  expect(document.activeElement).toBe(screen.getByLabelText(/^Password/));
  expect(await seriousFindings()).toEqual([]);
});

test('ways that cannot be read are told, and asked for again', async () => {
  const gateway = fakeGateway({ me: null });
  gateway.on('GET', '/auth/providers', () => problemResponse(503, 'GatewayUnreachable'));
  const { user } = openPage('/', gateway);
  expect(await screen.findByText('The ways to sign in could not be read.')).toBeTruthy();
  gateway.on('GET', '/auth/providers', () => jsonResponse(200, { items: TWO_WAYS }));
  await user.click(screen.getByRole('button', { name: /again/i }));
  expect(await screen.findByRole('link', { name: 'Sign in with Partners' })).toBeTruthy();
});

test('a sign-in that ends elsewhere leads back to signing in', async () => {
  const gateway = fakeGateway({ templates: [TERMINAL] });
  const { user } = openPage('/catalog', gateway);
  await screen.findByRole('heading', { name: 'Terminal' });
  gateway.on('GET', '/api/v1/me', () => problemResponse(401, 'SignInRequired'));
  gateway.on('POST', '/api/v1/namespaces/team-web/sessions', () => problemResponse(401, 'SignInRequired'));
  await user.click(screen.getByRole('button', { name: 'Launch Terminal' }));
  expect(await screen.findByRole('link', { name: 'Sign in' })).toBeTruthy();
});

test('Launch makes a session in the team and shows its start by stages', async () => {
  const gateway = fakeGateway({ templates: [TERMINAL] });
  const pending = session('terminal-abc12', 'Pending', { template: TERMINAL });
  gateway.on('POST', '/api/v1/namespaces/team-web/sessions', () => jsonResponse(201, pending));
  const { user, history } = openPage('/catalog', gateway);
  await user.click(await screen.findByRole('button', { name: 'Launch Terminal' }));
  expect(await screen.findByText('Desktop answers')).toBeTruthy();
  expect(history.location.pathname).toBe('/s/team-web/terminal-abc12');
  expect(gateway.asked.map(({ body }) => body)).toEqual([{ spec: { template: 'streamspace/terminal' } }]);
  expect(await seriousFindings()).toEqual([]);
});

test('with several teams I choose the one, of those in which I may start', async () => {
  const gateway = fakeGateway({ me: TWO_TEAMS, templates: [TERMINAL] });
  gateway.on('POST', '/api/v1/namespaces/team-data/sessions', () =>
    problemResponse(403, 'Forbidden', { detail: 'no room in Data' }),
  );
  const { user } = openPage('/catalog/streamspace/terminal', gateway);
  const teams = await screen.findByRole('radiogroup', { name: 'Start in team' });
  expect(within(teams).getAllByRole('radio')).toHaveLength(2);
  await user.click(within(teams).getByRole('radio', { name: 'Data' }));
  await user.click(screen.getByRole('button', { name: 'Launch' }));
  expect((await screen.findByText(/no room in Data/)).textContent).toContain('(Forbidden)');
  expect(gateway.asked.map(({ path }) => path)).toEqual(['/api/v1/namespaces/team-data/sessions']);
});

test('P-05-6 who may not start sessions reads why, and who can change it', async () => {
  const me = person({ teams: [{ name: 'ops', displayName: 'Ops', namespace: 'team-ops', role: 'viewer' }] });
  openPage('/catalog/streamspace/terminal', { me, templates: [TERMINAL] });
  expect(await screen.findByText(/Your role in Ops does not include starting sessions/)).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Launch' })).toBeNull();
});

test('on Home one key launches, but not while one types', async () => {
  const gateway = fakeGateway({ templates: [TERMINAL], sessions: [session('one', 'Running')] });
  gateway.on('POST', '/api/v1/namespaces/team-web/sessions', () => jsonResponse(201, session('two', 'Pending')));
  const { user, history } = openPage('/', gateway);
  await screen.findByRole('button', { name: 'Launch Terminal' });
  expect(await screen.findByRole('article', { name: 'one' })).toBeTruthy();
  expect(await seriousFindings()).toEqual([]);
  await user.keyboard('1');
  await waitFor(() => expect(history.location.pathname).toBe('/s/team-web/two'));
  expect(gateway.asked).toHaveLength(1);
});

test('terminating asks for the name; hibernating does not', async () => {
  const gateway = fakeGateway({ sessions: [session('one', 'Running')] });
  gateway.on('PATCH', '/api/v1/namespaces/team-web/sessions/one', (body) =>
    jsonResponse(200, { ...session('one', 'Hibernating'), ...(body as object) }),
  );
  const { user } = openPage('/sessions', gateway);
  await user.click(await screen.findByRole('button', { name: 'More for one' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Terminate' }));
  const dialog = await screen.findByRole('dialog', { name: 'Terminate one?' });
  const confirm = within(dialog).getByRole('button', { name: 'Terminate' });
  expect(confirm.hasAttribute('disabled')).toBe(true);
  await user.type(within(dialog).getByRole('textbox', { name: 'Type one to confirm' }), 'one');
  expect(gateway.asked).toEqual([]);
  await user.click(confirm);
  await waitFor(() => expect(gateway.asked.map(({ body }) => body)).toEqual([{ spec: { desiredState: 'Terminated' } }]));
});

test('a new API key is shown once, with a button to copy it', async () => {
  const gateway = fakeGateway();
  gateway.on('POST', '/api/v1/me/api-keys', () =>
    jsonResponse(201, { id: 'k', name: 'laptop', prefix: 'ssk_k', key: 'ssk_k_secret' }),
  );
  const { user } = openPage('/me', gateway);
  await user.click(await screen.findByRole('button', { name: 'New key' }));
  const dialog = await screen.findByRole('dialog', { name: 'New key' });
  await user.click(within(dialog).getByRole('button', { name: 'Create key' }));
  expect(within(dialog).getByText(/Write a name/)).toBeTruthy();
  await user.type(within(dialog).getByRole('textbox', { name: 'What is it for?' }), 'laptop');
  await user.click(within(dialog).getByRole('button', { name: 'Create key' }));
  expect(await within(dialog).findByText('ssk_k_secret')).toBeTruthy();
  expect(within(dialog).getByRole('button', { name: 'Copy' })).toBeTruthy();
  expect(gateway.asked.map(({ body }) => body)).toEqual([{ name: 'laptop', expiresInDays: 90, scopes: ['*'], addresses: [] }]);
  await user.click(within(dialog).getByRole('button', { name: 'I have copied it' }));
  await waitFor(() => expect(screen.queryByText('ssk_k_secret')).toBeNull());
});

test('a key is narrowed to areas and addresses, and to at least one area', async () => {
  const gateway = fakeGateway();
  gateway.on('POST', '/api/v1/me/api-keys', () =>
    jsonResponse(201, { id: 'k', name: 'ci', prefix: 'ssk_k', key: 'ssk_k_secret' }),
  );
  const { user } = openPage('/me', gateway);
  await user.click(await screen.findByRole('button', { name: 'New key' }));
  const dialog = await screen.findByRole('dialog', { name: 'New key' });
  await user.type(within(dialog).getByRole('textbox', { name: 'What is it for?' }), 'ci');
  await user.selectOptions(within(dialog).getByRole('combobox', { name: 'May do' }), 'What I choose');
  await user.click(within(dialog).getByRole('button', { name: 'Create key' }));
  expect(within(dialog).getByRole('alert').textContent).toBe('Choose at least one area.');
  await user.selectOptions(within(dialog).getByRole('combobox', { name: 'Sessions' }), 'Change');
  await user.selectOptions(within(dialog).getByRole('combobox', { name: 'Audit' }), 'Read');
  await user.type(within(dialog).getByRole('textbox', { name: /^Only from/ }), '10.0.0.0/8, 2001:db8::1');
  expect(await seriousFindings()).toEqual([]);
  await user.click(within(dialog).getByRole('button', { name: 'Create key' }));
  expect(await within(dialog).findByText('ssk_k_secret')).toBeTruthy();
  expect(gateway.asked.map(({ body }) => body)).toEqual([
    {
      ...{ name: 'ci', expiresInDays: 90 },
      ...{ scopes: ['audit:read', 'sessions:write'], addresses: ['10.0.0.0/8', '2001:db8::1'] },
    },
  ]);
});

test('the theme is chosen under My account and stays on this device', async () => {
  const { user } = openPage('/me');
  await user.click(await screen.findByRole('radio', { name: 'Dark' }));
  expect(document.documentElement.dataset['mantineColorScheme']).toBe('dark');
  expect(localStorage.getItem('streamspace.color-scheme')).toBe('dark');
  expect(await seriousFindings()).toEqual([]);
});

test('the command palette finds a template by a mistyped word', async () => {
  const { user, history } = openPage('/', { templates: [TERMINAL] });
  await screen.findByRole('heading', { name: 'Home' });
  await user.keyboard('/');
  await user.type(await screen.findByRole('textbox', { name: 'Search' }), 'trminal');
  await user.click(await screen.findByRole('button', { name: /^Terminal/ }));
  await waitFor(() => expect(history.location.pathname).toBe('/catalog/streamspace/terminal'));
});

test('an address that leads nowhere says so', async () => {
  openPage('/nowhere');
  expect(await screen.findByRole('heading', { name: 'There is no such page' })).toBeTruthy();
});
