// The chain of the audit log in a real PostgreSQL: what it computes is what we compute, whoever writes, whatever is written.
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import fc from 'fast-check';
import { runner } from 'node-pg-migrate';
import { expect, inject, test } from 'vitest';
import { appendEvents, type StampedEvent } from '../../runtime/audit/append-events.ts';
import { openDatabase } from '../../runtime/db/database.ts';
import { migrate } from '../../runtime/db/migrate.ts';
import { createLogger } from '../../runtime/log/log.ts';
import { listEvents } from '../../stream-gateway/store/audit.ts';
import { listMonths } from '../../stream-gateway/store/audit-chain.ts';
import { auditEvent, auditWorld } from '../support/audit-world.ts';
import { databaseOf, dropDatabase } from '../support/database.ts';

const servers = inject('servers');
const thisMonth = new Date().toISOString().slice(0, 7);

/** Also lone surrogates, U+0000, control characters, and numbers that JavaScript writes with an exponent. */
const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\ud800', 'a\u0000b', '\u2028"\\\u007f\b\f', '😀'));
const anyEvent: fc.Arbitrary<StampedEvent> = fc.record({
  id: fc.uuid(),
  at: fc.date({ min: new Date('2026-09-01T00:00:00Z'), max: new Date(), noInvalidDate: true }).map((date) => date.toISOString()),
  type: fc.constantFrom('signout' as const, 'stream.opened' as const),
  actor: fc.option(anyText),
  result: fc.constantFrom('success' as const, 'refused' as const),
  object: anyText,
  details: fc.dictionary(
    // V8 13.6 may misread a name of up to three characters with an escape in it, so JSON.parse is not asked for any.
    fc.oneof(fc.stringMatching(/^[A-Za-z ~]{1,5}$/), fc.stringMatching(/^[A-Za-z ~"\\]{6,12}$/)),
    fc.oneof(
      anyText,
      fc.double(),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constantFrom(null, -0, 1e21, 1e-7, 5e-324, 2 ** 60, 0.1 + 0.2),
    ),
  ),
});

test('P-02-1 the hashes of PostgreSQL are those of RFC 8785, whatever is written', async () => {
  await using world = await auditWorld(servers);
  const lists = fc.sample(fc.array(anyEvent, { minLength: 1, maxLength: 40 }), 40);
  for (const events of lists) await appendEvents(world.db, events);
  const verified = await world.verify();
  expect(verified.findings).toEqual([]);
  expect(verified.rows).toBe(new Set(lists.flat().map(({ id, at }) => `${id} ${at}`)).size);
});

test('P-02-1 replicas that write at the same time make one chain', async () => {
  await using world = await auditWorld(servers);
  const batches = Array.from({ length: 40 }, (_, batch) =>
    Array.from({ length: 25 }, (_, place) => auditEvent({ details: { batch, place } })),
  );
  await Promise.all(batches.map((events) => appendEvents(world.db, events)));
  expect(await world.verify()).toMatchObject({ findings: [], rows: 1000 });
  const [head] = (await listMonths(world.db)).filter(({ month }) => month === thisMonth);
  expect(head).toMatchObject({ rows: 1000, stored: true });
});

test('G-66 events of the spool are stored once, also those of a month that is over', async () => {
  await using world = await auditWorld(servers);
  const spooled = [auditEvent({ at: '2026-03-31T23:59:59.999Z' }), auditEvent({ at: '2026-04-01T00:00:00.000Z' }), auditEvent()];
  await appendEvents(world.db, spooled);
  await appendEvents(world.db, [auditEvent(), ...spooled, ...spooled]);
  const { months, findings } = await world.verify();
  expect(findings).toEqual([]);
  const rows = Object.fromEntries(months.filter((each) => each.rows > 0).map((each) => [each.month, each.rows]));
  expect(rows).toEqual({ '2026-03': 1, '2026-04': 1, [thisMonth]: 2 });
  // Pages go by the order in which the events were stored.
  const first = await listEvents(world.db, {}, 2);
  const second = await listEvents(world.db, { before: first.at(-1)?.seq }, 10);
  expect([...first, ...second].map(({ seq }) => Number(seq))).toEqual([4, 3, 2, 1]);
});

test('an event of a month that was dropped, or of the far future, is stored as of now, once, with its own time', async () => {
  await using world = await auditWorld(servers);
  await appendEvents(world.db, [auditEvent({ at: '2025-01-02T03:04:05.000Z' })]);
  await world.db.query("select audit_drop_month('2025-01-01')");
  const late = [
    auditEvent({ at: '2025-01-05T00:00:00.000Z' }),
    auditEvent({ at: '2094-01-05T00:00:00.000Z', details: { a: 1 } }),
  ];
  await appendEvents(world.db, late);
  await appendEvents(world.db, late);
  const stored = await listEvents(world.db, {}, 10);
  expect(stored.map(({ at }) => at.slice(0, 7))).toEqual([thisMonth, thisMonth]);
  expect(stored.map(({ details }) => details)).toEqual([
    { a: 1, occurredAt: '2094-01-05T00:00:00.000Z' },
    { occurredAt: '2025-01-05T00:00:00.000Z' },
  ]);
});

test('events that were there before the migration keep id, number and time, in a chain', async () => {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(servers.databaseUrl);
  url.pathname = `/${name}`;
  const log = createLogger({ name: 'test', level: 'error' });
  await using admin = databaseOf(servers);
  await admin.query(`create database ${name} template template1`);
  try {
    const dir = new URL('../../runtime/db/migrations', import.meta.url).pathname;
    const count = (await readdir(dir)).filter((file) => file < '0008').length;
    const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
    await runner({ databaseUrl: url.href, dir, direction: 'up', count, migrationsTable: 'schema_migrations', logger: quiet });
    await using db = openDatabase({ url: url.href, log, maxConnections: 1 });
    await db.query(
      `insert into audit_events (id, at, type, actor, result, details)
       select gen_random_uuid(), '2026-08-30T12:00:00.123456Z'::timestamptz + n * interval '1 hour', 'signout', 'p' || n, 'success',
              jsonb_build_object('n', n, 'ratio', 1.50) from generate_series(1, 100) n`,
    );
    const before = await db.query(
      "select seq, id, date_trunc('milliseconds', at) as at, actor, details from audit_events order by seq",
    );
    await migrate({ url: url.href, log });
    expect(await db.query('select seq, id, at, actor, details from audit_events order by seq')).toEqual(before);
    const months = (await listMonths(db)).filter(({ rows }) => rows > 0);
    expect(months.map(({ month }) => month)).toEqual(['2026-08', '2026-09']);
    await appendEvents(db, [auditEvent()]);
    expect((await listEvents(db, {}, 1)).map(({ seq }) => Number(seq))).toEqual([101]);
  } finally {
    await dropDatabase(admin, name);
  }
});
