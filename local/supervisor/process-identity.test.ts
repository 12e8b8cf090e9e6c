import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { endProcess, identify, isAlive, parseStat } from './process-identity.ts';

test('a process name with spaces and parentheses does not move the fields', () => {
  const rest = 'S 1 2 3 0 -1 4194560 1 0 0 0 1 2 3 4 20 0 1 0 987654 0 0';
  expect(parseStat(`42 (a) b (c)) ${rest}`)).toEqual({ state: 'S', startTicks: '987654' });
  expect(parseStat('')).toBeUndefined();
});

test('a pid that was given to another process is not taken for the first one, and not ended', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  const identity = await identify(child.pid ?? 0);
  if (identity === undefined) throw new Error('the process is not there');
  const earlier = { ...identity, startTicks: String(Number(identity.startTicks) - 1) };
  expect(await isAlive(earlier)).toBe(false);
  await endProcess(earlier, { signal: 'SIGKILL', timeoutMs: 100 });
  expect(await isAlive(identity)).toBe(true);
  await endProcess(identity, { signal: 'SIGTERM', timeoutMs: 5_000 });
  expect(await isAlive(identity)).toBe(false);
});

test('a process that ignores the friendly signal is killed in the end', async () => {
  const child = spawn('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.05; done'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  const identity = await identify(child.pid ?? 0);
  if (identity === undefined) throw new Error('the process is not there');
  await endProcess(identity, { signal: 'SIGTERM', timeoutMs: 100 });
  expect(await isAlive(identity)).toBe(false);
});
