// What the role of the service may not do to the audit log: everything but adding to it.
import { expect, inject, test } from 'vitest';
import { databaseOf } from '../support/database.ts';

const servers = inject('servers');

test.each([
  "update audit_events set actor = 'somebody'",
  'delete from audit_events',
  'truncate audit_events',
  'insert into audit_events select * from audit_events limit 1',
  'alter table audit_events disable trigger all',
  'drop table audit_events',
  'update audit_months set rows = 0',
  'delete from audit_holds',
  "select setval('audit_events_number', 1)",
  'set role streamspace_audit',
  "create or replace function audit_append(events jsonb) returns void language sql as 'select 1'",
  "select audit_make_month(date_trunc('month', now())::date)",
])('P-02-8 the role of the service is refused: %s', async (statement) => {
  await using db = databaseOf(servers);
  await expect(db.query(statement)).rejects.toThrow(/permission denied|must be owner/);
});

test.each(['update %s set result = result', 'delete from %s', 'truncate %s', 'drop table %s', 'select * from %s'])(
  'P-02-8 it is refused for each month by itself, also for one that was made later: %s',
  async (statement) => {
    await using db = databaseOf(servers);
    const parts = await db.query<{ name: string }>(
      "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'audit_events'::regclass limit 10",
    );
    expect(parts.length).toBeGreaterThanOrEqual(2);
    for (const { name } of parts)
      await expect(db.query(statement.replace('%s', name))).rejects.toThrow(/permission denied|must be owner/);
  },
);

test('P-02-8 this month and the one before cannot be dropped by anybody', async () => {
  await using db = databaseOf(servers);
  for (const months of [0, 1])
    await expect(
      db.query(`select audit_drop_month((date_trunc('month', now()) - interval '${months} month')::date)`),
    ).rejects.toThrow('too young');
});
