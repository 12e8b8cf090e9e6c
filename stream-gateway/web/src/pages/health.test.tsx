// P-00-3, the page: findings of the gateway and of this browser, and every state of it.
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { HealthReport } from '../../../../schemas/api/health.ts';
import { fakeGateway, jsonResponse, problemResponse } from '../../test/fake-gateway.ts';
import { person } from '../../test/objects.ts';
import { openPage, seriousFindings } from '../../test/render-app.tsx';
import type { OpenSocket } from '../api/health-api.ts';

const ADMIN = person({
  ...{ name: 'admin', platformRole: 'platformAdmin' },
  may: { gitSyncs: true, allSessions: true, audit: true, people: true, health: true },
});
const WELL: HealthReport = {
  ...{ checkedAt: new Date().toISOString(), publicUrl: location.origin },
  parts: [
    { part: 'address', tookMs: 3 },
    { part: 'webSocket', tookMs: 5 },
    { part: 'database', tookMs: 2 },
  ],
  findings: [],
};

/** As a browser's: it says again what it is told, or breaks at once. */
const socketThat =
  (passes: () => boolean): OpenSocket =>
  () => {
    const events = new EventTarget();
    queueMicrotask(() => events.dispatchEvent(new Event(passes() ? 'open' : 'error')));
    const send = (data: string) => queueMicrotask(() => events.dispatchEvent(new MessageEvent('message', { data })));
    return Object.assign(events, { send, close: () => undefined });
  };

test('P-00-3 says that nothing is wrong, and what was looked at', async () => {
  const gateway = fakeGateway({ me: ADMIN });
  gateway.on('GET', '/api/v1/health', () => jsonResponse(200, WELL));
  openPage(
    '/health',
    gateway,
    socketThat(() => true),
  );
  expect(await screen.findByRole('heading', { name: 'Nothing is wrong' })).toBeTruthy();
  const row = within(screen.getByRole('row', { name: /Database/ }));
  expect(row.getByText('Fine')).toBeTruthy();
  expect(await seriousFindings()).toEqual([]);
});

test('P-00-3 tells each finding with code and remedy, the gravest first, those of this browser among them', async () => {
  const gateway = fakeGateway({ me: ADMIN });
  let passes = false;
  gateway.on('GET', '/api/v1/health', () =>
    jsonResponse(200, {
      ...WELL,
      publicUrl: 'https://desktops.example.com',
      findings: [
        {
          ...{ code: 'DatabaseSlow', severity: 'warning', part: 'database', link: null },
          ...{ message: 'the database takes 400 ms', remedy: 'Look at its load.' },
        },
      ],
    }),
  );
  const { user } = openPage(
    '/health',
    gateway,
    socketThat(() => passes),
  );
  await screen.findByText('WebSocketBlocked');
  const findings = screen
    .getAllByRole('listitem')
    .flatMap((item) => within(item).queryAllByText(/^[A-Z]\w+$/, { selector: 'code' }));
  expect(findings.map(({ textContent }) => textContent)).toEqual(['PublicUrlElsewhere', 'WebSocketBlocked', 'DatabaseSlow']);
  expect(screen.getByText(/Let the proxy pass WebSocket upgrades/)).toBeTruthy();
  expect(await seriousFindings()).toEqual([]);
  passes = true;
  await user.click(screen.getByRole('button', { name: 'Look again' }));
  await waitFor(() => expect(screen.queryByText('WebSocketBlocked')).toBeNull());
  expect(screen.getByText('DatabaseSlow')).toBeTruthy();
});

test('P-00-2 the health page says whose it is, and fails with a code', async () => {
  const gateway = fakeGateway({ me: person() });
  openPage(
    '/health',
    gateway,
    socketThat(() => true),
  );
  expect((await screen.findByRole('alert')).textContent).toMatch(
    /for platform admins and auditors.*A platform admin can grant it/,
  );
});

test('P-00-2 the health page tells a failure, and loads at a retry', async () => {
  const gateway = fakeGateway({ me: ADMIN });
  gateway.on('GET', '/api/v1/health', () => problemResponse(503, 'DatabaseUnavailable'));
  const { user } = openPage(
    '/health',
    gateway,
    socketThat(() => true),
  );
  expect((await screen.findByRole('alert')).textContent).toContain('DatabaseUnavailable');
  gateway.on('GET', '/api/v1/health', () => jsonResponse(200, WELL));
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('heading', { name: 'Nothing is wrong' })).toBeTruthy();
});
