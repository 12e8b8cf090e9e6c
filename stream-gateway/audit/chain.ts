// The chain of hashes of one month, as migration 0008 writes it: each row holds the SHA-256 of the hash before and of its own
// canonical JSON (RFC 8785), so no row can be changed, taken out, put in or moved alone. Computed here again, by who verifies.
import { createHash, hash } from 'node:crypto';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { canonicalJson } from '../signing/signed.ts';

export interface ChainedRow {
  readonly seq: number;
  readonly id: string;
  /** RFC 3339 in UTC with microseconds, as stored. */
  readonly at: string;
  readonly type: string;
  readonly actor: string | null;
  readonly result: string;
  readonly object: string | null;
  readonly sourceAddress: string | null;
  readonly requestId: string | null;
  readonly details: unknown;
  /** In the month, from 1. */
  readonly position: number;
  /** Hexadecimal, as stored. */
  readonly hash: string;
}

/** Before the first row: another one for every month. @param month `YYYY-MM` @returns hexadecimal */
export function chainStart(month: string): string {
  return createHash('sha256').update(`streamspace.io/audit/v1 ${month}`).digest('hex');
}

/** The hash that the row should have. @param previous hexadecimal, of the row before */
export function linkOf(previous: string, row: ChainedRow): string {
  // In the order of the keys, written out: a general writer of canonical JSON takes three times as long.
  const content =
    `{"actor":${text(row.actor)},"at":"${timeOf(row)}","details":${row.details === null ? 'null' : canonicalJson(row.details)}` +
    `,"id":${text(row.id)},"object":${text(row.object)},"position":${row.position},"requestId":${text(row.requestId)}` +
    `,"result":${text(row.result)},"seq":${row.seq},"sourceAddress":${text(row.sourceAddress)},"type":${text(row.type)}}`;
  return hash('sha256', Buffer.concat([Buffer.from(previous, 'hex'), Buffer.from(content)]));
}

const text = (value: string | null): string => (value === null ? 'null' : JSON.stringify(value));

/** Written with milliseconds; what is not whole any more was changed, and stays as it is so that its hash differs. */
function timeOf({ at }: ChainedRow): string {
  return at.endsWith('000Z') ? `${at.slice(0, -4)}Z` : at;
}

/** A line of `GET /audit/months/{month}/rows`. @throws AuditMalformed */
export function parseRow(line: string): ChainedRow {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new StreamSpaceError('AuditMalformed', 'a row of the audit log is no JSON', { cause: error });
  }
  const [seq, id, at, type, actor, result, object, sourceAddress, requestId, details, position, hash] = isList(value)
    ? value
    : [];
  if (
    !Number.isSafeInteger(seq) ||
    !Number.isSafeInteger(position) ||
    ![id, at, type, result, hash].every((each) => typeof each === 'string') ||
    ![actor, object, sourceAddress, requestId].every((each) => typeof each === 'string' || each === null) ||
    details === undefined
  )
    throw new StreamSpaceError('AuditMalformed', 'a row of the audit log has not the fields that it should have');
  // Looked at above; a schema would take longer than the hash.
  return { seq, id, at, type, actor, result, object, sourceAddress, requestId, details, position, hash } as ChainedRow;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
