import { expect, test } from 'vitest';
import { lifeNews, startNews } from './progress.ts';
import type { SupervisorStatus, UnitStatus } from './supervisor/status.ts';

const unit = (name: string, change: Partial<UnitStatus> = {}): UnitStatus => ({
  name,
  kind: 'part',
  state: 'ready',
  since: '2026-01-01T00:00:00Z',
  restarts: 0,
  ...change,
});

const status = (...units: readonly UnitStatus[]): SupervisorStatus => ({
  pid: 1,
  startTicks: '1',
  bootId: 'b',
  startedAt: '2026-01-01T00:00:00Z',
  state: 'starting',
  units: [...units],
});

test('a stage is told once, when all of its parts are up', () => {
  const half = status(unit('etcd'), unit('kubelet', { state: 'starting' }));
  const whole = status(unit('etcd'), unit('kubelet'));
  expect(startNews(undefined, half, 1000)).toEqual([]);
  expect(startNews(half, whole, 5900)).toEqual(['   5.9 s  ok  cluster: one Kubernetes node']);
  expect(startNews(whole, whole, 6000)).toEqual([]);
});

test('a unit that no stage names is a stage of its own', () => {
  expect(startNews(undefined, status(unit('gateway')), 0)).toEqual(['   0.0 s  ok  gateway']);
});

test('a failure and the news of a task are told when they come, and not again', () => {
  const before = status(unit('images', { kind: 'task', state: 'starting' }), unit('gateway', { state: 'starting' }));
  const now = status(
    unit('images', { kind: 'task', state: 'starting', detail: 'importing x' }),
    unit('gateway', { state: 'backoff', restarts: 1, lastError: 'gateway exited with 1' }),
  );
  expect(startNews(before, now, 0)).toEqual(['   0.0 s  ... importing x', '   0.0 s  !!! gateway exited with 1']);
  expect(startNews(now, now, 0)).toEqual([]);
});

test('a part that died and came back between two looks is told of', () => {
  const before = status(unit('gateway'));
  const now = status(unit('gateway', { restarts: 1, lastError: 'gateway was ended by SIGKILL' }));
  expect(lifeNews(before, now)).toEqual(['!!! gateway was ended by SIGKILL', 'ok  gateway is back (restart 1)']);
  expect(lifeNews(now, now)).toEqual([]);
});
