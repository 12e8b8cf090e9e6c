// The player as a person uses it, with a worker that is told what to do and shows nothing.

import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { RecordingDetail } from '../../../../../schemas/api/recordings.ts';
import { type FakeGateway, fakeGateway, jsonResponse } from '../../../test/fake-gateway.ts';
import { recording } from '../../../test/objects.ts';
import { seriousFindings } from '../../../test/render-app.tsx';
import { createApi } from '../../api/client.ts';
import { GatewayProvider } from '../../api/context.tsx';
import { LiveLists } from '../../api/live/live-lists.ts';
import type { FromWorker, ToWorker } from '../../player/messages.ts';
import { StepUpDialog } from '../factors/step-up-dialog.tsx';
import { Player } from './player.tsx';

const SEGMENT = { startMs: 0, durationMs: 60_000, bytes: 1_000, sha256: 'f', chain: 'e', width: 8, height: 6, closed: true };
const MARKS = [
  { atMs: 1_000, kind: 'joined', detail: { person: 'guest' } },
  { atMs: 2_000, kind: 'input', detail: {} },
  { atMs: 3_000, kind: 'input', detail: {} },
  { atMs: 70_000, kind: 'clipboard', detail: { direction: 'Down', bytes: 90 } },
];

function gatewayWith(id: string): FakeGateway {
  const gateway = fakeGateway();
  const items = [1, 2].map((number) => ({ ...SEGMENT, number, startMs: (number - 1) * 60_000 }));
  gateway.on('GET', `/api/v1/recordings/${id}/segments?limit=2000`, () => jsonResponse(200, { metadata: {}, items }));
  gateway.on('GET', `/api/v1/recordings/${id}/events?limit=5000`, () => jsonResponse(200, { metadata: {}, items: MARKS }));
  return gateway;
}

async function opened(changes: Partial<RecordingDetail> = {}) {
  const detail = recording(changes);
  const posted: ToWorker[] = [];
  const tells: ((message: FromWorker) => void)[] = [];
  const queries = new QueryClient();
  const api = createApi(gatewayWith(detail.id).fetch);
  const live = new LiveLists({ api, queries, now: Date.now, random: Math.random, onSignedOut: () => undefined });
  const open = (listen: (message: FromWorker) => void) => {
    tells.push(listen);
    return { post: (message: ToWorker) => void posted.push(message), [Symbol.dispose]: () => undefined };
  };
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={queries}>
        <GatewayProvider value={{ api, live }}>
          <Player recording={detail} open={open} />
          <StepUpDialog />
        </GatewayProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
  const slider = await screen.findByRole('slider', { name: 'Position' });
  const place = () => slider.getAttribute('aria-valuenow');
  const tell = (message: FromWorker) => act(() => tells.at(-1)?.(message));
  return { user: userEvent.setup(), slider, place, posted, tell };
}

test('keys go through it: arrows by 5 s, with shift by 30 s, to the ends, and space plays', async () => {
  const { user, place, slider } = await opened();
  slider.focus();
  await user.keyboard('{ArrowRight}');
  expect(place()).toBe('5');
  await user.keyboard('{Shift>}{ArrowRight}{/Shift}');
  expect(place()).toBe('35');
  await user.keyboard('{ArrowLeft}');
  expect(place()).toBe('30');
  await user.keyboard('{End}');
  expect([place(), slider.getAttribute('aria-valuetext')]).toEqual(['120', expect.stringMatching(/^2:00 of 2:00, /)]);
  await user.keyboard('{Home}');
  expect(place()).toBe('0');
  await user.keyboard(' ');
  expect(screen.getByRole('button', { name: 'Pause' })).toBeTruthy();
  expect(await seriousFindings()).toEqual([]);
});

test('events are found by words and kinds, and one that is chosen is gone to; typing does not play', async () => {
  const { user, place } = await opened();
  const events = screen.getByRole('region', { name: 'Events' });
  expect(
    within(events)
      .getAllByRole('listitem')
      .map(({ textContent }) => textContent),
  ).toEqual(['0:01guest joined', '0:02Keyboard or pointer, in 2 s of it', '1:10Clipboard out of the desktop, 90 bytes']);
  await user.type(within(events).getByRole('textbox', { name: 'Search events' }), 'out of');
  expect(within(events).getAllByRole('listitem')).toHaveLength(1);
  await user.click(within(events).getByRole('button', { name: /Clipboard/ }));
  expect(place()).toBe('70');
  expect(screen.queryByRole('button', { name: 'Pause' })).toBeNull();
  await user.selectOptions(within(events).getByRole('combobox', { name: 'Kind' }), 'joined');
  expect(within(events).getByText('No event matches.')).toBeTruthy();
});

test('a gap says why, and a place in it that it is one', async () => {
  const { user, slider } = await opened({ gaps: [{ fromMs: 4_000, toMs: 8_000, code: 'DesktopUnreachable' }] });
  slider.focus();
  await user.keyboard('{ArrowRight}');
  expect(screen.getByText(/Nothing was recorded here: DesktopUnreachable/)).toBeTruthy();
  await user.keyboard('{ArrowRight}');
  expect(screen.queryByText(/Nothing was recorded here/)).toBeNull();
});

test('G-64 P-03-1 what the gateway refuses is said with code and remedy, and a step-up with the way to it', async () => {
  const { tell, user, posted } = await opened();
  const refusal = { status: 403, detail: 'the policy asks for a fresh sign-in', remedy: 'Sign in again.', requestId: 'r-1' };
  tell({ type: 'failed', problem: { ...refusal, code: 'StepUpRequired' } });
  const alert = screen.getByRole('alert');
  for (const words of ['StepUpRequired', 'Sign in again.', 'r-1']) expect(alert.textContent).toContain(words);
  expect(screen.getByRole('link', { name: 'Sign in again' }).getAttribute('href')).toMatch(/^\/auth\/sign-in\?fresh=1&returnTo=/);
  const shows = () => posted.filter(({ type }) => type === 'show').length;
  const before = shows();
  await user.click(within(alert).getByRole('button'));
  expect(screen.queryByRole('alert')).toBeNull();
  await waitFor(() => expect(shows()).toBeGreaterThan(before));
});

test('P-03-1 a step-up that a factor passes opens its dialog, and once it was given the picture is asked for again', async () => {
  const { tell, user, posted } = await opened();
  const refusal = { code: 'StepUpRequired', status: 403, detail: 'd', remedy: 'r', requestId: 'r-1' };
  const shows = () => posted.filter(({ type }) => type === 'show').length;
  const before = shows();
  tell({ type: 'failed', problem: { ...refusal, stepUp: { for: 'ViewRecording', methods: ['Totp'], maxAgeSeconds: 900 } } });
  const dialog = await screen.findByRole('dialog', { name: 'Show that it is you' });
  expect(within(dialog).getByText(/Watching this recording/)).toBeTruthy();
  await user.type(within(dialog).getByLabelText('Code of six digits'), '123456{Enter}');
  await waitFor(() => expect(shows()).toBeGreaterThan(before));
  expect(screen.queryByRole('alert')).toBeNull();
});

test('G-63 a live one goes to what was recorded last, and has no such button when it has ended', async () => {
  const { user, place } = await opened({ state: 'Recording', endedAt: null });
  await user.click(screen.getByRole('button', { name: 'Live' }));
  expect(place()).toBe('120');
  expect(screen.getByRole('button', { name: 'Pause' })).toBeTruthy();
  document.body.replaceChildren();
  await opened();
  expect(screen.queryByRole('button', { name: 'Live' })).toBeNull();
});
