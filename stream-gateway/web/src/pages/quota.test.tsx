// What is left is shown before a launch, and why the button is off.
import { screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { fakeGateway, jsonResponse, problemResponse } from '../../test/fake-gateway.ts';
import { template } from '../../test/objects.ts';
import { openPage, seriousFindings } from '../../test/render-app.tsx';
import type { QuotaLeft } from '../api/quota-api.ts';

const PATH = '/api/v1/quota?namespace=team-web&template=streamspace%2Fterminal';
const TERMINAL = template('terminal', { displayName: 'Terminal', icon: 'terminal' });
const LIMITS: QuotaLeft['limits'] = [
  { limit: 'sessionsRunning', scope: 'Person', used: '2', hard: '3', available: '1', needs: '1' },
  { limit: 'cpu', scope: 'Person', used: '2.5', hard: '4', available: '1.5', needs: '1' },
  { limit: 'memory', scope: 'Team', used: '12Gi', hard: '16Gi', available: '4Gi', needs: '1Gi' },
];
const REFUSAL = { code: 'QuotaExceeded', message: '7.5 of 8 cpu of member in use, needs 1' } as const;

function open(answer: () => Response) {
  const gateway = fakeGateway({ templates: [TERMINAL] });
  gateway.on('GET', PATH, answer);
  return openPage('/catalog/streamspace/terminal', gateway);
}

test('P-05-6 before a launch it says what is left', async () => {
  open(() => jsonResponse(200, { limits: LIMITS, refusal: null }));
  expect(await screen.findByText('2 of 3 desktops running · 1.5 of 4 CPU left · 4 GiB of 16 GiB of memory left')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Launch' }).getAttribute('aria-disabled')).toBeNull();
  expect(await seriousFindings()).toEqual([]);
});

test('P-04-5 without room the button is off and says why, also to whoever comes to it by keyboard', async () => {
  const { gateway, user } = open(() => jsonResponse(200, { limits: LIMITS, refusal: REFUSAL }));
  expect(await screen.findByText(`There is no room now: ${REFUSAL.message}.`)).toBeTruthy();
  const button = screen.getByRole('button', { name: 'Launch', description: /There is no room now: 7\.5 of 8 cpu/ });
  expect(button.getAttribute('aria-disabled')).toBe('true');
  for (let tabs = 0; tabs < 60 && document.activeElement !== button; tabs += 1) await user.tab();
  expect(document.activeElement).toBe(button);
  await user.keyboard('{Enter}');
  await user.click(button);
  expect(gateway.asked).toEqual([]);
  expect(await seriousFindings()).toEqual([]);
});

test('where nothing is limited nothing is said, and where it cannot be read a launch is still possible', async () => {
  const { gateway, user } = open(() => problemResponse(503, 'ClusterUnreachable'));
  expect(await screen.findByText(/could not be read/)).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Launch' }));
  await waitFor(() => expect(gateway.asked).toHaveLength(1));
});
