import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createEventRecorder } from './events.ts';
import { KubeStatusError } from './kube-status-error.ts';
import { RESOURCES } from './resources.ts';

const SUBJECT = { resource: RESOURCES.teams, name: 'web', uid: 'u-1' } as const;
const EVENT = { type: 'Warning', reason: 'NamespaceTaken', message: 'no' } as const;

/** An API server as far as events go: names are unique, and what is patched is kept. */
function eventStore() {
  const stored = new Map<string, Record<string, unknown>>();
  const writes: string[] = [];
  return {
    stored,
    writes,
    client: {
      async create<T>(_resource: unknown, namespace: string | undefined, body: string): Promise<T> {
        const event = JSON.parse(body);
        const key = `${namespace}/${event.metadata.name}`;
        if (stored.has(key)) throw new KubeStatusError({ statusCode: 409, reason: 'AlreadyExists', message: 'it is there' });
        stored.set(key, event);
        writes.push('create');
        return event;
      },
      async find<T>(_resource: unknown, namespace: string | undefined, name: string): Promise<T | undefined> {
        return stored.get(`${namespace}/${name}`) as T | undefined;
      },
      async mergePatch<T>(_resource: unknown, namespace: string | undefined, name: string, patch: unknown): Promise<T> {
        const key = `${namespace}/${name}`;
        stored.set(key, { ...stored.get(key), ...(patch as object) });
        writes.push('patch');
        return stored.get(key) as T;
      },
    },
  };
}

test('the same event again counts up, and is written at most every 10 seconds', async () => {
  let time = 0;
  const store = eventStore();
  const recorder = createEventRecorder({
    client: store.client,
    component: 'test',
    log: pino({ level: 'silent' }),
    now: () => time,
  });
  for (let count = 0; count < 5; count += 1) recorder.record(SUBJECT, EVENT);
  await recorder.flush();
  expect(store.writes).toEqual(['create']);
  time += 11_000;
  recorder.record(SUBJECT, EVENT);
  await recorder.flush();
  expect([...store.stored.values()]).toMatchObject([
    { count: 6, involvedObject: { kind: 'Team', name: 'web' }, metadata: { namespace: 'default' }, reason: 'NamespaceTaken' },
  ]);
});

test('after a restart the count goes on from what is stored', async () => {
  const store = eventStore();
  for (let process = 0; process < 3; process += 1) {
    const recorder = createEventRecorder({ client: store.client, component: 'test', log: pino({ level: 'silent' }) });
    recorder.record(SUBJECT, EVENT);
    await recorder.flush();
  }
  expect([...store.stored.values()]).toMatchObject([{ count: 3 }]);
});

test('another message is another event', async () => {
  const store = eventStore();
  const recorder = createEventRecorder({ client: store.client, component: 'test', log: pino({ level: 'silent' }) });
  recorder.record(SUBJECT, EVENT);
  recorder.record(SUBJECT, { ...EVENT, message: 'still no' });
  await recorder.flush();
  expect(store.stored.size).toBe(2);
});
