// The tables of the history in a real PostgreSQL: what is sent again is there once, and what is old goes in small pieces.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { appendSync, pruneHistory, saveObjects } from '../../controller/reconcile/telling/history-store.ts';
import type { ObjectRecord } from '../../controller/reconcile/telling/object-record.ts';
import type { SyncRecord } from '../../controller/reconcile/telling/sync-record.ts';
import { objectId } from '../../controller/render/manifest.ts';
import type { Database } from '../../runtime/db/database.ts';
import { databaseOf } from '../support/database.ts';

let db: Database;
const uids: string[] = [];

beforeAll(() => {
  db = databaseOf(inject('servers'));
});
afterAll(async () => {
  await db.query('delete from syncs where uid = any($1)', [uids]);
  await db.query('delete from sync_objects where gitsync_uid = any($1)', [uids]);
  await db[Symbol.asyncDispose]();
});

function freshUid(): string {
  const uid = randomUUID();
  uids.push(uid);
  return uid;
}

function record(uid: string, changes: Partial<SyncRecord> = {}): SyncRecord {
  const at = new Date().toISOString();
  return {
    id: randomUUID(),
    namespace: 'nowhere',
    name: uid,
    uid,
    trigger: 'push',
    startedAt: at,
    finishedAt: at,
    result: 'synced',
    counts: {},
    written: 1,
    deleted: 0,
    changes: [],
    changesLeftOut: 0,
    problems: [],
    controller: 'test',
    ...changes,
  };
}

const rowsOf = async (uid: string) =>
  await db.query<{ readonly id: string; readonly attempts: number }>(
    'select id, attempts from syncs where uid = $1 order by seq',
    [uid],
  );

test('a row that is sent twice is stored once; a NUL in a message is no reason to lose it', async () => {
  const uid = freshUid();
  const row = record(uid, {
    commit: { author: 'a\0b', message: 'm\0', time: new Date().toISOString() },
    problems: [{ code: 'X', message: '\0' }],
  });
  await appendSync(db, row);
  await appendSync(db, row);
  expect(await rowsOf(uid)).toEqual([{ id: row.id, attempts: 1 }]);
});

test('the same failure of the same revision counts up in its row, another makes a row of its own', async () => {
  const uid = freshUid();
  const failure = { result: 'failed', code: 'HealthTimeout', reason: 'r', revision: 'a'.repeat(40), written: 0 } as const;
  await appendSync(db, record(uid, failure));
  const again = record(uid, { ...failure, trigger: 'retry' });
  await appendSync(db, again);
  await appendSync(db, again); // sent again, and counted once
  await appendSync(db, record(uid, { ...failure, trigger: 'retry' }));
  expect((await rowsOf(uid)).map(({ attempts }) => attempts)).toEqual([3]);
  await appendSync(db, record(uid, { ...failure, trigger: 'retry', code: 'HealthFailed' }));
  expect((await rowsOf(uid)).map(({ attempts }) => attempts)).toEqual([3, 1]);
});

test('what is too old or too much goes, oldest first, at most 500 rows of each at a time', async () => {
  const [old, busy] = [freshUid(), freshUid()];
  const insert = async (uid: string, rows: number, age: string): Promise<void> => {
    await db.query(
      `insert into syncs (id, last_id, namespace, name, uid, trigger, started_at, finished_at, result, counts, written, deleted, changes, problems, controller)
       select gen_random_uuid(), gen_random_uuid(), 'nowhere', $1, $1, 'push', now() - $3::interval, now(), 'synced', '{}', 0, 0, '[]', '[]', 'test'
         from generate_series(1, $2)`,
      [uid, rows, age],
    );
  };
  await insert(old, 600, '91 days');
  await insert(old, 3, '1 day');
  await insert(busy, 1_200, '1 day');
  const retention = { maxAgeDays: 90, maxRows: 1_000 };
  expect(await pruneHistory(db, retention)).toBeLessThanOrEqual(1_000);
  for (let rounds = 0; (await pruneHistory(db, retention)) > 0; rounds += 1) expect(rounds).toBeLessThan(20);
  expect((await rowsOf(old)).length).toBe(3);
  expect((await rowsOf(busy)).length).toBe(1_000);
  expect(await pruneHistory(db, retention)).toBe(0);
});

test('an object keeps the revision that changed it, and what the API server wrote, through syncs that change nothing of it', async () => {
  const uid = freshUid();
  const object = (name: string, hash: string, changes: Partial<ObjectRecord> = {}): ObjectRecord => ({
    object: objectId({ group: '', kind: 'ConfigMap', namespace: 'n', name }),
    version: 'v1',
    health: 'Healthy',
    healthMessage: '',
    wanted: '{"raw":true}',
    exact: false,
    wantedHash: hash.repeat(64),
    ...changes,
  });
  const save = async (revision: string, objects: readonly ObjectRecord[], kept: readonly string[] = []): Promise<void> =>
    await saveObjects(db, { uid, namespace: 'n', name: 's', revision, at: new Date().toISOString(), objects, kept });
  const rows = async () =>
    await db.query('select object, revision, wanted, health from sync_objects where gitsync_uid = $1 order by object', [uid]);
  await save('one', [object('a', 'a', { wanted: '{"written":1}', exact: true }), object('b', 'b')]);
  await save('two', [object('a', 'a', { health: 'Degraded' }), object('b', 'c')]);
  expect(await rows()).toEqual([
    { object: '/ConfigMap/n/a', revision: 'one', wanted: { written: 1 }, health: 'Degraded' },
    { object: '/ConfigMap/n/b', revision: 'two', wanted: { raw: true }, health: 'Healthy' },
  ]);
  await save('three', [], ['/ConfigMap/n/a']);
  expect((await rows()).map((row) => row['object'])).toEqual(['/ConfigMap/n/a']);
});
