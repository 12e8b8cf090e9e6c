// What somebody with every right in the database can do to the audit log, and how it is found; and how months end.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { appendEvents } from '../../runtime/audit/append-events.ts';
import { listEvents } from '../../stream-gateway/store/audit.ts';
import { holdMonth, listMonths, releaseMonth } from '../../stream-gateway/store/audit-chain.ts';
import { type AuditWorld, auditEvent, auditWorld, withPeople } from '../support/audit-world.ts';
import { streamspace } from '../support/command.ts';
import { ownGateway } from '../support/own-gateway.ts';
import { personOf } from '../support/servers.ts';

const servers = inject('servers');
const signal = new AbortController().signal;
const now = (): Date => new Date();
const month = now().toISOString().slice(0, 7);

/** 20 events and a checkpoint of them, then 5 more. */
async function world(): Promise<AuditWorld> {
  const made = await auditWorld(servers);
  await appendEvents(
    made.db,
    Array.from({ length: 20 }, (_, n) => auditEvent({ details: { n } })),
  );
  await made.keeper(now).round(signal);
  await appendEvents(
    made.db,
    Array.from({ length: 5 }, (_, n) => auditEvent({ details: { n } })),
  );
  return made;
}

const found = async (made: AuditWorld): Promise<readonly string[]> =>
  (await made.verify()).findings.map(({ problem, row }) => `${problem} ${row?.seq ?? ''}`.trim());

test('P-02-1 one byte of a stored row is flipped: the command names the row, through the gateway', async () => {
  await using made = await world();
  await withPeople(servers, made.db);
  await using gateway = await ownGateway({ ...servers, databaseUrl: made.url }, [
    `--recordings-folder=${made.folder}`,
    `--recordings-signing-key=${made.keyFiles.privateKey}`,
  ]);
  const verify = (person: string, ...flags: readonly string[]) =>
    streamspace(['audit', 'verify', '--server', gateway.servers.url, '--key', made.keyFiles.publicKey, ...flags], {
      env: { STREAMSPACE_API_KEY: personOf(servers, person).apiKey },
    });
  const good = await verify('auditor', '--json');
  expect(good.code, good.stderr).toBe(0);
  expect(JSON.parse(good.stdout)).toMatchObject({ findings: [], checkpoints: { count: 1 } });
  expect(await verify('member')).toMatchObject({ code: 1, stderr: expect.stringContaining('error Forbidden') });
  await made.tamper("update audit_events set actor = 'membes' where seq = 9");
  const [row] = (await listEvents(made.db, { before: 10n }, 1)).map(({ id }) => id);
  const bad = await verify('auditor');
  expect(bad.code).toBe(1);
  expect(bad.stderr).toMatch(new RegExp(`error AuditNotGenuine: ${month}: event ${row} \\(seq 9, place 9,`));
  expect(bad.stdout).toMatch(/^ {2}changed /m);
  const json = JSON.parse((await verify('auditor', '--json', '--month', month)).stdout);
  expect(json).toMatchObject({ found: 1, findings: [{ problem: 'changed', row: { id: row, seq: 9, position: 9 } }] });
  expect(await verify('auditor', '--month', '2026-13')).toMatchObject({ code: 2 });
});

test('P-02-1 the log of the installation itself is genuine', async () => {
  const { code, stdout, stderr } = await streamspace(['audit', 'verify', '--state', servers.stateDir]);
  expect(code, stderr + stdout).toBe(0);
  expect(stdout).toContain('genuine: chains, checkpoints and signatures are good');
});

test.each([
  ["update audit_events set details = jsonb_set(details, '{n}', '7') where seq = 3", ['changed 3']],
  ["update audit_events set at = at + interval '1 microsecond' where seq = 5", ['changed 5']],
  ['update audit_events set hash = set_byte(hash, 31, get_byte(hash, 31) # 1) where seq = 5', ['changed 5']],
  ['delete from audit_events where seq = 5', ['missing 6']],
  ['delete from audit_events where seq between 21 and 23', ['missing 24']],
  ['delete from audit_events where seq = (select max(seq) from audit_events)', ['missing']],
  [
    "insert into audit_events select 7, gen_random_uuid(), at, type, 'x', result, object, source_address, request_id, details, 7, hash from audit_events where seq = 8",
    ['inserted 7'],
  ],
  [
    `create table audit_events_none partition of audit_events for values from ('1999-01-01 00:00Z') to ('1999-02-01 00:00Z');
insert into audit_events select 0, id, '1999-01-02', type, actor, result, object, source_address, request_id, details, 1, hash from audit_events where seq = 1`,
    ['changed 0'],
  ],
])('P-02-1 %s', async (statement, findings) => {
  await using made = await world();
  expect(await found(made)).toEqual([]);
  await made.tamper(...statement.split(';\n'));
  expect(await found(made)).toEqual(findings);
});

