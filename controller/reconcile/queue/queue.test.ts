import fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { KubeStatusError } from '../../../runtime/kube/kube-status-error.ts';
import { Registry } from '../../../runtime/metrics/metrics.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { type ObjectKey, type ReconcileContext, type ReconcileResult, Stopped, Superseded } from '../contract.ts';
import { startWorkQueue } from './queue.ts';
import { createQueueMetrics } from './queue-metrics.ts';

interface Call {
  readonly name: string;
  readonly context: ReconcileContext;
  readonly finish: (result?: ReconcileResult) => void;
  readonly fail: (error: unknown) => void;
}

/** A reconciler whose calls stay open until the test ends them. */
function world(options: { readonly concurrency?: number; readonly random?: () => number } = {}) {
  const open: Call[] = [];
  const begun: string[] = [];
  const stop = new AbortController();
  const registry = new Registry();
  const queue = startWorkQueue({
    reconciler: {
      kind: 'Thing',
      reconcile: ({ name }, context) => {
        begun.push(name);
        return new Promise<ReconcileResult>((resolve, reject) => {
          const end = (): void => void open.splice(open.indexOf(call), 1);
          const call: Call = {
            name,
            context,
            finish: (result = {}) => {
              end();
              resolve(result);
            },
            fail: (error) => {
              end();
              reject(error);
            },
          };
          open.push(call);
        });
      },
    },
    log: pino({ level: 'silent' }),
    concurrency: options.concurrency ?? 2,
    signal: stop.signal,
    metrics: createQueueMetrics(registry),
    random: options.random ?? (() => 0),
  });
  return { queue, open, begun, stop, registry, add: (name: string) => queue.add({ name }) };
}
const settle = async (): Promise<void> => {
  await vi.advanceTimersByTimeAsync(0);
};
const key = (name: string): ObjectKey => ({ namespace: 'a', name });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('one call a key', () => {
  test('a key asked for many times while its call runs is called once more afterwards', async () => {
    const { add, open, begun } = world();
    add('x');
    await settle();
    for (let count = 0; count < 10; count += 1) add('x');
    open[0]?.finish();
    await settle();
    open[0]?.finish();
    await settle();
    expect(begun).toEqual(['x', 'x']);
  });

  test('keys run side by side up to the limit, the others in the order they came', async () => {
    const { add, open, begun } = world({ concurrency: 2 });
    for (const name of ['a', 'b', 'c', 'd']) add(name);
    await settle();
    expect(begun).toEqual(['a', 'b']);
    open[0]?.finish();
    await settle();
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  test('whatever comes in whatever order: no key twice at once, no more than the limit, and no wish is lost', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constantFrom('add', 'supersede'), name: fc.constantFrom('a', 'b', 'c', 'd') }),
      fc.record({ do: fc.constantFrom('finish', 'fail'), index: fc.nat(3) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), async (steps, concurrency) => {
        const { queue, open, begun } = world({ concurrency });
        const wished = new Map<string, number>();
        const completed = new Set<string>();
        const superseded = new Set<string>();
        for (const one of steps) {
          if ('name' in one) {
            wished.set(one.name, begun.filter((name) => name === one.name).length);
            if (one.do === 'add') queue.add({ name: one.name });
            else queue.supersede({ name: one.name });
            completed.delete(one.name);
            if (one.do === 'supersede') superseded.add(one.name);
          } else if (one.do === 'finish') {
            const call = open[one.index];
            if (call?.context.signal.aborted === true) call.fail(call.context.signal.reason);
            else if (call !== undefined) {
              completed.add(call.name);
              call.finish();
            }
          } else {
            completed.add(open[one.index]?.name ?? '');
            open[one.index]?.fail(new StreamSpaceError('RequestInvalid', 'never again'));
          }
          await settle();
          const names = open.map(({ name }) => name);
          expect(new Set(names).size).toBe(names.length);
          expect(names.length).toBeLessThanOrEqual(concurrency);
        }
        for (let call = open[0]; call !== undefined; call = open[0]) {
          if (call.context.signal.aborted) call.fail(call.context.signal.reason);
          else {
            completed.add(call.name);
            call.finish();
          }
          await settle();
        }
        for (const name of superseded) expect(completed, `the last wish for ${name} was carried out`).toContain(name);
        for (const [name, before] of wished)
          expect(begun.filter((other) => other === name).length, `${name} was called after its last wish`).toBeGreaterThan(
            before,
          );
      }),
      { numRuns: 150 },
    );
  });
});

