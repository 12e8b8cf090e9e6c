// An audit log that is not signed any more, or has lost a month, does not keep it to itself.
import { rename, writeFile } from 'node:fs/promises';
import { type Logger, pino } from 'pino';
import { expect, inject, test } from 'vitest';
import { appendEvents } from '../../runtime/audit/append-events.ts';
import type { HealthReport } from '../../schemas/api/health.ts';
import { checkpointProblems } from '../../stream-gateway/audit/checkpoint-status.ts';
import { apiAs } from '../support/api.ts';
import { auditEvent, auditWorld, withPeople } from '../support/audit-world.ts';
import { ownGateway } from '../support/own-gateway.ts';
import type { Servers } from '../support/servers.ts';

const servers = inject('servers');
const { signal } = new AbortController();
const NO_LIMIT = { keepDays: undefined, legalHold: false };

/** What it was told, as `level message`. */
function listeningLog(): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const write = (line: string): void => {
    const { level, msg } = JSON.parse(line) as { level: string; msg: string };
    lines.push(`${level} ${msg}`);
  };
  return { log: pino({ level: 'info', formatters: { level: (level) => ({ level }) } }, { write }), lines };
}

const findings = async (of: Servers) => (await apiAs(of, 'admin').get<HealthReport>('/health')).body.findings;
const metrics = async (of: Servers) => await (await fetch(`${of.url}/metrics`)).text();

test('P-02-1 a storage that stays away is warned of, and is a finding with the time of the last checkpoint, until it is back', async () => {
  await using world = await auditWorld(servers);
  await appendEvents(world.db, [auditEvent()]);
  let at = new Date();
  const { log, lines } = listeningLog();
  const keeper = world.keeper(() => at, undefined, NO_LIMIT, log);
  const codes = () => checkpointProblems(keeper.status, at).map(({ code }) => code);
  expect(await keeper.attempt(signal)).toBe(true);
  const { lastAt } = keeper.status as { lastAt?: Date };
  expect(lastAt).toEqual(at);

  await rename(world.folder, `${world.folder}-away`);
  await writeFile(world.folder, 'no folder');
  at = new Date(at.getTime() + 86_400_000);
  for (let tried = 0; tried < 20; tried += 1) {
    expect(await keeper.attempt(signal)).toBe(false);
    at = new Date(at.getTime() + 10_000);
  }
  expect(codes()).toEqual(['AuditCheckpointsLate']);
  expect(checkpointProblems(keeper.status, at)[0]?.message).toContain(`not written since ${lastAt?.toISOString()}`);
  expect(lines).toEqual(['warn the audit log is not looked after: no checkpoint is written; it is tried again']);

  await rename(world.folder, `${world.folder}-file`);
  await rename(`${world.folder}-away`, world.folder);
  expect(await keeper.attempt(signal)).toBe(true);
  expect(codes()).toEqual([]);
  expect(keeper.status).toMatchObject({ lastAt: at });
  expect(lines.at(-1)).toBe('info the audit log is looked after again');
});

test('P-02-1 a month that was dropped by hand is told by each process that looks, not only by the one that signs', async () => {
  await using world = await auditWorld(servers);
  await appendEvents(world.db, [auditEvent({ at: '2026-03-05T00:00:00.000Z' }), auditEvent()]);
  const now = () => new Date();
  await world.keeper(now).round(signal);
  await world.tamper("select audit_drop_month('2026-03-01')");
  // The checkpoint of today is there already.
  const { log, lines } = listeningLog();
  const other = world.keeper(now, undefined, NO_LIMIT, log);
  await other.attempt(signal);
  await other.attempt(signal);
  expect(checkpointProblems(other.status, now())).toEqual([
    { code: 'AuditNotGenuine', message: 'the month 2026-03 of the audit log is gone, and the retention does not say so' },
  ]);
  expect(lines).toEqual(['error months of the audit log are gone and the retention does not say so']);
  // What the retention says is no finding.
  expect(checkpointProblems((await checkedBy(world.keeper(now, 1))).status, now())).toEqual([]);
});

async function checkedBy<T extends { attempt(signal: AbortSignal): Promise<boolean> }>(keeper: T): Promise<T> {
  await keeper.attempt(signal);
  return keeper;
}

test('P-00-3 health says that a gateway has no storage for checkpoints; one that has tells the age of the last', async () => {
  await using world = await auditWorld(servers);
  await withPeople(servers, world.db);
  const own = { ...servers, databaseUrl: world.url };
  {
    await using without = await ownGateway(own, []);
    const found = (await findings(without.servers)).find(({ code }) => code === 'AuditCheckpointsOff');
    expect(found).toMatchObject({ severity: 'warning', part: 'audit', remedy: expect.stringContaining('--recordings-folder') });
    expect(await metrics(without.servers)).not.toMatch(/^streamspace_audit_checkpoint_age_seconds/m);
  }
  const flags = [`--recordings-folder=${world.folder}`, `--recordings-signing-key=${world.keyFiles.privateKey}`];
  await appendEvents(world.db, [auditEvent()]);
  await using gateway = await ownGateway(own, flags);
  await expect
    .poll(async () =>
      Number(/^streamspace_audit_checkpoint_age_seconds\{[^}]*\} (\S+)$/m.exec(await metrics(gateway.servers))?.[1]),
    )
    .toBeLessThan(60);
  const codes = (await findings(gateway.servers)).map(({ code }) => code);
  expect(codes.filter((code) => code.startsWith('Audit'))).toEqual([]);
});
