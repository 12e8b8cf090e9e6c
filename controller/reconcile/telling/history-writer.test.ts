import { setTimeout as later } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { Database, Queryable, Row } from '../../../runtime/db/database.ts';
import { createLogger } from '../../../runtime/log/log.ts';
import { createRegistry, type Registry } from '../../../runtime/metrics/metrics.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { HistoryWriter } from './history-writer.ts';
import type { SyncRecord } from './sync-record.ts';

/** Keeps the ids that were inserted; answers as a database that is away, or that refuses one id. */
class ScriptedDatabase implements Pick<Database, 'query' | 'transaction'> {
  readonly stored: string[] = [];
  away = false;
  refused = '';

  async query<T extends Row>(sql: string, values: readonly unknown[] = []): Promise<readonly T[]> {
    if (this.away) throw new StreamSpaceError('DatabaseUnavailable', 'the database does not answer');
    if (values[0] === this.refused) throw new Error('value too long');
    if (sql.includes('insert into syncs')) this.stored.push(String(values[0]));
    return [];
  }

  async transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    return await work(this);
  }
}

const record = (id: string): SyncRecord => ({
  id,
  namespace: 'n',
  name: 's',
  uid: 'u',
  trigger: 'push',
  startedAt: '2026-01-01T00:00:00Z',
  finishedAt: '2026-01-01T00:00:01Z',
  result: 'synced',
  counts: {},
  written: 1,
  deleted: 0,
  changes: [],
  changesLeftOut: 0,
  problems: [],
  controller: 'c',
});

function writerOn(db: ScriptedDatabase, maxWaiting = 1_000): { readonly writer: HistoryWriter; readonly registry: Registry } {
  const registry = createRegistry('controller');
  const log = createLogger({ name: 'test', level: 'silent' });
  return {
    writer: new HistoryWriter({ db, retention: { maxAgeDays: 90, maxRows: 1_000 }, log, registry, maxWaiting }),
    registry,
  };
}

async function metricOf(registry: Registry, name: string): Promise<number | undefined> {
  return (await registry.getSingleMetric(name)?.get())?.values[0]?.value;
}

test('rows that come while the database is away are stored in their order once it is back', async () => {
  const db = new ScriptedDatabase();
  const { writer } = writerOn(db);
  const stop = new AbortController();
  const loop = writer.writeLoop(stop.signal);
  db.away = true;
  for (const id of ['1', '2', '3']) writer.append(record(id));
  await vi.waitFor(() => expect(writer.state).toBe('waiting for the database'));
  db.away = false;
  await vi.waitFor(() => expect(db.stored).toEqual(['1', '2', '3']), { timeout: 5_000 });
  await vi.waitFor(() => expect(writer.state).toBe('on'));
  stop.abort();
  await loop;
});

test('beyond its bound the oldest row is dropped and counted', async () => {
  const db = new ScriptedDatabase();
  const { writer, registry } = writerOn(db, 2);
  for (const id of ['1', '2', '3', '4']) writer.append(record(id));
  expect(await metricOf(registry, 'streamspace_sync_history_dropped_total')).toBe(2);
  expect(await metricOf(registry, 'streamspace_sync_history_waiting')).toBe(2);
  const stop = new AbortController();
  const loop = writer.writeLoop(stop.signal);
  await vi.waitFor(() => expect(db.stored).toEqual(['3', '4']));
  stop.abort();
  await loop;
});

test('a row that the database refuses stops no other, and is counted', async () => {
  const db = new ScriptedDatabase();
  db.refused = '1';
  const { writer, registry } = writerOn(db);
  const stop = new AbortController();
  const loop = writer.writeLoop(stop.signal);
  for (const id of ['1', '2']) writer.append(record(id));
  await vi.waitFor(() => expect(db.stored).toEqual(['2']));
  expect(await metricOf(registry, 'streamspace_sync_history_dropped_total')).toBe(1);
  stop.abort();
  await loop;
});

test('what waits at the end is stored before it ends', async () => {
  const db = new ScriptedDatabase();
  const { writer } = writerOn(db);
  const stop = new AbortController();
  const loop = writer.writeLoop(stop.signal);
  await later(10);
  writer.append(record('1'));
  stop.abort();
  await loop;
  expect(db.stored).toEqual(['1']);
});
