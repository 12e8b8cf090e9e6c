import { QueryClient } from '@tanstack/react-query';
import { expect, test, vi } from 'vitest';
import { fakeGateway, problemResponse } from '../../../test/fake-gateway.ts';
import { session } from '../../../test/objects.ts';
import { createApi } from '../client.ts';
import { LISTS } from '../queries.ts';
import { LiveLists } from './live-lists.ts';
import type { ListedObject, LiveList } from './watch-events.ts';

function open(gateway = fakeGateway({ sessions: [session('one', 'Running')] })) {
  const queries = new QueryClient();
  const signedOut = vi.fn();
  const live = new LiveLists({ api: createApi(gateway.fetch), queries, now: Date.now, random: () => 0, onSignedOut: signedOut });
  const names = () =>
    queries.getQueryData<LiveList<ListedObject>>(LISTS.sessions.key)?.items.map(({ metadata }) => metadata.name);
  return { gateway, live, names, signedOut };
}

test('what comes over the stream is in the cache', async () => {
  const { gateway, live, names } = open();
  using _closed = live;
  live.show(LISTS.sessions);
  await live.first(LISTS.sessions);
  expect(names()).toEqual(['one']);
  gateway.emit('sessions', 'added', session('two', 'Pending'));
  await vi.waitFor(() => expect(names()).toEqual(['one', 'two']));
  expect(live.connection(LISTS.sessions)).toEqual({ state: 'live' });
});

test('a stream that ends is told, opened again, and catches up by itself', async () => {
  const { gateway, live, names } = open();
  using _closed = live;
  live.show(LISTS.sessions);
  await live.first(LISTS.sessions);
  const states: string[] = [];
  live.subscribe(() => states.push(live.connection(LISTS.sessions).state));
  gateway.dropStreams();
  gateway.emit('sessions', 'added', session('meanwhile', 'Running')); // nobody listens
  await vi.waitFor(() => expect(names()).toEqual(['one', 'meanwhile']), { timeout: 3000 });
  expect(states).toEqual(['lost', 'live']);
});

test('a first attempt that fails rejects with the problem, and a retry does not wait', async () => {
  const { gateway, live, names } = open();
  using _closed = live;
  gateway.on('GET', '/api/v1/sessions', () => problemResponse(503, 'ClusterUnreachable'));
  live.show(LISTS.sessions);
  await expect(live.first(LISTS.sessions)).rejects.toMatchObject({ code: 'ClusterUnreachable' });
  expect(live.lost()).toMatchObject({ state: 'lost', error: { code: 'ClusterUnreachable' } });
  expect(names()).toBeUndefined();
});

test('an end of the sign-in stops the stream and is told once', async () => {
  const { gateway, live, signedOut } = open();
  using _closed = live;
  gateway.on('GET', '/api/v1/sessions', () => problemResponse(401, 'SignInRequired'));
  live.show(LISTS.sessions);
  await expect(live.first(LISTS.sessions)).rejects.toMatchObject({ status: 401 });
  expect(signedOut).toHaveBeenCalledTimes(1);
});

test('a hidden tab holds no connection, and a shown one catches up', async () => {
  const { gateway, live, names } = open();
  using _closed = live;
  live.show(LISTS.sessions);
  await live.first(LISTS.sessions);
  live.setVisible(false);
  gateway.emit('sessions', 'added', session('unseen', 'Running'));
  expect(names()).toEqual(['one']);
  live.setVisible(true);
  await vi.waitFor(() => expect(names()).toEqual(['one', 'unseen']));
});
