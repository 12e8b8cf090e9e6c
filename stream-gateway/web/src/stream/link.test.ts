import { expect, test, vi } from 'vitest';
import { ApiError } from '../api/problem.ts';
import { closeError, keepLinked, type LinkState } from './link.ts';
import type { Closed, Viewer } from './viewer.ts';

/** A link whose every connection the test opens and closes by hand. */
function linked(ticket: () => Promise<{ ticket: string; path: string; expiresAt: string }>) {
  const states: LinkState[] = [];
  const viewers: { readonly connect: () => void; readonly close: (reason: string | null) => void; closedByUs: boolean }[] = [];
  const tickets: string[] = [];
  const leaving = new AbortController();
  let hurry = new AbortController();
  const ended = keepLinked(
    {
      ticket,
      open(given) {
        tickets.push(given.ticket);
        const connected = Promise.withResolvers<void>();
        const closed = Promise.withResolvers<Closed>();
        const handle = {
          connect: connected.resolve,
          close: (reason: string | null) => closed.resolve({ reason }),
          closedByUs: false,
        };
        viewers.push(handle);
        const close = () => {
          handle.closedByUs = true;
          closed.resolve({ reason: null });
        };
        return { connected: connected.promise, closed: closed.promise, close } as Viewer;
      },
      onState: (state) => states.push(state),
      onViewer: () => undefined,
      now: () => 0,
      random: () => 0,
    },
    leaving.signal,
    () => {
      hurry = new AbortController();
      return hurry.signal;
    },
  );
  return {
    states,
    viewers,
    tickets,
    leave: () => leaving.abort(),
    hurry: () => hurry.abort(),
    ended,
    names: () => states.map(({ state }) => state),
  };
}

let number = 0;
const fresh = async () => ({ ticket: `t${++number}`, path: '/stream', expiresAt: '' });

test('a picture that goes another way from now on is there again at once', async () => {
  const link = linked(fresh);
  await vi.waitFor(() => expect(link.viewers).toHaveLength(1));
  link.viewers[0]?.connect();
  await vi.waitFor(() => expect(link.names()).toEqual(['connecting', 'connected']));
  link.viewers[0]?.close('PolicyChanged: what the picture shows is changed by a policy');
  await vi.waitFor(() => expect(link.viewers).toHaveLength(2));
  expect(link.states.at(-1)).toMatchObject({ state: 'lost', retryAt: 0 });
  link.viewers[1]?.close('PolicyChanged: again, before it was connected');
  await vi.waitFor(() => expect(link.states.at(-1)).toMatchObject({ state: 'lost', retryAt: 400 }));
  link.leave();
  await link.ended;
});

test('a lost link comes back by itself, with a new ticket each time', async () => {
  const link = linked(fresh);
  await vi.waitFor(() => expect(link.viewers).toHaveLength(1));
  link.viewers[0]?.connect();
  await vi.waitFor(() => expect(link.names()).toEqual(['connecting', 'connected']));
  link.viewers[0]?.close('ShuttingDown: the gateway restarts');
  await vi.waitFor(() =>
    expect(link.states.at(-1)).toMatchObject({ state: 'lost', reason: 'the gateway restarts', retryAt: 200 }),
  );
  link.hurry();
  await vi.waitFor(() => expect(link.viewers).toHaveLength(2));
  link.viewers[1]?.connect();
  await vi.waitFor(() => expect(link.names().at(-1)).toBe('connected'));
  expect(new Set(link.tickets).size).toBe(2);
  link.leave();
  await link.ended;
  expect(link.viewers[1]?.closedByUs).toBe(true);
});

test('a right that was taken away ends the tries, also when the stream told it', async () => {
  const link = linked(fresh);
  await vi.waitFor(() => expect(link.viewers).toHaveLength(1));
  link.viewers[0]?.close('Forbidden: you may not observe this session');
  await link.ended;
  expect(link.states.at(-1)).toMatchObject({
    state: 'refused',
    error: { code: 'Forbidden', message: 'you may not observe this session' },
  });
});

test('a gateway that is away is tried again, with longer waits', async () => {
  const away = new ApiError({ code: 'GatewayUnreachable', status: 0, detail: 'no answer', remedy: '', requestId: null });
  const link = linked(() => Promise.reject(away));
  for (let tries = 1; tries <= 3; tries += 1) {
    await vi.waitFor(() => expect(link.states.filter(({ state }) => state === 'lost')).toHaveLength(tries));
    link.hurry();
  }
  const waits = link.states.flatMap((state) => (state.state === 'lost' ? [state.retryAt] : []));
  expect(waits.slice(0, 3)).toEqual([200, 400, 800]);
  link.leave();
  link.hurry();
  await link.ended;
});

test('the reason of a close is read as code and words, and words alone are kept', () => {
  expect(closeError('RfbUnknownMessage: type 252 is not known')).toMatchObject({
    code: 'RfbUnknownMessage',
    message: 'type 252 is not known',
  });
  expect(closeError('gone')).toMatchObject({ code: 'Internal', message: 'gone' });
});