/** The whole chain of the month anew, as the functions of the database compute it. */
const REWRITE = `do $$
declare
  one record;
  head bytea := sha256(convert_to('streamspace.io/audit/v1 ${month}', 'UTF8'));
begin
  for one in select * from audit_events order by seq loop
    head := audit_link(head, one.seq, one.position, one.id, one.at, one.type, one.actor, one.result, one.object, one.source_address,
                       one.request_id, one.details);
    update audit_events set hash = head where id = one.id;
  end loop;
  update audit_months set last_hash = head where month = '${month}-01';
end $$`;

test('P-02-1 a chain that was rewritten as a whole agrees with itself, and not with the checkpoint', async () => {
  await using made = await world();
  await made.tamper("update audit_events set actor = 'somebody' where seq = 4", REWRITE);
  expect(await found(made)).toEqual(['rewritten 20']);
});

test('P-02-1 the newest rows cut off, with the table of months brought in line, are missing from the checkpoint', async () => {
  await using made = await world();
  await made.tamper(
    'delete from audit_events where seq > 15',
    `update audit_months set rows = 15, last_seq = 15, last_hash = (select hash from audit_events where seq = 15) where month = '${month}-01'`,
  );
  expect((await made.verify()).findings).toMatchObject([
    { problem: 'missing', words: expect.stringMatching(/^the last rows, 16 to 20, are missing: checkpoint 1 of/) },
  ]);
});

test('P-02-1 a month that somebody dropped by hand is missing, also after the next checkpoint', async () => {
  await using made = await auditWorld(servers);
  await appendEvents(made.db, [auditEvent({ at: '2025-02-03T00:00:00.000Z' })]);
  await made.keeper(now).round(signal);
  await made.db.query("select audit_drop_month('2025-02-01')");
  await made.keeper(() => new Date(Date.now() + 86_400_000)).round(signal);
  expect((await made.verify()).findings).toMatchObject([{ problem: 'monthMissing', month: '2025-02' }]);
});

test('P-02-1 a checkpoint that is taken away is missed by the log', async () => {
  await using made = await world();
  const folder = join(made.folder, 'audit.checkpoints');
  expect(await readdir(folder)).toEqual(['00000001.json']);
  await rm(join(folder, '00000001.json'));
  expect(await found(made)).toEqual(['checkpointMissing']);
});

test('one checkpoint a day, whoever of the replicas is first', async () => {
  await using made = await world();
  const tomorrow = (): Date => new Date(Date.now() + 86_400_000);
  await Promise.all([1, 2, 3, 4].map(() => made.keeper(tomorrow).round(signal)));
  expect(await readdir(join(made.folder, 'audit.checkpoints'))).toHaveLength(2);
  expect(await found(made)).toEqual([]);
});

test('P-02-3 a month that has been kept for long enough goes as a whole within a second, leaves its proof, and stays while it is held', async () => {
  await using made = await auditWorld(servers);
  for (let batch = 0; batch < 10; batch += 1)
    await appendEvents(
      made.db,
      Array.from({ length: 2000 }, () => auditEvent({ at: '2026-03-05T00:00:00.000Z' })),
    );
  await appendEvents(made.db, [auditEvent({ at: '2026-04-05T00:00:00.000Z' }), auditEvent()]);
  expect(await holdMonth(made.db, '2026-04', { by: 'counsel', reason: 'case 7' })).toBe(true);
  expect(await holdMonth(made.db, '2020-01', { by: 'counsel', reason: 'case 7' })).toBe(false);
  await made.keeper(now).round(signal);
  const keeper = made.keeper(now, 3);
  const startedAt = performance.now();
  await keeper.round(signal);
  expect(performance.now() - startedAt).toBeLessThan(1000);
  const months = await listMonths(made.db);
  expect(months.map(({ month: name, stored, rows }) => ({ name, stored, rows }))).toEqual(
    expect.arrayContaining([
      { name: '2026-03', stored: false, rows: 20_000 },
      { name: '2026-04', stored: true, rows: 1 },
    ]),
  );
  const [event] = await listEvents(made.db, { type: 'audit.month-dropped' }, 5);
  expect(event).toMatchObject({ object: 'AuditLog/2026-03', details: { month: '2026-03', rows: 20_000, keepMonths: 3 } });
  expect(await made.verify()).toMatchObject({
    findings: [],
    checkpoints: { count: 2 },
    months: expect.arrayContaining([expect.objectContaining({ month: '2026-03', state: 'dropped', rows: 20_000 })]),
  });
  await releaseMonth(made.db, '2026-04');
  // A policy holds everything, or has a longer time.
  await made.keeper(now, 3, { keepDays: undefined, legalHold: true }).round(signal);
  await made.keeper(now, 3, { keepDays: 3_650, legalHold: false }).round(signal);
  expect((await listMonths(made.db)).find((each) => each.month === '2026-04')).toMatchObject({ stored: true });
  await keeper.round(signal);
  expect((await listMonths(made.db)).find((each) => each.month === '2026-04')).toMatchObject({ stored: false });
  expect((await made.verify()).findings).toEqual([]);
});
