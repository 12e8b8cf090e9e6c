// Is the audit log as it was written? Months, rows and checkpoints come from a source that is not trusted; the keys are.
import type { KeyObject } from 'node:crypto';
import pMap from 'p-map';
import type { ChainedRow } from './chain.ts';
import type { AuditFinding } from './finding.ts';
import { type CheckpointsVerified, verifyCheckpoints, verifyTombstone } from './verify-checkpoints.ts';
import { type Claim, MonthVerifier } from './verify-month.ts';

/** What the source says of a month. */
export interface SourceMonth {
  readonly month: string;
  readonly rows: number;
  readonly lastHash: string;
  readonly droppedAt: string | null;
  readonly stored: boolean;
}

export interface AuditSource {
  /** Files of checkpoints, one a line; some lines at a time. */
  checkpoints(): AsyncIterable<readonly string[]>;
  months(): Promise<readonly SourceMonth[]>;
  /** See {@link parseRow}, by seq. Many at a time: to wait for each row takes as long as its hash. */
  rows(month: string): AsyncIterable<readonly string[]>;
}

export interface AuditVerification {
  readonly months: readonly {
    readonly month: string;
    readonly rows: number;
    readonly state: 'genuine' | 'dropped' | 'not genuine';
    readonly lastHash: string;
  }[];
  readonly checkpoints: { readonly count: number; readonly at: string | null };
  /** The first of each month, at most 20 of one. */
  readonly findings: readonly AuditFinding[];
  readonly found: number;
  readonly rows: number;
  readonly seconds: number;
}

/**
 * Months, whose chains know nothing of each other: while one waits for the database, the other is hashed. More hold more connections of the gateway, and
 * were no faster: the loop here is one processor, which two statements of the database keep busy.
 */
const AT_ONCE = 2;

/** @param only `YYYY-MM`, to leave the others out @throws AuditMalformed */
export async function verifyAudit(source: AuditSource, keys: readonly KeyObject[], only?: string): Promise<AuditVerification> {
  const startedAt = performance.now();
  // First: what a checkpoint says has to be there when the rows are read, and not the other way round.
  const signed = verifyCheckpoints(await readFiles(source), keys);
  const stored = new Map((await source.months()).map((each) => [each.month, each]));
  const findings: AuditFinding[] = [...signed.findings];
  let found = findings.length;
  const months: AuditVerification['months'][number][] = [];
  const mentions: Mention[] = [];
  const names = [...new Set([...stored.keys(), ...signed.claims.keys()])].toSorted();
  const wanted = names.filter((month) => only === undefined || month === only);
  const verified = await verifyMonths(wanted, (month, signal) => verifyMonth(source, month, stored.get(month), signed, signal));
  for (const { month, ...one } of verified) {
    findings.push(...one.findings);
    found += one.found;
    mentions.push(...one.mentions);
    const state = one.found > 0 ? 'not genuine' : one.dropped ? 'dropped' : 'genuine';
    months.push({ month, rows: one.rows, state, lastHash: one.lastHash });
  }
  const unknown = await unknownCheckpoints(source, mentions, signed, keys);
  findings.push(...unknown);
  found += unknown.length;
  const rows = months.reduce((sum, each) => sum + (each.state === 'dropped' ? 0 : each.rows), 0);
  const seconds = (performance.now() - startedAt) / 1000;
  return { months, checkpoints: { count: signed.count, at: signed.at }, findings, found, rows, seconds };
}

/** @param verify ends when the signal says that another one has failed */
async function verifyMonths(
  months: readonly string[],
  verify: (month: string, signal: AbortSignal) => Promise<MonthVerified>,
): Promise<readonly (MonthVerified & { readonly month: string })[]> {
  const failed = new AbortController();
  try {
    const one = async (month: string) => ({ month, ...(await verify(month, failed.signal)) });
    return await pMap(months, one, { concurrency: AT_ONCE });
  } catch (error) {
    failed.abort();
    throw error;
  }
}

async function readFiles(source: AuditSource): Promise<readonly Buffer[]> {
  const files: Buffer[] = [];
  for await (const lines of source.checkpoints()) files.push(...lines.map((line) => Buffer.from(`${line}\n`)));
  return files;
}

interface MonthVerified {
  readonly findings: readonly AuditFinding[];
  readonly found: number;
  readonly rows: number;
  readonly lastHash: string;
  readonly dropped: boolean;
  readonly mentions: readonly Mention[];
}

async function verifyMonth(
  source: AuditSource,
  month: string,
  stored: SourceMonth | undefined,
  signed: CheckpointsVerified,
  signal: AbortSignal,
): Promise<MonthVerified> {
  const claims = signed.claims.get(month) ?? [];
  const tomb = signed.dropped.get(month);
  if (tomb !== undefined && stored?.stored !== true) {
    const findings = verifyTombstone(tomb, claims);
    return { findings, found: findings.length, rows: tomb.rows, lastHash: tomb.lastHash, dropped: true, mentions: [] };
  }
  if (stored === undefined || !stored.stored) {
    const words = 'the month is gone, and no signed checkpoint says that its time was over';
    const last = claims.at(-1);
    const { rows, lastHash } = { rows: last?.rows ?? 0, lastHash: last?.lastHash ?? '' };
    return {
      findings: [{ problem: 'monthMissing', month, row: null, words }],
      found: 1,
      rows,
      lastHash,
      dropped: true,
      mentions: [],
    };
  }
  const own: Claim = { rows: stored.rows, lastHash: stored.lastHash, by: 'the table of months' };
  const verifier = new MonthVerifier(month, [...claims, own]);
  const mentions: Mention[] = [];
  for await (const lines of source.rows(month)) {
    signal.throwIfAborted();
    for (const line of lines) {
      const row = verifier.pushLine(line, 'audit.checkpoint');
      const mention = row === undefined ? undefined : mentionOf(month, row);
      if (mention !== undefined) mentions.push(mention);
    }
  }
  return { ...verifier.end(), mentions, rows: verifier.rows, lastHash: verifier.lastHash, dropped: false };
}

/** The log says of each checkpoint that it was made. */
interface Mention {
  readonly month: string;
  readonly number: number;
  readonly sha256: unknown;
}

function mentionOf(month: string, { details }: ChainedRow): Mention | undefined {
  if (typeof details !== 'object' || details === null) return undefined;
  if (!('number' in details) || !('sha256' in details) || typeof details.number !== 'number') return undefined;
  return { month, number: details.number, sha256: details.sha256 };
}

async function unknownCheckpoints(
  source: AuditSource,
  mentions: readonly Mention[],
  signed: CheckpointsVerified,
  keys: readonly KeyObject[],
): Promise<readonly AuditFinding[]> {
  const isUnknown = ({ number, sha256 }: Mention, { hashes }: CheckpointsVerified): boolean => hashes.get(number) !== sha256;
  const unknown = mentions.filter((each) => isUnknown(each, signed));
  if (unknown.length === 0) return [];
  // Perhaps it was made while the rows were read.
  const again = verifyCheckpoints(await readFiles(source), keys);
  return unknown
    .filter((each) => isUnknown(each, again))
    .map(({ month, number }) => ({
      problem: 'checkpointMissing' as const,
      month,
      row: null,
      words: `the log says that checkpoint ${number} was made, and ${again.hashes.has(number) ? 'there is another one' : 'there is none'}`,
    }));
}
