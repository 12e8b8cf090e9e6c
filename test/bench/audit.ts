// The audit log with a million rows: how fast it is written, searched, verified, and how fast a month goes.

import { appendEvents } from '../../runtime/audit/append-events.ts';
import { parseAuditSearch } from '../../schemas/audit-search/parse.ts';
import { type AuditFilter, listEvents } from '../../stream-gateway/store/audit.ts';
import { dropMonth, listMonths } from '../../stream-gateway/store/audit-chain.ts';
import { type AuditWorld, auditEvent, auditWorld, withPeople } from '../support/audit-world.ts';
import { must, ROOT } from '../support/command.ts';
import { ownGateway } from '../support/own-gateway.ts';
import { personOf, type Servers } from '../support/servers.ts';
import { type Measurement, measurement, quantile } from './result.ts';

const ROWS = 1_000_000;
/** Oldest first; the last one is the biggest. */
const MONTHS = ['2025-12', '2026-01', '2026-02', '2026-03', '2026-04', '2026-05', '2026-06', '2026-07', '2026-08', '2026-09'];
/** Well within the time that a statement has, also on a busy machine. */
const BATCH = 10_000;
/** As the spool is replayed. */
const REPLAYED = 500;
const SEARCHES = 50;

export async function auditSuite(servers: Servers): Promise<readonly Measurement[]> {
  await using world = await auditWorld(servers);
  await withPeople(servers, world.db);
  const written = await writing(world);
  await fill(world);
  await analyzed(world);
  return [...written, ...(await searching(world)), ...(await verifying(world, servers)), await dropping(world)];
}

async function writing({ db }: AuditWorld): Promise<readonly Measurement[]> {
  const perSecond = async (batches: number, size: number, writers: number): Promise<number> => {
    const startedAt = performance.now();
    const write = async (): Promise<void> => {
      for (let batch = 0; batch < batches; batch += 1) await appendEvents(db, Array.from({ length: size }, facts));
    };
    await Promise.all(Array.from({ length: writers }, write));
    return (1000 * batches * size * writers) / (performance.now() - startedAt);
  };
  return [
    measurement('audit', `events written in batches of ${REPLAYED}, 1 writer`, await perSecond(20, REPLAYED, 1), '1/s'),
    measurement('audit', `events written in batches of ${REPLAYED}, 4 writers at once`, await perSecond(5, REPLAYED, 4), '1/s'),
    measurement('audit', 'events written one by one, 1 writer', await perSecond(500, 1, 1), '1/s'),
    measurement('audit', 'events written one by one, 4 writers at once', await perSecond(200, 1, 4), '1/s'),
  ];
}

function facts() {
  const number = Math.floor(Math.random() * 1000);
  const details = { right: 'control', credential: 'sign-in', bytes: number, seconds: 12 };
  return auditEvent({ type: 'stream.closed', actor: `person-${number}`, object: `Session/team-web/s-${number}`, details });
}

/** Made in the database, through the same function as every other event. 1,000 people, 40 types, 5,000 objects. */
async function fill({ db }: AuditWorld): Promise<void> {
  for (let from = 0; from < ROWS; from += BATCH) {
    const month = MONTHS[Math.floor((from / ROWS) * MONTHS.length)] ?? '';
    await db.query(
      `select audit_append(jsonb_agg(jsonb_build_object(
         'id', gen_random_uuid(), 'at', to_char($1::timestamp + n * interval '10 seconds', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
         'type', (array['signout', 'stream.opened', 'stream.closed', 'session.created', 'clipboard.passed'])[1 + n % 5],
         'actor', 'person-' || (n * 7919 % 1000), 'result', 'success', 'object', 'Session/team-web/s-' || (n * 104729 % 5000),
         'sourceAddress', '10.0.0.1', 'requestId', gen_random_uuid(),
         'details', jsonb_build_object('right', 'control', 'bytes', n, 'secure', true)) order by n))
         from generate_series($2::bigint, $3::bigint) n`,
      [`${month}-01`, from % (ROWS / MONTHS.length), (from % (ROWS / MONTHS.length)) + BATCH - 1],
    );
    process.stderr.write(`\r  ${from + BATCH} rows`);
  }
  process.stderr.write('\n');
}

