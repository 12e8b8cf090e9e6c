// A backup of the database: the log comes back as it was, with its owner.
import { expect, inject, test } from 'vitest';
import { postgresPrograms } from '../../local/database/programs.ts';
import { appendEvents } from '../../runtime/audit/append-events.ts';
import { auditEvent } from '../support/audit-world.ts';
import { run } from '../support/command.ts';
import { freshDatabase } from '../support/fresh-database.ts';

test('the role of the service cannot dump the log, and the role of backups may read it and change nothing', async () => {
  await using fresh = await freshDatabase(inject('servers'));
  await appendEvents(fresh.db, [auditEvent({ actor: 'ada' })]);
  const dump = `${await postgresPrograms('/nonexistent')}/pg_dump`;
  const refused = await run(dump, ['--data-only', '--dbname', fresh.url]);
  expect(refused.stderr).toContain('permission denied for table audit_events_');
  const [role] = await fresh.db.query(
    `select pg_has_role('streamspace_backup', 'pg_read_all_data', 'member') as reads, rolcanlogin as login, rolsuper as super,
            (select bool_and(has_table_privilege('streamspace_backup', inhrelid, 'select')) from pg_inherits
              where inhparent = 'audit_events'::regclass) as months,
            has_table_privilege('streamspace_backup', 'audit_events', 'insert, update, delete, truncate') as changes
       from pg_roles where rolname = 'streamspace_backup'`,
  );
  expect(role).toEqual({ reads: true, login: false, super: false, months: true, changes: false });
});
