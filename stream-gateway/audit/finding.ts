// What verification of the audit log can find.
import type { ChainedRow } from './chain.ts';

export type AuditProblem =
  /** The row is not as it was written. */
  | 'changed'
  /** Rows that were there are not. */
  | 'missing'
  /** A row stands where another one or none was written. */
  | 'inserted'
  /** The rows fit each other and are not those that a checkpoint was made of. */
  | 'rewritten'
  /** A whole month is gone, and no rule says so. */
  | 'monthMissing'
  /** A checkpoint is signed by none of the keys. */
  | 'notSigned'
  /** A checkpoint is not there, or not the one that was written. */
  | 'checkpointMissing';

export interface AuditFinding {
  readonly problem: AuditProblem;
  /** `YYYY-MM`; null: it is about checkpoints alone. */
  readonly month: string | null;
  /** The first row that does not fit; null where no row is left to name. */
  readonly row: Pick<ChainedRow, 'id' | 'seq' | 'at' | 'position'> | null;
  readonly words: string;
}

export function rowFinding(problem: AuditProblem, month: string, row: ChainedRow, words: string): AuditFinding {
  const { id, seq, at, position } = row;
  return { problem, month, row: { id, seq, at, position }, words };
}