/** Month by month, as autovacuum does: each evaluates the words of tens of thousands of rows, all at once take longer than a statement may. */
async function analyzed({ db }: AuditWorld): Promise<void> {
  const months = await db.query<{ readonly month: string }>(
    "select inhrelid::regclass::text as month from pg_inherits where inhparent = 'audit_events'::regclass",
  );
  for (const { month } of months) await db.query(`analyze ${month}`);
}

function grammar(text: string): AuditFilter {
  const parsed = parseAuditSearch(text);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return { search: { terms: parsed.terms, nowMs: Date.now(), namespaceOf: (team) => `team-${team}` } };
}

async function searching({ db }: AuditWorld): Promise<readonly Measurement[]> {
  const any = (count: number): number => Math.floor(Math.random() * count);
  const filters: Readonly<Record<string, () => AuditFilter>> = {
    'no filter': () => ({}),
    'a person': () => ({ actor: `person-${any(1000)}` }),
    'a person who is not there': () => ({ actor: 'nobody' }),
    'a type': () => ({ type: 'session.created' }),
    'an object': () => ({ object: `Session/team-web/s-${any(5000)}` }),
    'a person and a type': () => ({ actor: `person-${any(1000)}`, type: 'session.created' }),
    'a search: refusals of a person in a team': () => grammar(`actor:person-${any(1000)} result:denied team:web`),
    'a search: words, an address range and what it is not': () =>
      grammar(`person-${any(1000)} address:10.0.0.0/8 object:session/s-${any(5000)} -action:session.*`),
    'a word that every event has': () => grammar('session'),
    'a word that every fifth event has': () => grammar('clipboard'),
    'a word that one in 1,000 has': () => grammar(`person-${any(1000)}`),
    'a word that no event has': () => grammar('unheard'),
    'a search that finds nothing': () => grammar(`team:web result:failure "never written" since:2025-12-01`),
    'a person, from the middle': () => ({ actor: `person-${any(1000)}`, before: BigInt(ROWS / 2) }),
  };
  const measured: Measurement[] = [];
  for (const [name, filter] of Object.entries(filters)) {
    const times: number[] = [];
    for (let search = 0; search < SEARCHES; search += 1) {
      const startedAt = performance.now();
      await listEvents(db, filter(), 51);
      times.push(performance.now() - startedAt);
    }
    measured.push(measurement('audit', `first page of 1 M rows by ${name}, p95 of ${SEARCHES}`, quantile(times, 0.95), 'ms'));
  }
  return measured;
}

async function verifying(world: AuditWorld, servers: Servers): Promise<readonly Measurement[]> {
  const direct = await world.verify();
  await using gateway = await ownGateway({ ...servers, databaseUrl: world.url }, [
    `--recordings-folder=${world.folder}`,
    `--recordings-signing-key=${world.keyFiles.privateKey}`,
  ]);
  const args = ['audit', 'verify', '--server', gateway.servers.url, '--key', world.keyFiles.publicKey, '--json'];
  const env = { STREAMSPACE_API_KEY: personOf(servers, 'auditor').apiKey };
  const byCommand = JSON.parse(await must(process.execPath, [`${ROOT}cli/streamspace.mjs`, ...args], { env })) as typeof direct;
  if (direct.found + byCommand.found > 0) throw new Error(`the log is not genuine: ${JSON.stringify(byCommand.findings[0])}`);
  return [
    measurement('audit', `rows verified by the command, ${byCommand.rows} rows`, byCommand.rows / byCommand.seconds, '1/s', {
      name: 'straight from the database',
      value: direct.rows / direct.seconds,
    }),
  ];
}

async function dropping({ db }: AuditWorld): Promise<Measurement> {
  const [first] = (await listMonths(db)).filter(({ rows }) => rows > 0);
  if (first === undefined) throw new Error('there is no month');
  const startedAt = performance.now();
  await dropMonth(db, first.month);
  return measurement('audit', `a month of ${first.rows} rows dropped`, performance.now() - startedAt, 'ms');
}
