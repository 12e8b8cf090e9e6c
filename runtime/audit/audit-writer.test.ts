import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { Queryable } from '../db/database.ts';
import { createLogger } from '../log/log.ts';
import type { StampedEvent } from './append-events.ts';
import { AuditRules } from './audit-rules.ts';
import { AuditSpool } from './audit-spool.ts';
import { AuditWriter } from './audit-writer.ts';

interface World extends AsyncDisposable {
  readonly folder: string;
  readonly stored: string[];
  readonly database: { away: boolean };
  readonly db: Queryable;
  writer(): AuditWriter;
}

/** A database that keeps the actors in the order in which they came, each id once. */
async function freshWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-audit-'));
  const stored: string[] = [];
  const seen = new Set<string>();
  const database = { away: false };
  const db: Queryable = {
    async query(_sql, values = []) {
      if (database.away) throw new StreamSpaceError('DatabaseUnavailable', 'away');
      for (const event of JSON.parse(String(values[0])) as StampedEvent[]) {
        if (seen.has(event.id)) continue;
        seen.add(event.id);
        stored.push(event.actor ?? `${event.type} ${String(event.details?.['count'])}`);
      }
      return [];
    },
  };
  const log = createLogger({ name: 'test', level: 'silent' });
  return {
    folder,
    stored,
    database,
    db,
    writer: () => new AuditWriter({ db, spool: new AuditSpool(folder), log, now: () => new Date(0) }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

const event = (actor: string) => ({ type: 'signout', actor, result: 'success' }) as const;

/** Until everything that waits on disk is stored. */
async function replayed(writer: AuditWriter): Promise<void> {
  const stop = new AbortController();
  const loop = writer.replayLoop(stop.signal);
  while (!writer.upToDate) await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  await loop;
}

test('G-66 events of an outage are on disk at once and are stored in their order when it is over', async () => {
  await using world = await freshWorld();
  await using writer = world.writer();
  await replayed(writer);
  await writer.record(event('before'));
  world.database.away = true;
  await Promise.all(['a', 'b', 'c'].map((actor) => writer.record(event(actor))));
  expect((await readFile(join(world.folder, 'audit.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(3);
  world.database.away = false;
  await writer.record(event('d'));
  expect(world.stored).toEqual(['before']);
  await replayed(writer);
  await writer.record(event('after'));
  expect(world.stored).toEqual(['before', 'a', 'b', 'c', 'd', 'after']);
});

test('G-66 what an earlier run left is stored before anything new, once, and a line cut short by a crash is left out', async () => {
  await using world = await freshWorld();
  const left = (id: string) => JSON.stringify({ ...event(id), id, at: new Date(0).toISOString() });
  await writeFile(join(world.folder, 'audit.replaying.jsonl'), `${left('1')}\n${left('2')}\n`);
  await writeFile(join(world.folder, 'audit.jsonl'), `${left('2')}\n${left('3')}\n{"id":"4","ty`);
  await using writer = world.writer();
  await writer.record(event('new'));
  await replayed(writer);
  // The new one was appended behind the cut line: it is a line of its own.
  expect(world.stored).toEqual(['1', '2', '3', 'new']);
});

test('G-66 a spool that is full refuses, and how many were lost is told when the database is back', async () => {
  await using world = await freshWorld();
  const log = createLogger({ name: 'test', level: 'silent' });
  const spool = new AuditSpool(world.folder, { maxBytes: 300 });
  const lost: number[] = [];
  const onLost = (count: number): void => void lost.push(count);
  await using writer = new AuditWriter({ db: world.db, spool, log, onLost, now: () => new Date(0) });
  world.database.away = true;
  const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd'].map((actor) => writer.record(event(actor))));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
  expect(outcomes.at(-1)).toMatchObject({ reason: { code: 'AuditSpoolFull' } });
  // An alert does not wait for the database.
  expect(lost).toEqual([1, 1]);
  world.database.away = false;
  await replayed(writer);
  await writer.record(event('after'));
  expect(world.stored).toEqual(['a', 'b', 'audit.lost 2', 'after']);
});

test('P-02-5 an event that is not in the catalogue is refused', async () => {
  await using world = await freshWorld();
  await using writer = world.writer();
  await expect(writer.record({ ...event('x'), type: 'made.up' as 'signout' })).rejects.toThrow('made.up');
});

test('what a rule leaves out, and what is blacked out, is not on disk either', async () => {
  await using world = await freshWorld();
  world.database.away = true;
  const rules = new AuditRules([
    { rules: [{ match: { actors: ['bot'] }, level: 'None' }], redact: [{ pattern: 'planted[0-9]' }] },
  ]);
  const log = createLogger({ name: 'test', level: 'silent' });
  const ports = { db: world.db, spool: new AuditSpool(world.folder), log, now: () => new Date(0), rules: () => rules };
  await using writer = new AuditWriter(ports);
  const change = { before: { spec: { dbPassword: 'hunter22' } }, after: { spec: { dbPassword: 'planted1' } } };
  await writer.record({
    ...event('ann'),
    type: 'object.changed',
    object: 'Template/team-web/one',
    change,
    details: { why: 'planted2' },
  });
  await writer.record(event('bot'));
  const spooled = await readFile(join(world.folder, 'audit.jsonl'), 'utf8');
  expect(spooled).toContain('"ann"');
  expect(spooled).not.toMatch(/planted|hunter22|bot/);
});
