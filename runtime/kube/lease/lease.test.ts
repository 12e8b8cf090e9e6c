import { pino } from 'pino';
import { expect, test } from 'vitest';
import { KubeStatusError } from '../kube-status-error.ts';
import type { KubeClient, KubeObjectJson } from '../types.ts';
import { LeaseLost } from './fence.ts';
import { type LeaseTimings, workWhileLeader } from './lease.ts';

const FAST: LeaseTimings = { durationMs: 1_000, giveUpMs: 60, retryMs: 10 };

/** One Lease with resource versions, as the API server keeps it. */
function leaseStore() {
  let lease: (KubeObjectJson & { spec?: Record<string, unknown> }) | undefined;
  let version = 0;
  let broken = false;
  let silent = 0;
  const store = (body: string): KubeObjectJson => {
    version += 1;
    const object = JSON.parse(body) as KubeObjectJson;
    lease = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    return lease;
  };
  const conflict = (): KubeStatusError => new KubeStatusError({ statusCode: 409, reason: 'Conflict', message: 'it changed' });
  const client: Pick<KubeClient, 'find' | 'create' | 'replace'> = {
    find: async <T>(_resource: unknown, _namespace: unknown, _name: unknown, options?: { readonly signal?: AbortSignal }) => {
      if (silent > 0) {
        silent -= 1;
        await new Promise((_resolve, reject) => {
          options?.signal?.addEventListener('abort', () => reject(new Error('given up')), { once: true });
        });
      }
      return lease as T | undefined;
    },
    create: async <T>(_resource: unknown, _namespace: unknown, body: string) => {
      if (lease !== undefined) throw conflict();
      return store(body) as T;
    },
    replace: async <T>(_resource: unknown, _namespace: unknown, _name: unknown, body: string) => {
      if (broken) throw new KubeStatusError({ statusCode: 500, reason: 'InternalError', message: 'no' });
      const sent = JSON.parse(body) as KubeObjectJson;
      if (sent.metadata.resourceVersion !== lease?.metadata.resourceVersion) throw conflict();
      return store(body) as T;
    },
  };
  return {
    client,
    holder: () => lease?.spec?.['holderIdentity'],
    put: (holderIdentity: string, leaseDurationSeconds = 1) =>
      store(JSON.stringify({ metadata: { name: 'x' }, spec: { holderIdentity, leaseDurationSeconds } })),
    setBroken: () => {
      broken = true;
    },
    /** The next question gets no answer. */
    setSilent: () => {
      silent = 1;
    },
  };
}

/** Starts a candidate; `begun` resolves with the signal of its work, which lasts until that is aborted. */
function candidate(store: ReturnType<typeof leaseStore>, identity: string) {
  const stop = new AbortController();
  const begun = Promise.withResolvers<AbortSignal>();
  const standby = Promise.withResolvers<void>();
  const ended = workWhileLeader({
    client: store.client,
    namespace: 'streamspace',
    name: 'x',
    identity,
    log: pino({ level: 'silent' }),
    signal: stop.signal,
    timings: FAST,
    onStandby: () => standby.resolve(),
    work: async (signal) => {
      begun.resolve(signal);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    },
  });
  return { stop, begun: begun.promise, standby: standby.promise, ended };
}

test('one works, the other waits, and takes over at once when the first gives it back', async () => {
  const store = leaseStore();
  const first = candidate(store, 'first');
  await first.begun;
  const second = candidate(store, 'second');
  await second.standby;
  expect(store.holder()).toBe('first');
  first.stop.abort(new Error('stop'));
  expect(await first.ended).toBe('stopped');
  await second.begun;
  expect(store.holder()).toBe('second');
  second.stop.abort(new Error('stop'));
  await second.ended;
  expect(store.holder()).toBe('');
});

test('a holder that is seen to do nothing for the whole duration is replaced', async () => {
  const store = leaseStore();
  store.put('dead');
  const startedAt = performance.now();
  const next = candidate(store, 'next');
  await next.begun;
  expect(performance.now() - startedAt).toBeGreaterThan(990);
  next.stop.abort(new Error('stop'));
  await next.ended;
});

test('a question that is never answered holds nobody up: another is asked before a Lease could run out', async () => {
  const store = leaseStore();
  store.setSilent();
  const startedAt = performance.now();
  const patient = candidate(store, 'patient');
  await patient.begun;
  expect(performance.now() - startedAt).toBeLessThan(FAST.durationMs);
  patient.stop.abort(new Error('stop'));
  await patient.ended;
});

test('a process that starts again under its name does not wait for itself', async () => {
  const store = leaseStore();
  store.put('me', 3600);
  const again = candidate(store, 'me');
  await again.begun;
  again.stop.abort(new Error('stop'));
  await again.ended;
});

test('a lease that somebody else has taken stops the work', async () => {
  const store = leaseStore();
  const holder = candidate(store, 'holder');
  const signal = await holder.begun;
  store.put('thief');
  expect(await holder.ended).toBe('lost');
  expect(signal.reason).toBeInstanceOf(LeaseLost);
  expect(store.holder()).toBe('thief');
});

test('a lease that cannot be renewed in time stops the work before another may begin', async () => {
  const store = leaseStore();
  const holder = candidate(store, 'holder');
  await holder.begun;
  store.setBroken();
  const startedAt = performance.now();
  expect(await holder.ended).toBe('lost');
  expect(performance.now() - startedAt).toBeLessThan(FAST.durationMs);
});