describe('retries', () => {
  const failing = async (error: unknown, random = 0): Promise<ReturnType<typeof world>> => {
    const given = world({ random: () => random });
    given.add('x');
    await settle();
    given.open[0]?.fail(error);
    await settle();
    return given;
  };

  test.each([
    ['never', new StreamSpaceError('RequestInvalid', 'no'), undefined],
    ['backoff', new StreamSpaceError('ClusterUnreachable', 'no'), 375],
    ['after', new StreamSpaceError('ClusterBusy', 'no', { retryAfterMs: 9_000 }), 9_000],
    ['the time of the API server', new KubeStatusError({ statusCode: 429, reason: '', message: '', retryAfterMs: 4_000 }), 4_000],
    ['backoff for what nobody foresaw', new TypeError('x is undefined'), 375],
  ])('%s', async (_class, error, waitMs) => {
    const { begun } = await failing(error);
    if (waitMs === undefined) {
      await vi.advanceTimersByTimeAsync(3_600_000);
      expect(begun).toHaveLength(1);
      return;
    }
    await vi.advanceTimersByTimeAsync(waitMs - 1);
    expect(begun).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(begun).toHaveLength(2);
  });

  test('the wait doubles up to 15 minutes, and starts over after a success', async () => {
    const given = await failing(new TypeError('first'), 0.999_999);
    const waits: number[] = [];
    for (let count = 0; count < 13; count += 1) {
      const before = Date.now();
      await vi.advanceTimersToNextTimerAsync();
      waits.push(Date.now() - before);
      given.open[0]?.fail(new TypeError('again'));
      await settle();
    }
    expect(waits.slice(0, 3)).toEqual([750, 1_500, 3_000]);
    expect(waits.at(-1)).toBe(900_000);
    given.add('x');
    await settle();
    given.open[0]?.finish();
    await settle();
    given.add('x');
    await settle();
    given.open[0]?.fail(new TypeError('after a success'));
    await settle();
    const before = Date.now();
    await vi.advanceTimersToNextTimerAsync();
    expect(Date.now() - before).toBe(750);
  });

  test('an event ends the wait for a retry and for a requeue', async () => {
    const given = await failing(new TypeError('no'));
    given.add('x');
    await settle();
    given.open[0]?.finish({ requeueAfterMs: 60_000 });
    await settle();
    given.add('x');
    await settle();
    given.open[0]?.finish();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(given.begun).toHaveLength(3);
  });

  test('failures are counted by kind and code', async () => {
    const { registry } = await failing(new StreamSpaceError('ClusterUnreachable', 'no'));
    expect(await registry.metrics()).toContain('streamspace_reconcile_failures_total{kind="Thing",code="ClusterUnreachable"} 1');
  });
});

describe('stopping', () => {
  test('a newer wish aborts the running call with Superseded, and it runs again without a failure', async () => {
    const { queue, open, begun, registry } = world();
    queue.add(key('x'));
    await settle();
    queue.supersede(key('x'));
    const { signal } = open[0]?.context ?? {};
    expect(signal?.reason).toBeInstanceOf(Superseded);
    open[0]?.fail(signal?.reason);
    await settle();
    expect(begun).toEqual(['x', 'x']);
    expect(open[0]?.context.signal.aborted).toBe(false);
    expect(await registry.metrics()).not.toContain('streamspace_reconcile_failures_total{');
  });

  test('a newer wish for a key at rest is called, not aborted', async () => {
    const { queue, open, begun } = world();
    queue.supersede(key('x'));
    await settle();
    expect(begun).toEqual(['x']);
    expect(open[0]?.context.signal.aborted).toBe(false);
  });

  test('shutdown aborts what runs, drops what waits, and ends when the last call has returned', async () => {
    const { queue, open, begun, stop, add } = world({ concurrency: 1 });
    add('a');
    add('b');
    await settle();
    stop.abort(new Error('SIGTERM'));
    add('c');
    let ended = false;
    void queue.ended.then(() => (ended = true));
    await settle();
    expect(ended).toBe(false);
    const { signal } = open[0]?.context ?? {};
    expect(signal?.reason).toBeInstanceOf(Stopped);
    open[0]?.fail(signal?.reason);
    await settle();
    expect(ended).toBe(true);
    expect(begun).toEqual(['a']);
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('S-062 an API server that asks for patience gets it whatever comes in between; what waits for an event is woken by it', async () => {
  const { add, open, begun, stop } = world();
  add('a');
  add('b');
  await settle();
  for (const { name, fail } of [...open])
    fail(new StreamSpaceError(name === 'a' ? 'ClusterBusy' : 'DependencyNotReady', 'wait', { retryAfterMs: 5_000 }));
  await vi.advanceTimersByTimeAsync(1_000);
  add('a');
  add('b');
  await settle();
  expect(begun).toEqual(['a', 'b', 'b']);
  await vi.advanceTimersByTimeAsync(3_900);
  expect(begun).toEqual(['a', 'b', 'b']);
  await vi.advanceTimersByTimeAsync(200);
  expect(begun).toEqual(['a', 'b', 'b', 'a']);
  for (const { finish } of [...open]) finish();
  stop.abort();
});
