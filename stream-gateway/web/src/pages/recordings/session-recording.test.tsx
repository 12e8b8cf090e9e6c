// What a person reads about being recorded: asked before the stream, told while it runs, and on the page of the session.
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { SessionView } from '../../../../../schemas/api/api.ts';
import { type FakeGateway, fakeGateway, jsonResponse } from '../../../test/fake-gateway.ts';
import { person, session } from '../../../test/objects.ts';
import { openPage, seriousFindings } from '../../../test/render-app.tsx';

const PATH = '/api/v1/namespaces/team-web/sessions/one/recording';
type Rules = NonNullable<NonNullable<NonNullable<SessionView['status']>['effectivePolicy']>['recording']>;

function recorded(record: Rules['record'], spec: Partial<SessionView['spec']> = {}, further: Partial<Rules> = {}): SessionView {
  const rules: Rules = {
    ...{ record, mode: 'BestEffort', framesPerSecond: 5, segmentSeconds: 60, legalHold: false, download: true },
    ...{ stepUp: false, notifyUser: false, retentionDays: 30, viewers: ['Auditor'], events: { input: false, clipboard: false } },
    ...further,
  };
  const effectivePolicy = {
    hash: 'a'.repeat(64),
    policies: [
      {
        ...({ kind: 'RecordingPolicy', namespace: 'streamspace', name: 'all' } as const),
        ...{ uid: 'p', generation: 1, revision: 'c0ffee0123456789' },
      },
    ],
    dlp: { clipboard: { up: true, down: true, maxBytes: 1, formats: [], windowSeconds: 0, rules: [] } },
    recording: rules,
    origins:
      record === 'Off'
        ? []
        : [
            { field: 'recording.record', from: 'RecordingPolicy/streamspace/all' },
            { field: 'recording.retentionDays', from: 'RecordingPolicy/team-web/longer' },
          ],
  };
  const running = session('one', 'Running', { owner: 'member', status: { effectivePolicy }, may: { update: true } });
  return { ...running, spec: { ...running.spec, ...spec } };
}

const gatewayOf = (one: SessionView, name = 'member'): FakeGateway => fakeGateway({ me: person({ name }), sessions: [one] });

function answering(gateway: FakeGateway, agreed: boolean | null): FakeGateway {
  const consent = agreed === null ? null : { person: 'member', agreed, at: '2026-11-28T08:00:00Z' };
  gateway.on('GET', PATH, () => jsonResponse(200, { record: 'Consent', wished: false, consent }));
  return gateway;
}

test('the owner is asked before there is a stream, and his answer lets it begin', async () => {
  const gateway = answering(gatewayOf(recorded('Consent')), null);
  gateway.on('POST', `${PATH}/consent`, () => {
    answering(gateway, true);
    return jsonResponse(200, {});
  });
  const { user } = openPage('/s/team-web/one', gateway);
  const question = await screen.findByRole('dialog', { name: 'May this session be recorded?' });
  expect(question.textContent).toMatch(/May watch later: Auditor.*30 days/s);
  const tickets = () => gateway.asked.filter(({ path }) => path.endsWith('/tickets'));
  expect(tickets()).toEqual([]);
  expect(await seriousFindings()).toEqual([]);
  await user.click(within(question).getByRole('button', { name: 'Agree' }));
  await screen.findByText('This session is recorded');
  expect(gateway.asked[0]).toMatchObject({ method: 'POST', path: `${PATH}/consent`, body: { agreed: true } });
  await waitFor(() => expect(tickets()).toHaveLength(1));
});

test('who refuses has his desktop and is not recorded; whose session it is not is asked nothing', async () => {
  const refused = answering(gatewayOf(recorded('Consent')), false);
  openPage('/s/team-web/one', refused);
  await waitFor(() => expect(refused.asked.some(({ path }) => path.endsWith('/tickets'))).toBe(true));
  expect(screen.queryByText('This session is recorded')).toBeNull();
  document.body.replaceChildren();
  const other = answering(gatewayOf(recorded('Consent'), 'lead'), null);
  openPage('/s/team-web/one', other);
  await waitFor(() => expect(other.asked.some(({ path }) => path.endsWith('/tickets'))).toBe(true));
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('what is recorded always says so over the desktop, with policy and commit', async () => {
  openPage('/s/team-web/one', gatewayOf(recorded('Always')));
  const mark = await screen.findByText('This session is recorded');
  expect(mark.title).toBe('Policy streamspace/all, commit c0ffee012345');
});

test('where policy says so a message tells that recording has begun', async () => {
  const gateway = gatewayOf(recorded('OnDemand', {}, { notifyUser: true }));
  openPage('/s/team-web/one', gateway);
  await waitFor(() => expect(gateway.asked.some(({ path }) => path.endsWith('/tickets'))).toBe(true));
  expect(screen.queryByText(/Recording has begun/)).toBeNull();
  gateway.emit('sessions', 'changed', recorded('OnDemand', { record: true }, { notifyUser: true }));
  await screen.findByText('Recording has begun: policy streamspace/all.');
});

test('the page of a session says whether it is recorded, and begins and ends it by hand where policy lets it', async () => {
  const gateway = gatewayOf(recorded('OnDemand'));
  const { user } = openPage('/sessions/team-web/one', gateway);
  const section = await screen.findByRole('region', { name: 'Recording' });
  expect(section.textContent).toContain('while somebody wants it');
  expect(section.textContent).toMatch(/Kept30 days from team-web\/longer.*May watchAuditor /s);
  expect(within(section).getByRole('link').getAttribute('href')).toContain('/recordings?session=team-web%2Fone');
  await user.click(within(section).getByRole('button', { name: 'Record' }));
  await waitFor(() => expect(gateway.asked).toMatchObject([{ path: PATH, body: { record: true } }]));
  gateway.emit('sessions', 'changed', recorded('OnDemand', { record: true }));
  await within(section).findByText('This session is recorded');
  await user.click(within(section).getByRole('button', { name: 'Stop recording' }));
  await waitFor(() => expect(gateway.asked[1]).toMatchObject({ path: PATH, body: { record: false } }));
  gateway.emit('sessions', 'changed', recorded('Off'));
  await within(section).findByText('This session is not recorded.');
  expect(within(section).queryByRole('button')).toBeNull();
});
