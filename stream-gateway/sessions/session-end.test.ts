import { expect, test } from 'vitest';
import { ReflectedFeed } from '../http/live/feed.ts';
import { StreamRegistry } from '../stream/stream-registry.ts';
import type { SessionJson } from './kinds-json.ts';
import { endStreamsWithSessions } from './session-end.ts';

type State = SessionJson['spec']['desiredState'];

function sessionOf(name: string, desiredState: State, metadata: Partial<SessionJson['metadata']> = {}): SessionJson {
  return {
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'Session',
    metadata: { name, namespace: 'team-web', ...metadata },
    spec: { template: 'terminal', owner: 'member', desiredState },
  };
}

function watched() {
  const feed = new ReflectedFeed<SessionJson>();
  const registry = new StreamRegistry();
  const closed: string[] = [];
  const stop = endStreamsWithSessions(feed, registry);
  const open = (session: string, namespace = 'team-web'): void =>
    registry.reserve({ namespace, session, person: 'ann' }).put({
      ...{ namespace, session, person: 'member', right: 'control' },
      close: (code, message) => closed.push(`${namespace}/${session} ${code}: ${message}`),
      closed: new Promise(() => undefined),
    });
  return { feed, closed, open, stop };
}

test.each([
  ['Hibernated', 'SessionNotRunning: session one was hibernated'],
  ['Terminated', 'SessionTerminated: session one was terminated'],
] as const)('a session that is to be %s takes its streams with it, and no others', (state, words) => {
  const { feed, closed, open } = watched();
  open('one');
  open('two');
  open('one', 'team-data');
  feed.accept({ type: 'changed', object: sessionOf('one', state) });
  expect(closed).toEqual([`team-web/one ${words}`]);
});

test('a session that is deleted ends its streams when that is asked for, not when it is done', () => {
  const { feed, closed, open } = watched();
  open('one');
  feed.accept({ type: 'changed', object: sessionOf('one', 'Running', { deletionTimestamp: '2026-01-01T00:00:00Z' }) });
  expect(closed).toEqual(['team-web/one SessionTerminated: session one was deleted']);
});

test('a session that is gone without a warning ends its streams too', () => {
  const { feed, closed, open } = watched();
  open('one');
  feed.accept({ type: 'deleted', object: sessionOf('one', 'Running') });
  expect(closed).toEqual(['team-web/one SessionTerminated: session one was deleted']);
});

test('a session whose pod restarts keeps its streams, and nothing is cut once the watch has stopped', () => {
  const { feed, closed, open, stop } = watched();
  open('one');
  feed.accept({ type: 'changed', object: { ...sessionOf('one', 'Running'), status: { phase: 'Failed' } } });
  stop();
  feed.accept({ type: 'changed', object: sessionOf('one', 'Hibernated') });
  expect(closed).toEqual([]);
});
