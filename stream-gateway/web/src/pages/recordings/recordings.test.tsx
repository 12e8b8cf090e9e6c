// The pages of recordings: the states of the list, its filters in the address, and what a recording says of itself.
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { RecordingDetail, RecordingView } from '../../../../../schemas/api/recordings.ts';
import { type FakeGateway, fakeGateway, jsonResponse, problemResponse } from '../../../test/fake-gateway.ts';
import { recording } from '../../../test/objects.ts';
import { openPage, seriousFindings } from '../../../test/render-app.tsx';

const LIST = '/api/v1/recordings?limit=50';
const ID = recording().id;

function listing(items: readonly RecordingView[], path = LIST, next?: string): FakeGateway {
  const gateway = fakeGateway();
  const metadata = next === undefined ? {} : { continue: next };
  gateway.on('GET', path, () => jsonResponse(200, { metadata, items }));
  return gateway;
}

function showing(detail: RecordingDetail): FakeGateway {
  const gateway = fakeGateway();
  gateway.on('GET', `/api/v1/recordings/${ID}`, () => jsonResponse(200, detail));
  return gateway;
}

test('the list says what was recorded, of whom, how long it is, and goes on to older ones', async () => {
  const gateway = listing([recording({ state: 'Incomplete', durationMs: 3_723_000 })], LIST, ID);
  gateway.on('GET', `${LIST}&continue=${ID}`, () =>
    jsonResponse(200, {
      metadata: {},
      items: [recording({ id: 'older', owner: 'somebody', hold: { reason: 'r', by: 'x', at: '2026-11-21T08:00:00Z' } })],
    }),
  );
  const { user } = openPage('/recordings', gateway);
  const row = await screen.findByRole('row', { name: /team-web\/one/ });
  for (const words of ['With gaps', 'team-web/one', 'member', '1:02:03', '2.5 MB']) expect(row.textContent).toContain(words);
  expect(within(row).getByRole('link').getAttribute('href')).toBe(`/recordings/${ID}`);
  await user.click(screen.getByRole('button', { name: 'Older recordings' }));
  await screen.findByText('somebody');
  expect(screen.getByText('The hold is lifted')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Older recordings' })).toBeNull();
  expect(await seriousFindings()).toEqual([]);
});

test('filters stand in the address and are asked of the server, and what finds nothing can be cleared', async () => {
  const gateway = listing([recording()]);
  gateway.on('GET', `${LIST}&person=ann&state=Deleted`, () => jsonResponse(200, { metadata: {}, items: [] }));
  const { user, history } = openPage('/recordings?state=Deleted', gateway);
  await user.type(await screen.findByRole('textbox', { name: 'Person' }), 'ann');
  await waitFor(() => expect(history.location.search).toBe('?state=Deleted&person=ann'));
  await screen.findByText('No recording matches');
  await user.click(screen.getAllByRole('button', { name: 'Clear filters' })[0] ?? expect.unreachable());
  await screen.findByText('team-web/one');
  expect(history.location.search).toBe('');
  expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Person' }).value).toBe('');
});

test('without a recording, without a right and with a failure, each says what it is', async () => {
  const empty = openPage('/recordings', listing([]));
  await screen.findByText('No recordings');
  empty.gateway.on('GET', LIST, () => problemResponse(503, 'DatabaseUnavailable'));
  const failing = fakeGateway();
  failing.on('GET', LIST, () => problemResponse(503, 'DatabaseUnavailable'));
  document.body.replaceChildren();
  openPage('/recordings', failing);
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('DatabaseUnavailable');
  const forbidden = fakeGateway();
  forbidden.on('GET', LIST, () => problemResponse(403, 'Forbidden'));
  document.body.replaceChildren();
  openPage('/recordings', forbidden);
  await screen.findByText('You may not see this');
});

test('a recording states its gaps, its policy with the commit, who watched, and its hashes when they are asked for', async () => {
  const gateway = showing(
    recording({
      state: 'Incomplete',
      participants: ['guest'],
      gaps: [
        { fromMs: 60_000, toMs: 63_000, code: 'DatabaseUnavailable' },
        { fromMs: 110_000, toMs: null, code: 'DesktopUnreachable' },
      ],
      views: [
        {
          ...{ person: 'auditor', firstAt: '2026-11-21T08:00:00Z', lastAt: '2026-11-21T08:01:00Z', segments: 2 },
          ...{ startMs: 0, endMs: 120_000, download: true },
        },
      ],
    }),
  );
  const segment = { number: 1, startMs: 0, durationMs: 60_000, bytes: 1_000, width: 800, height: 600, closed: false };
  gateway.on('GET', `/api/v1/recordings/${ID}/segments`, () =>
    jsonResponse(200, { metadata: {}, items: [{ ...segment, sha256: 'f'.repeat(64), chain: 'e'.repeat(64) }] }),
  );
  const { user } = openPage(`/recordings/${ID}`, gateway);
  const gaps = await screen.findByRole('region', { name: 'Gaps' });
  expect(gaps.textContent).toMatch(/1:00 to 1:03 DatabaseUnavailable.*1:50 to its end DesktopUnreachable/s);
  expect(screen.getByRole('region', { name: 'Who watched' }).textContent).toMatch(
    /auditor.*0:00 to 2:00, 2 segments \(downloaded\)/s,
  );
  const facts = screen.getByRole('complementary', { name: 'Facts' });
  for (const words of ['streamspace/all', 'commit c0ffee012345', 'guest', 'Owner, Auditor', ID])
    expect(facts.textContent).toContain(words);
  expect(screen.queryByRole('button', { name: /Hold|Delete/ })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Show 2 segments' }));
  expect((await screen.findByText('0:00–1:00 (cut off)')).closest('tr')?.textContent).toContain('800 × 600');
  expect(await seriousFindings()).toEqual([]);
});

test('who may, holds it with a reason; who may not watch is told so', async () => {
  const may = { watch: false, download: false, hold: true, delete: true };
  const { user, gateway } = openPage(`/recordings/${ID}`, showing(recording({ may, viewers: [] })));
  await screen.findByText(/does not let you watch it/);
  await user.click(screen.getByRole('button', { name: 'Hold' }));
  const dialog = await screen.findByRole('dialog', { name: 'Hold this recording?' });
  const confirm = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Hold' });
  await user.type(within(dialog).getByRole('textbox', { name: 'Reason' }), 'no');
  expect(confirm.disabled).toBe(true);
  await user.type(within(dialog).getByRole('textbox', { name: 'Reason' }), ' more');
  await user.click(confirm);
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(gateway.asked).toMatchObject([
    { method: 'POST', path: `/api/v1/recordings/${ID}/hold`, body: { held: true, reason: 'no more' } },
  ]);
  await user.click(screen.getByRole('button', { name: 'Delete' }));
  await user.type(await screen.findByRole('textbox', { name: 'Reason' }), 'asked for');
  await user.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Delete' }));
  await waitFor(() => expect(gateway.asked).toHaveLength(2));
  expect(gateway.asked[1]).toMatchObject({ path: `/api/v1/recordings/${ID}/deletion`, body: { reason: 'asked for' } });
});

test('a deleted one says who, why and the hash; one that is held says by whom; one that is not there says so', async () => {
  const deleted = { by: 'admin', reason: 'asked for by the person', at: '2026-11-22T08:00:00Z' };
  openPage(`/recordings/${ID}`, showing(recording({ state: 'Deleted', deleted })));
  const proof = await screen.findByRole('region', { name: 'Deleted' });
  for (const words of ['by admin', 'asked for by the person', 'e'.repeat(64)]) expect(proof.textContent).toContain(words);
  document.body.replaceChildren();
  const hold = { by: 'auditor', reason: 'case 7', at: '2026-11-22T08:00:00Z' };
  openPage(`/recordings/${ID}`, showing(recording({ hold })));
  expect((await screen.findByRole('region', { name: 'Legal hold' })).textContent).toMatch(/Held by auditor.*case 7/s);
  document.body.replaceChildren();
  openPage(`/recordings/${ID}`, fakeGateway());
  await screen.findByText('There is no such recording');
});
