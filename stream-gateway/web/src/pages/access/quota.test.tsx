// What is left is shown before a launch, and why the button is off.
import { screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { fakeGateway, jsonResponse, problemResponse } from '../../../test/fake-gateway.ts';
import { template } from '../../../test/objects.ts';
import { openPage, seriousFindings } from '../../../test/render-app.tsx';
import type { QuotaLeft, QuotaRow } from '../../api/access/quota-api.ts';

const PATH = '/api/v1/quota?namespace=team-web&template=streamspace%2Fterminal';
const TERMINAL = template('terminal', { displayName: 'Terminal', icon: 'terminal' });
const LIMITS: QuotaLeft['limits'] = [
  { limit: 'sessionsRunning', scope: 'Person', quota: 'streamspace/q', used: '2', hard: '3', available: '1', needs: '1' },
  { limit: 'cpu', scope: 'Person', quota: 'streamspace/q', used: '2.5', hard: '4', available: '1.5', needs: '1' },
  { limit: 'memory', scope: 'Team', quota: 'streamspace/q', used: '12Gi', hard: '16Gi', available: '4Gi', needs: '1Gi' },
];
const REFUSAL = { code: 'QuotaExceeded', message: '7.5 of 8 cpu of member in use, needs 1' } as const;

function open(answer: () => Response) {
  const gateway = fakeGateway({ templates: [TERMINAL] });
  gateway.on('GET', PATH, answer);
  return openPage('/catalog/streamspace/terminal', gateway);
}

test('P-05-6 before a launch it says what is left', async () => {
  open(() => jsonResponse(200, { limits: LIMITS, maxSeconds: null, refusal: null }));
  expect(await screen.findByText('2 of 3 desktops running · 1.5 of 4 CPU left · 4 GiB of 16 GiB of memory left')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Launch' }).getAttribute('aria-disabled')).toBeNull();
  expect(await seriousFindings()).toEqual([]);
});

test('P-04-5 without room the button is off and says why, also to whoever comes to it by keyboard', async () => {
  const { gateway, user } = open(() => jsonResponse(200, { limits: LIMITS, maxSeconds: null, refusal: REFUSAL }));
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

test('GPUs, CPU hours and the longest run are told before a launch', async () => {
  const of = { scope: 'Person', quota: 'streamspace/q', needs: '1' } as const;
  const limits: QuotaLeft['limits'] = [
    { ...of, limit: 'gpu', used: '1', hard: '2', available: '1' },
    { ...of, limit: 'cpuHoursPerMonth', used: '37.5', hard: '100', available: '62.5' },
  ];
  open(() => jsonResponse(200, { limits, maxSeconds: 5_400, refusal: null }));
  expect(
    await screen.findByText('1 of 2 GPUs left · 62.5 of 100 CPU hours this month left · runs for 1 h 30 min at a time'),
  ).toBeTruthy();
});

const ROW: QuotaRow = {
  ...{ namespace: 'streamspace', name: 'people', scope: 'Person', templates: null, reached: true, warnAt: [80, 95] },
  ...{ limits: { cpu: '8', memory: '16Gi' }, maxDuration: '8h', used: { cpu: '10' }, placesInAll: 22 },
  places: [
    {
      ...{ subject: 'anna', percent: 125, used: { cpu: '10', memory: '8Gi' }, hard: { cpu: '8', memory: '16Gi' } },
      available: { cpu: '0', memory: '8Gi' },
    },
  ],
  ...{ overQuota: true, nearLimit: true },
  overrides: [
    {
      ...{ subject: 'user anna', limits: { gpu: '2' }, unlimited: ['storage'], maxDuration: null },
      ...{ expiresAt: '2026-12-01T00:00:00Z', ended: true, reason: 'a course' },
    },
  ],
  origin: {
    ...{ object: 'Quota/streamspace/people', gitSync: 'streamspace/platform', url: 'https://git.example.com/p.git' },
    ...{ file: 'quotas.yaml', line: 3, revision: 'c0ffee0123456789c0ffee0123456789c0ffee01' },
  },
};

test('P-04-2 the page of quotas says who is over, what is left, which overrides there are and where each is changed', async () => {
  const gateway = fakeGateway();
  gateway.on('GET', '/api/v1/quotas', () => jsonResponse(200, { items: [ROW] }));
  openPage('/quotas', gateway);
  const card = await screen.findByRole('region', { name: 'streamspace/people' });
  for (const words of [
    ...['Each person in all teams', 'Over its limit: nothing is stopped, nothing new starts', 'runs for 8h at a time'],
    ...['anna', '10 of 8', '8 GiB of 16 GiB', 'and 21 more', 'user anna', 'GPUs 2, Storage: no limit', '(over)', 'a course'],
    ...['quotas.yaml:3', 'commit c0ffee01'],
  ])
    expect(card.textContent).toContain(words);
  expect(screen.getByRole('meter', { name: 'CPU of anna' })).toBeTruthy();
  expect(await seriousFindings()).toEqual([]);
});
