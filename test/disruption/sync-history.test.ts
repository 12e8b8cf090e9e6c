// What the controller tells of its syncs: the history and the objects in PostgreSQL, and what is going on in the status.
import { expect, inject, test } from 'vitest';
import type { Database } from '../../runtime/db/database.ts';
import { databaseOf } from '../support/database.ts';
import { freezePart, killPart } from '../support/parts.ts';
import { eventually } from '../support/wait.ts';
import { freshWorld, type World } from '../support/world.ts';

const servers = inject('servers');
const A = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: one\n';
const SECRET = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: not-for-the-database}\n';

interface Row extends Record<string, unknown> {
  readonly revision: string;
  readonly previous_revision: string | null;
  readonly trigger: string;
  readonly requested_by: string | null;
  readonly requested_by_verified: boolean;
  readonly result: string;
  readonly code: string | null;
  readonly attempts: number;
  readonly written: number;
  readonly deleted: number;
  readonly changes: readonly Record<string, unknown>[];
}

async function rowsOf(db: Database, { namespace }: World): Promise<readonly Row[]> {
  // A world begins with an empty repository.
  return await db.query<Row>("select * from syncs where namespace = $1 and code is distinct from 'GitRefNotFound' order by seq", [
    namespace,
  ]);
}

async function untilRows(db: Database, world: World, count: number, timeoutMs = 20_000): Promise<readonly Row[]> {
  return await eventually(
    `${count} rows of history`,
    async () => {
      const rows = await rowsOf(db, world);
      return rows.length >= count && rows;
    },
    { timeoutMs },
  );
}

test('a row is kept of each sync that changed something, failed or was asked for, with who, what and where', async () => {
  await using world = await freshWorld(servers);
  await using db = databaseOf(servers);
  const first = await world.apply({ 'a.yaml': A, 's.yaml': SECRET });
  const second = await world.apply({ 'a.yaml': A.replace('one', 'two'), 's.yaml': SECRET.replace('not-for', 'never-for') });
  await world.sync();
  await world.kubectl(['patch', 'configmap', 'a', '--type=merge', '-p', '{"data":{"k":"three"}}']);
  await untilRows(db, world, 4);
  const broken = await world.push({ 'b.yaml': 'kind: [\n' });
  await world.until('it fails', (now) => now.conditions?.[0]?.reason === 'YamlInvalid');
  const rows = await untilRows(db, world, 5);
  expect(rows.map(({ trigger, result, code, revision }) => [trigger, result, code, revision])).toEqual([
    [expect.stringMatching(/^(spec|push|poll)$/), 'synced', null, first.revision],
    ['push', 'synced', null, second.revision],
    ['request', 'synced', null, second.revision],
    ['drift', 'synced', null, second.revision],
    ['push', 'failed', 'YamlInvalid', broken],
  ]);
  expect(rows[1]).toMatchObject({ previous_revision: first.revision, written: 2, deleted: 0 });
  const change = rows[1]?.changes.find(({ object }) => String(object).includes('ConfigMap'));
  expect(change).toEqual({
    action: 'configure',
    object: `/ConfigMap/${world.namespace}/a`,
    file: 'a.yaml',
    line: 1,
    fields: [{ path: 'data.k', before: '"one"', after: '"two"' }],
  });
  // A client of the API server names no person, only its field manager.
  expect(rows[2]).toMatchObject({ requested_by: 'world', requested_by_verified: false, written: 0 });
  expect(JSON.stringify(rows)).not.toContain('for-the-database');
  expect(JSON.stringify(rows)).not.toContain(Buffer.from('never-for-the-database').toString('base64'));
});

test('of each object it is known what Git wants, where, and which commit changed the file last; not the value of a Secret', async () => {
  await using world = await freshWorld(servers);
  await using db = databaseOf(servers);
  const first = await world.apply({ 'a.yaml': A, 's.yaml': SECRET });
  const second = await world.apply({ 's.yaml': SECRET.replace('not-for', 'never-for') });
  const read = async () =>
    await db.query(
      `select o.object, o.file, o.line, o.health, o.wanted, f.revision from sync_objects o
         left join sync_files f on f.gitsync_uid = o.gitsync_uid and f.file = o.file where o.namespace = $1 order by object`,
      [world.namespace],
    );
  const rows = await eventually('both files are traced', async () => {
    const now = await read();
    return now.some(({ revision }) => revision === second.revision) && now;
  });
  expect(rows).toEqual([
    {
      object: `/ConfigMap/${world.namespace}/a`,
      file: 'a.yaml',
      line: 1,
      health: 'Healthy',
      wanted: expect.objectContaining({ data: { k: 'one' } }),
      revision: first.revision,
    },
    {
      object: `/Secret/${world.namespace}/s`,
      file: 's.yaml',
      line: 1,
      health: 'Healthy',
      wanted: expect.objectContaining({ data: { password: '(hidden)' } }),
      revision: second.revision,
    },
  ]);
  await world.apply({ 's.yaml': null });
  await eventually('the object that left Git is not there any more', async () => (await read()).length === 1);
});

test('S-086 a second sync of the same commit writes no row and no object', async () => {
  await using world = await freshWorld(servers);
  await using db = databaseOf(servers);
  await world.apply({ 'a.yaml': A });
  const rows = await untilRows(db, world, 1);
  const before = await world.writes();
  await world.patch({ metadata: { labels: { nothing: 'new' } } });
  await world.sync();
  // The request and the answer to it are the only news.
  expect(await world.writesSince(before)).toEqual(new Set(['patch gitsyncs/sync', 'patch gitsyncs/sync/status']));
  expect((await untilRows(db, world, 2)).length).toBe(rows.length + 1);
});

test('a sync shows what it is doing and what it waits for while it goes on, and nothing of it afterwards', async () => {
  await using world = await freshWorld(servers, { spec: { timeout: '20s' } });
  const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: nowhere.invalid/none}]}\n';
  await world.push({ 'p.yaml': pod });
  const busy = await world.until('it waits for the pod', (now) => now.operation?.phase === 'WaitingForHealth');
  expect(busy.operation).toMatchObject({
    total: 1,
    done: 0,
    waitingFor: [`/Pod/${world.namespace}/p`],
    revision: expect.stringMatching(/^[0-9a-f]{40}$/),
  });
  const next = await world.apply({ 'p.yaml': null, 'a.yaml': A });
  expect(next.operation).toBeUndefined();
});

test('PostgreSQL that is away delays no sync; its rows arrive once it is back', async () => {
  await using world = await freshWorld(servers);
  {
    await using _frozen = await freezePart(servers, 'database');
    const startedAt = performance.now();
    await world.apply({ 'a.yaml': A });
    await world.apply({ 'a.yaml': A.replace('one', 'two') });
    // One query that waits for its answer takes longer than this.
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  }
  await killPart(servers, 'database');
  await world.apply({ 'a.yaml': A.replace('one', 'three') });
  await using db = databaseOf(servers);
  const rows = await untilRows(db, world, 3, 60_000);
  expect(rows.map(({ result }) => result)).toEqual(['synced', 'synced', 'synced']);
  expect(new Set(rows.map(({ revision }) => revision)).size).toBe(3);
});
