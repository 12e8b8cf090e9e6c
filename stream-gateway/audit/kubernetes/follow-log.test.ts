import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { KubernetesEvent } from './event-list.ts';
import { takeNew } from './follow-log.ts';

async function world() {
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-follow-'));
  const path = join(folder, 'audit.log');
  const taken: string[] = [];
  const state = { away: false };
  const taker = {
    async take(events: readonly KubernetesEvent[]) {
      if (state.away) throw new Error('away');
      taken.push(...events.map(({ auditID }) => auditID));
    },
  };
  const ports = { path, placeFile: join(folder, 'place.json'), taker, log: pino({ level: 'silent' }) };
  const signal = new AbortController().signal;
  return {
    ...{ path, taken, state },
    look: () => takeNew(ports, signal),
    rotate: (at: string) => rename(path, join(folder, `audit-${at}.log`)),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

const line = (auditID: string): string =>
  `${JSON.stringify({ auditID, stage: 'ResponseComplete', verb: 'patch', user: { username: 'ann' }, stageTimestamp: '2026-11-29T00:00:00Z' })}\n`;

test('lines are taken once they are whole, each once', async () => {
  await using made = await world();
  await writeFile(made.path, line('1') + line('2').slice(0, 20));
  await made.look();
  await made.look();
  expect(made.taken).toEqual(['1']);
  await appendFile(made.path, line('2').slice(20) + line('3'));
  await made.look();
  expect(made.taken).toEqual(['1', '2', '3']);
});

test('what was rotated while nobody read is taken first, in its order', async () => {
  await using made = await world();
  await writeFile(made.path, line('1'));
  await made.look();
  await appendFile(made.path, line('2'));
  await made.rotate('2026-11-29T00-00-01.000');
  await writeFile(made.path, line('3'));
  await made.rotate('2026-11-29T00-00-02.000');
  await writeFile(made.path, line('4'));
  await made.look();
  expect(made.taken).toEqual(['1', '2', '3', '4']);
});

test('what could not be kept is taken again', async () => {
  await using made = await world();
  await writeFile(made.path, line('1'));
  made.state.away = true;
  await expect(made.look()).rejects.toThrow('away');
  made.state.away = false;
  await made.look();
  expect(made.taken).toEqual(['1']);
});

test('a line longer than what is read at once is one event, and one that is no JSON is none', async () => {
  await using made = await world();
  await writeFile(
    made.path,
    `no json\n${JSON.stringify({ ...JSON.parse(line('long')), filler: 'x'.repeat(3 * 1024 * 1024) })}\n${line('after')}`,
  );
  await made.look();
  expect(made.taken).toEqual(['long', 'after']);
});
