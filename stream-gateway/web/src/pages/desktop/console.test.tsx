// The way to a console, and why there is none.
import { screen } from '@testing-library/react';
import { beforeAll, expect, test, vi } from 'vitest';
import type { SessionView } from '../../../../../schemas/api/api.ts';
import { fakeGateway, problemResponse } from '../../../test/fake-gateway.ts';
import { session } from '../../../test/objects.ts';
import { openPage, seriousFindings } from '../../../test/render-app.tsx';

type Policy = NonNullable<NonNullable<SessionView['status']>['effectivePolicy']>;

function withConsole(allow: boolean | undefined, may: Partial<SessionView['may']> = {}): SessionView {
  const effectivePolicy: Policy = {
    hash: 'a'.repeat(64),
    policies: [],
    dlp: { clipboard: { up: true, down: true, maxBytes: 1, formats: [], windowSeconds: 0, rules: [] } },
    ...(allow === undefined ? {} : { console: { allow, idleTimeout: '15m' } }),
    origins: allow === undefined ? [] : [{ field: 'console.allow', from: 'SessionPolicy/team-web/shells' }],
  };
  return session('one', 'Running', { status: { effectivePolicy }, may });
}

beforeAll(() => {
  // xterm.js asks for the density of the screen.
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe(): void {}
      unobserve(): void {}
      disconnect(): void {}
    },
  );
});

test('P-15-1 the page of a session leads to the console where right and policy allow it, and else says why not', async () => {
  openPage('/sessions/team-web/one', { sessions: [withConsole(true)] });
  expect(await screen.findByRole('link', { name: 'Open a console' })).toHaveProperty(
    'pathname',
    '/sessions/team-web/one/console',
  );
});

test.each([
  [false, 'A console is not allowed for this session: policy team-web/shells.'],
  [undefined, 'A console is off: no policy allows one for this session.'],
] as const)('P-15-1 where a policy says %s the page says so', async (allow, words) => {
  openPage('/sessions/team-web/one', { sessions: [withConsole(allow)] });
  expect(await screen.findByText(words)).toBeDefined();
  expect(screen.queryByRole('link', { name: 'Open a console' })).toBeNull();
});

test('P-15-1 who has not the right sees nothing of consoles', async () => {
  openPage('/sessions/team-web/one', { sessions: [withConsole(true, { exec: false })] });
  await screen.findByRole('heading', { name: 'Files' });
  expect(screen.queryByRole('heading', { name: 'Console' })).toBeNull();
});

test('P-15-1 a refusal is told with its reason, and can be tried again', async () => {
  const gateway = fakeGateway({ sessions: [withConsole(true)] });
  const path = '/api/v1/namespaces/team-web/sessions/one/console-tickets';
  gateway.on('POST', path, () =>
    problemResponse(403, 'ConsoleOff', { detail: 'policy team-web/shells does not allow a console' }),
  );
  const { user } = openPage('/sessions/team-web/one/console', gateway);
  expect(await screen.findByText('policy team-web/shells does not allow a console')).toBeDefined();
  expect(await seriousFindings()).toEqual([]);
  gateway.on('POST', path, () => problemResponse(403, 'Forbidden'));
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('You may not open a console in this session.')).toBeDefined();
});
