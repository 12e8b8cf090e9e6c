// That a desktop ends soon: who is told, who may put it off, and where else it is said.
import { fireEvent, screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { SessionView } from '../../../../../schemas/api/api.ts';
import { fakeGateway } from '../../../test/fake-gateway.ts';
import { session } from '../../../test/objects.ts';
import { openPage, seriousFindings } from '../../../test/render-app.tsx';

type Policy = NonNullable<NonNullable<SessionView['status']>['effectivePolicy']>;
const SNOOZE = '/api/v1/namespaces/team-web/sessions/one/snooze';

function idle(may: Partial<SessionView['may']> = {}, snoozes = 0): SessionView {
  const effectivePolicy: Policy = {
    hash: 'a'.repeat(64),
    policies: [],
    dlp: { clipboard: { up: true, down: true, maxBytes: 1, formats: [], windowSeconds: 0, rules: [] } },
    lifetime: { idle: { afterSeconds: 600, action: 'Hibernate', warnSeconds: 60, snoozes: { max: 1, seconds: 300 } } },
    origins: [],
  };
  const at = new Date(Date.now() + 45_000).toISOString();
  const lifetime = {
    next: { action: 'Hibernate', at, reason: 'Idle' },
    warned: [{ reason: 'Idle', since: new Date().toISOString() }],
    ...(snoozes === 0 ? {} : { snoozes }),
  } as const;
  return session('one', 'Running', { status: { effectivePolicy, lifetime: { ...lifetime, warned: [...lifetime.warned] } }, may });
}

test('P-22-2 whoever controls a desktop is told that it hibernates, with the time that is left, and may put it off', async () => {
  const gateway = fakeGateway({ sessions: [idle()] });
  let asked = 0;
  gateway.on('POST', SNOOZE, () => {
    asked += 1;
    return Response.json({ until: new Date().toISOString(), snoozes: 1, left: 0 });
  });
  openPage('/s/team-web/one', gateway);
  expect(await screen.findByText(/^This desktop hibernates in 4\d s\.$/)).toBeDefined();
  expect(await seriousFindings()).toEqual([]);
  fireEvent.click(screen.getByRole('button', { name: 'Keep working' }));
  await waitFor(() => expect(asked).toBe(1));
});

test.each([
  ['only looks on', idle({ control: false }), false],
  ['has put it off as often as he may', idle({}, 1), false],
] as const)('who %s is told too, and cannot put it off', async (_who, shown, button) => {
  openPage('/s/team-web/one', { sessions: [shown] });
  await screen.findByText(/^This desktop hibernates in/);
  expect(screen.queryByRole('button', { name: 'Keep working' }) !== null).toBe(button);
});

test('P-22-6 the list of sessions says what happens next', async () => {
  openPage('/sessions', { sessions: [idle()] });
  expect(await screen.findByText(/^Hibernates at \d\d:\d\d when nobody types$/)).toBeDefined();
});
