import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { KubeObjectJson } from '../../runtime/kube/types.ts';
import type { SessionActivity } from '../../schemas/kinds/policies/session-lifetime.ts';
import { SessionActivities } from './activity.ts';
import type { SessionJson } from './kinds-json.ts';

const START = Date.parse('2026-03-02T09:00:00Z');
const KEY = 'team-web/one';
beforeEach(() => vi.useFakeTimers({ now: START }));
afterEach(() => vi.useRealTimers());

function world(activity: SessionActivity = {}) {
  const lifetime = { idle: { afterSeconds: 600, action: 'Hibernate', warnSeconds: 60, snoozes: { max: 0, seconds: 10 } } };
  const session = {
    metadata: { namespace: 'team-web', name: 'one', uid: 'uid-one' },
    status: { activity, effectivePolicy: { lifetime } },
  } as unknown as SessionJson;
  const written: SessionActivity[] = [];
  const at: number[] = [];
  let fails = false;
  const activities = new SessionActivities({
    client: {
      mergePatch: async <T = KubeObjectJson>(_resource: unknown, _namespace: unknown, _name: unknown, patch: unknown) => {
        at.push((Date.now() - START) / 1_000);
        if (fails) throw new Error('no answer');
        written.push((patch as { status: { activity: SessionActivity } }).status.activity);
        return session as T;
      },
    },
    sessionOf: () => session,
    now: () => new Date(),
    log: pino({ level: 'silent' }),
  });
  const fail = (value: boolean): void => {
    fails = value;
  };
  return { activities, session, written, at, fail };
}
const seconds = async (count: number): Promise<void> => void (await vi.advanceTimersByTimeAsync(1_000 * count));

test('whoever types all the time is written once in half a minute, and his last key always', async () => {
  const { activities, session, written, at } = world();
  using _stream = activities.enter(session);
  for (let second = 0; second < 300; second += 1) {
    activities.input(KEY, 'Key');
    await seconds(1);
  }
  const lastAt = new Date(START + 299_000).toISOString();
  await seconds(30);
  expect(at.length).toBeLessThanOrEqual(13);
  expect(written.at(-1)).toMatchObject({ inputAt: lastAt, inputKind: 'Key' });
});

test('an open stream alone is no input, and says until when it is watched; closed, it says that too', async () => {
  const { activities, session, written } = world();
  const stream = activities.enter(session);
  await seconds(120);
  expect(written.length).toBeGreaterThanOrEqual(4);
  expect(written.every(({ inputAt }) => inputAt === undefined)).toBe(true);
  expect(Date.parse(written.at(-1)?.watchedUntil ?? '')).toBeGreaterThan(Date.now() + 30_000);
  stream[Symbol.dispose]();
  await seconds(1);
  const count = written.length;
  expect(written.at(-1)).toMatchObject({ watchedUntil: null });
  await seconds(600);
  expect(written).toHaveLength(count);
});

test('what cannot be written is kept and written later, also when the stream is closed by then', async () => {
  const { activities, session, written, fail } = world();
  const stream = activities.enter(session);
  await seconds(40);
  fail(true);
  activities.input(KEY, 'Pointer');
  await seconds(90);
  stream[Symbol.dispose]();
  await seconds(90);
  fail(false);
  await seconds(60);
  const inputAt = new Date(START + 40_000).toISOString();
  expect(written.at(-1)).toEqual({ inputAt, inputKind: 'Pointer', watchedUntil: null });
});

test('one that begins where another has ended without a word says since when it knows', async () => {
  const { activities, session, written } = world({ watchedUntil: new Date(START - 60_000).toISOString() });
  using _stream = activities.enter(session);
  await seconds(1);
  expect(written[0]).toMatchObject({ knownSince: new Date(START).toISOString() });
  await seconds(60);
  expect(written.at(-1)).not.toHaveProperty('knownSince');
});

test('at the end what is not written yet is written', async () => {
  const { activities, session, written } = world();
  using _stream = activities.enter(session);
  await seconds(1);
  activities.input(KEY, 'Console');
  await activities[Symbol.asyncDispose]();
  expect(written.at(-1)).toMatchObject({ inputKind: 'Console', watchedUntil: null });
});
