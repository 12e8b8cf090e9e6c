import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createLogger } from '../../runtime/log/log.ts';
import type { Part } from '../part.ts';
import { makeStateFolders, type StatePaths, statePaths } from '../state/state.ts';
import { takeLock } from './lock.ts';
import { endRecordedProcesses, recordedProcesses } from './process-files.ts';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';
import { readRunningStatus, type UnitStatus } from './status.ts';
import { Supervisor } from './supervisor.ts';
import { asPart, asTask, type Unit } from './unit.ts';

const log = createLogger({ name: 'test', level: 'silent' });

async function myself(): Promise<ProcessIdentity> {
  const self = await identify(process.pid);
  if (self === undefined) throw new Error('no identity');
  return self;
}

interface World extends AsyncDisposable {
  readonly dir: string;
  readonly paths: StatePaths;
  run(units: readonly Unit[]): Promise<Supervisor>;
  /** Waits until the unit is as asked; fails with what it is after ten seconds. */
  until(supervisor: Supervisor, name: string, is: (unit: UnitStatus) => boolean): Promise<UnitStatus>;
}

async function freshWorld(): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'streamspace-supervisor-'));
  const paths = statePaths(dir);
  await makeStateFolders(paths);
  const running: Supervisor[] = [];
  return {
    dir,
    paths,
    run: async (units) => {
      const supervisor = new Supervisor({ units, paths, self: await myself(), log });
      running.push(supervisor);
      supervisor.start();
      return supervisor;
    },
    until: async (supervisor, name, is) => {
      const deadline = performance.now() + 10_000;
      for (;;) {
        const unit = supervisor.status().units.find((candidate) => candidate.name === name);
        if (unit !== undefined && is(unit)) return unit;
        if (performance.now() > deadline) throw new Error(`still ${JSON.stringify(unit)}`);
        await sleep(10);
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const supervisor of running) await supervisor.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function sleeper(world: World, name: string, change: Partial<Part> = {}): Unit {
  return asPart({
    name,
    dependsOn: [],
    command: ['sh', '-c', `echo started >> ${world.dir}/${name}.starts; exec sleep 60`],
    env: { PATH: '/usr/bin:/bin' },
    ready: async () => existsSync(`${world.dir}/${name}.starts`),
    ...change,
  });
}

const isReady = ({ state }: UnitStatus): boolean => state === 'ready';

test('a part starts when what it depends on is ready, and stops before it', async () => {
  await using world = await freshWorld();
  const order: string[] = [];
  const noting = (name: string, dependsOn: readonly string[]): Unit =>
    sleeper(world, name, {
      dependsOn,
      prepare: async () => void order.push(`start ${name}`),
      beforeStop: async () => void order.push(`stop ${name}`),
    });
  const supervisor = await world.run([noting('c', ['b']), noting('a', []), noting('b', ['a'])]);
  await world.until(supervisor, 'c', isReady);
  await supervisor.stop();
  expect(order).toEqual(['start a', 'start b', 'start c', 'stop c', 'stop b', 'stop a']);
});

test('a part that is killed comes back, and its status says why and how often', async () => {
  await using world = await freshWorld();
  const supervisor = await world.run([sleeper(world, 'gateway')]);
  const first = await world.until(supervisor, 'gateway', isReady);
  process.kill(first.pid ?? 0, 'SIGKILL');
  const startedAt = performance.now();
  const again = await world.until(supervisor, 'gateway', (unit) => isReady(unit) && unit.restarts === 1);
  expect(again.pid).not.toBe(first.pid);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  expect(await readFile(`${world.dir}/gateway.starts`, 'utf8')).toBe('started\nstarted\n');
});

test('a part that ends at once is tried again with growing pauses, with the end of its log as the reason', async () => {
  await using world = await freshWorld();
  const supervisor = await world.run([sleeper(world, 'etcd', { command: ['sh', '-c', 'echo no such disk >&2; exit 3'] })]);
  const unit = await world.until(supervisor, 'etcd', ({ restarts }) => restarts >= 2);
  expect(unit.lastError).toBe('PartFailed: etcd exited with 3; its log ends with: no such disk');
});

test('a program that is not there is a failure of its part alone', async () => {
  await using world = await freshWorld();
  const supervisor = await world.run([sleeper(world, 'missing', { command: ['/nonexistent/program'] }), sleeper(world, 'other')]);
  await world.until(supervisor, 'other', isReady);
  const unit = await world.until(supervisor, 'missing', ({ restarts }) => restarts >= 1);
  expect(unit.lastError).toContain('ENOENT');
});

test('a part that never becomes ready is killed and started again', async () => {
  await using world = await freshWorld();
  const supervisor = await world.run([sleeper(world, 'slow', { ready: async () => false, readyTimeoutMs: 100 })]);
  const unit = await world.until(supervisor, 'slow', ({ restarts }) => restarts >= 1);
  expect(unit.lastError).toMatch(/slow was not ready after 0 s/);
});

test('the helpers of a part that was killed end with it', async () => {
  await using world = await freshWorld();
  const helperFile = `${world.dir}/helper.pid`;
  const supervisor = await world.run([
    sleeper(world, 'controller', {
      command: ['sh', '-c', `sleep 60 & echo $! > ${helperFile}; wait`],
      ready: async () => existsSync(helperFile),
    }),
  ]);
  const { pid } = await world.until(supervisor, 'controller', isReady);
  const helper = await identify(Number(await readFile(helperFile, 'utf8')));
  if (helper === undefined) throw new Error('the helper is not there');
  process.kill(pid ?? 0, 'SIGKILL');
  await world.until(supervisor, 'controller', ({ restarts }) => restarts === 1);
  expect(await isAlive(helper)).toBe(false);
});

test('a part that ignores its stop signal is killed after its time', async () => {
  await using world = await freshWorld();
  const supervisor = await world.run([
    sleeper(world, 'stubborn', {
      command: ['sh', '-c', `trap "" TERM; echo started > ${world.dir}/stubborn.starts; while :; do sleep 0.05; done`],
      stopTimeoutMs: 200,
    }),
  ]);
  await world.until(supervisor, 'stubborn', isReady);
  await supervisor.stop();
  expect(await recordedProcesses(world.paths.processes)).toEqual([]);
});

test('a task is carried out once, again until it succeeds, and what depends on it waits', async () => {
  await using world = await freshWorld();
  let calls = 0;
  const supervisor = await world.run([
    asTask({
      name: 'install',
      dependsOn: [],
      run: async ({ report }) => {
        calls += 1;
        report(`try ${calls}`);
        if (calls === 1) throw new Error('not yet');
      },
    }),
    sleeper(world, 'after', { dependsOn: ['install'] }),
  ]);
  await world.until(supervisor, 'after', isReady);
  expect(calls).toBe(2);
  expect(supervisor.status().units.find(({ name }) => name === 'install')).toMatchObject({
    state: 'done',
    detail: 'try 2',
    restarts: 1,
  });
});

test('the status file is what others see, until the supervisor has stopped', async () => {
  await using world = await freshWorld();
  const supervisor = await world.run([sleeper(world, 'only')]);
  await world.until(supervisor, 'only', isReady);
  let seen = await readRunningStatus(world.paths.status);
  while (seen?.state !== 'ready') {
    await sleep(10);
    seen = await readRunningStatus(world.paths.status);
  }
  expect(seen.units).toMatchObject([{ name: 'only', state: 'ready', log: join(world.paths.logs, 'only.log') }]);
  await supervisor.stop();
  expect(await readRunningStatus(world.paths.status)).toBeUndefined();
});

test('what a killed supervisor left is found and ended by the next one, and files that are cut off are no trouble', async () => {
  await using world = await freshWorld();
  const supervisor = await world.run([sleeper(world, 'left')]);
  await world.until(supervisor, 'left', isReady);
  await appendFile(join(world.paths.processes, 'broken.json'), '{"name":');
  const [record] = await recordedProcesses(world.paths.processes);
  expect(record?.name).toBe('left');
  const ended: string[] = [];
  // The supervisor of this test is alive and starts it again; the record it had must be gone nevertheless.
  await endRecordedProcesses(world.paths.processes, (name) => ended.push(name));
  expect(ended).toEqual(['left']);
  expect(record !== undefined && (await isAlive(record))).toBe(false);
});

test('a state folder has one supervisor, and a dead one does not keep it', async () => {
  await using world = await freshWorld();
  const self = await myself();
  {
    await using _lock = await takeLock(world.paths.lock, self);
    await expect(takeLock(world.paths.lock, self)).rejects.toMatchObject({ code: 'AlreadyRunning' });
  }
  await writeFile(world.paths.lock, JSON.stringify({ ...self, startTicks: '1' }));
  await using lock = await takeLock(world.paths.lock, self);
  expect(JSON.parse(await readFile(lock.path, 'utf8'))).toEqual(self);
});
