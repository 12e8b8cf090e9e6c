// Second factors as a person meets them: on the way in, when something asks again, and in My account. Passkeys need a real browser
// (test/e2e/second-factors.test.ts).
import { screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { FactorQuestion } from '../../../../../schemas/api/factors.ts';
import { fakeGateway, jsonResponse, problemResponse } from '../../../test/fake-gateway.ts';
import { person } from '../../../test/objects.ts';
import { openPage, seriousFindings } from '../../../test/render-app.tsx';

const QUESTION: FactorQuestion = {
  ...{
    waiting: true,
    person: 'member',
    methods: ['Totp', 'RecoveryCode'],
    enrol: [],
    returnTo: '/catalog',
    csrfToken: 'waiting',
  },
};

function waiting(question: Partial<FactorQuestion> = {}) {
  const gateway = fakeGateway({ me: null });
  gateway.on('GET', '/api/v1/second-factor', () => jsonResponse(200, { ...QUESTION, ...question }));
  const signsIn = () => {
    gateway.on('GET', '/api/v1/me', () => jsonResponse(200, person()));
    return jsonResponse(200, { returnTo: '/catalog', enrol: [] });
  };
  return { gateway, signsIn };
}

test('a one-time code finishes the sign-in and leads to where it began; a wrong one is said, and can be tried again', async () => {
  const { gateway, signsIn } = waiting();
  const { user, history } = openPage('/second-factor', gateway);
  expect(await screen.findByRole('heading', { name: 'One more step' })).toBeTruthy();
  expect(await seriousFindings()).toEqual([]);
  gateway.on('POST', '/api/v1/second-factor', () => problemResponse(403, 'SecondFactorInvalid'));
  await user.type(await screen.findByLabelText('Code of six digits'), '123456{Enter}');
  expect((await screen.findByRole('alert')).textContent).toContain('SecondFactorInvalid');
  gateway.on('POST', '/api/v1/second-factor', signsIn);
  await user.type(screen.getByLabelText('Code of six digits'), '654321{Enter}');
  expect(await screen.findByRole('heading', { name: 'Catalog' })).toBeTruthy();
  expect(history.location.pathname).toBe('/catalog');
  const last = gateway.asked.at(-1);
  expect(last?.body).toEqual({ method: 'Totp', code: '654321' });
  expect(last?.headers.get('x-csrf-token')).toBe('waiting');
});

test('who must enrol one gets a QR code, and recovery codes before he goes on', async () => {
  const { gateway, signsIn } = waiting({ methods: [], enrol: ['Totp'] });
  gateway.on('POST', '/api/v1/me/factors/totp', () =>
    jsonResponse(201, { secret: 'ABCDEFGH', uri: 'otpauth://totp/x?secret=ABCDEFGH' }),
  );
  gateway.on('PUT', '/api/v1/me/factors/totp', signsIn);
  gateway.on('POST', '/api/v1/me/factors/recovery-codes', () => jsonResponse(201, { codes: ['aaaa-bbbb', 'cccc-dddd'] }));
  const { user } = openPage('/second-factor', gateway);
  expect(await screen.findByRole('img', { name: 'QR code for an authenticator app' })).toBeTruthy();
  expect(screen.getByText('ABCD EFGH')).toBeTruthy();
  await user.type(screen.getByLabelText('Code of six digits'), '123456{Enter}');
  expect(await screen.findByText('aaaa-bbbb')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'I have kept them' }));
  expect(await screen.findByRole('heading', { name: 'Catalog' })).toBeTruthy();
});

test.each([
  ['it has ended', () => problemResponse(401, 'SignInRequired'), 'This sign-in has ended'],
  ['nothing can be enrolled', () => jsonResponse(200, { ...QUESTION, methods: [] }), 'No second factor can be set up here'],
  ['the gateway cannot say', () => problemResponse(503, 'SignInPolicyUnknown'), 'What comes next could not be found out.'],
] as const)('says so where %s', async (_case, answer, title) => {
  const { gateway } = waiting();
  gateway.on('GET', '/api/v1/second-factor', answer);
  openPage('/second-factor', gateway);
  expect(await screen.findByRole('heading', { name: title })).toBeTruthy();
});

function askedAgain() {
  const gateway = fakeGateway();
  const path = '/api/v1/me/factors/totp';
  const factors = { secondFactor: 'Optional', required: false, offered: ['Totp'], passkeys: [], recoveryCodes: 3 };
  const at = '2026-01-01T00:00:00Z';
  gateway.on('GET', '/api/v1/me/factors', () => jsonResponse(200, { ...factors, totp: { createdAt: at, lastUsedAt: null } }));
  let given = false;
  const problem = { type: 't', title: 't', status: 403, detail: 'd', code: 'StepUpRequired', remedy: 'r', requestId: 'q' };
  gateway.on('DELETE', path, () => {
    if (given) return new Response(null, { status: 204 });
    return jsonResponse(403, { ...problem, stepUp: { for: 'Factors', methods: ['Totp'], maxAgeSeconds: 900 } });
  });
  gateway.on('POST', '/api/v1/second-factor', () => {
    given = true;
    return jsonResponse(200, { returnTo: null, enrol: [] });
  });
  const deletes = () => gateway.asked.filter(({ method }) => method === 'DELETE').length;
  return { gateway, deletes };
}

test('what asks for the factor again opens a dialog, and is repeated once it was given', async () => {
  const { gateway, deletes } = askedAgain();
  const { user } = openPage('/me', gateway);
  await user.click(await screen.findByRole('button', { name: 'Remove One-time codes' }));
  await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Remove' }));
  const dialog = await screen.findByRole('dialog', { name: 'Show that it is you' });
  await user.type(within(dialog).getByLabelText('Code of six digits'), '123456{Enter}');
  expect(await screen.findByText('"One-time codes" is removed.')).toBeTruthy();
  expect(deletes()).toBe(2);
});

test('who closes the dialog is told what was refused, and nothing is repeated', async () => {
  const { gateway, deletes } = askedAgain();
  const { user } = openPage('/me', gateway);
  await user.click(await screen.findByRole('button', { name: 'Remove One-time codes' }));
  await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Remove' }));
  await screen.findByRole('dialog', { name: 'Show that it is you' });
  await user.keyboard('{Escape}');
  expect(await screen.findByText(/StepUpRequired/)).toBeTruthy();
  expect(deletes()).toBe(1);
});
