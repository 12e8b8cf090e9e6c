// The way in while the identity provider is away, and what platform admins are told of it.
import { screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { fakeGateway, jsonResponse, problemResponse } from '../../../test/fake-gateway.ts';
import { person } from '../../../test/objects.ts';
import { openPage, seriousFindings } from '../../../test/render-app.tsx';

test('the password is asked for at its own address only; a wrong one is told, the right one leads home', async () => {
  const gateway = fakeGateway({ me: null });
  let signedIn = false;
  gateway.on('GET', '/api/v1/me', () => (signedIn ? jsonResponse(200, person()) : problemResponse(401, 'SignInRequired')));
  gateway.on('POST', '/auth/break-glass', (body) => {
    signedIn = JSON.stringify(body) === '{"password":"right"}';
    return signedIn
      ? new Response(null, { status: 204 })
      : problemResponse(401, 'SignInFailed', { detail: 'the password is wrong' });
  });
  const { user, history } = openPage('/break-glass', gateway);
  const field = await screen.findByLabelText('Password');
  await user.type(field, 'wrong');
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  expect((await screen.findByRole('alert')).textContent).toContain('the password is wrong');
  expect(await seriousFindings()).toEqual([]);
  await user.clear(field);
  await user.type(field, 'right');
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  await waitFor(() => expect(history.location.pathname).toBe('/'));
  expect(await screen.findByRole('navigation', { name: 'Main' })).toBeTruthy();
});

test('platform admins are told on every page that the account was used, by whom and from where', async () => {
  const uses = [0, 1].map((hours) => ({
    ...{ person: 'break-glass:ops', address: '192.0.2.7', at: new Date(Date.now() - hours * 3_600_000 - 60_000).toISOString() },
  }));
  openPage('/', { me: person({ breakGlass: uses }) });
  const banner = await screen.findByText(/break-glass:ops was used from 192\.0\.2\.7/);
  expect(banner.textContent).toMatch(/and 1 more in 24 hours/);
});
