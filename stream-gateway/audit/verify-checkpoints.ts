// What the checkpoints say of each month, and what is wrong with the checkpoints themselves.
import type { KeyObject } from 'node:crypto';
import { checkpointHash, isCheckpointSignedBy, type MonthState, readCheckpoint } from './checkpoint.ts';
import type { AuditFinding } from './finding.ts';
import type { Claim } from './verify-month.ts';

export interface CheckpointsVerified {
  readonly count: number;
  /** Of the newest. */
  readonly at: string | null;
  /** By month, oldest first. */
  readonly claims: ReadonlyMap<string, readonly Claim[]>;
  /** Months that were dropped by rule. */
  readonly dropped: ReadonlyMap<string, MonthState>;
  /** Hash of each file, by number. */
  readonly hashes: ReadonlyMap<number, string>;
  readonly findings: readonly AuditFinding[];
}

/** @param files each as it is stored, in the order of their keys @throws AuditMalformed */
export function verifyCheckpoints(files: readonly Buffer[], keys: readonly KeyObject[]): CheckpointsVerified {
  const claims = new Map<string, Claim[]>();
  const dropped = new Map<string, MonthState>();
  const hashes = new Map<number, string>();
  const findings: AuditFinding[] = [];
  const add = (problem: AuditFinding['problem'], words: string): void => {
    findings.push({ problem, month: null, row: null, words });
  };
  let last = { number: 0, hash: null as string | null, at: null as string | null };
  for (const bytes of files) {
    const signed = readCheckpoint(bytes);
    const { number, previous, at, months } = signed.checkpoint;
    const by = `checkpoint ${number} of ${at}`;
    // What is not signed says nothing.
    if (!isCheckpointSignedBy(signed, keys)) {
      add(
        'notSigned',
        `the signature of checkpoint ${number} by key ${signed.signature.keyId} is not good, or the key is not trusted`,
      );
      continue;
    }
    if (number !== last.number + 1) add('checkpointMissing', `before checkpoint ${number} at least one is missing`);
    else if (previous !== last.hash)
      add('checkpointMissing', `checkpoint ${number} follows another one than checkpoint ${last.number}`);
    last = { number, hash: checkpointHash(bytes), at };
    hashes.set(number, checkpointHash(bytes));
    for (const state of months) {
      const known = claims.get(state.month) ?? [];
      known.push({ rows: state.rows, lastHash: state.lastHash, by });
      claims.set(state.month, known);
      if (state.dropped !== null) dropped.set(state.month, state);
    }
  }
  return { count: files.length, at: last.at, claims, dropped, hashes, findings };
}

/** Of a month whose rows are gone by rule: what was said before has to agree with what was said at its end. */
export function verifyTombstone(tomb: MonthState, claims: readonly Claim[]): readonly AuditFinding[] {
  return claims
    .filter(({ rows, lastHash }) => rows > tomb.rows || (rows === tomb.rows && lastHash !== tomb.lastHash))
    .map(({ by }) => ({
      problem: 'rewritten' as const,
      month: tomb.month,
      row: null,
      words: `the month was dropped with other rows than those of ${by}`,
    }));
}
