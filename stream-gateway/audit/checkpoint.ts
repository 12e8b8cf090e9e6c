// A checkpoint: how far the chains of the audit log were at a time, signed, and chained to the checkpoint before. It lies outside of the
// database, so whoever rewrites the log there cannot rewrite it.
import { createHash, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { canonicalJson, isSignatureOf, signature, signatureOf } from '../signing/signed.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.iso.datetime();

const monthState = z.strictObject({
  /** `YYYY-MM` */
  month: z.string().regex(/^\d{4}-\d{2}$/),
  rows: z.int().min(0),
  lastSeq: z.int().min(0).nullable(),
  lastHash: hash,
  /** When the month was dropped, and the rule: months, or days, or both that it was kept after its end. Null: it is there. */
  dropped: z.strictObject({ at: time, keepMonths: z.int().min(1).optional(), keepDays: z.int().min(1).optional() }).nullable(),
});
export type MonthState = z.infer<typeof monthState>;

const checkpoint = z.strictObject({
  format: z.literal('streamspace.io/audit-checkpoint/v1'),
  /** From 1, without a gap. */
  number: z.int().min(1),
  /** SHA-256 of the file of the checkpoint before; null for the first. */
  previous: hash.nullable(),
  at: time,
  /** Those that changed since the checkpoint before. */
  months: z.array(monthState),
});
export type Checkpoint = z.infer<typeof checkpoint>;

const signedCheckpoint = z.strictObject({ checkpoint, signature });
type SignedCheckpoint = z.infer<typeof signedCheckpoint>;

/** No namespace has a dot, so it is never the folder of a recording. */
export const CHECKPOINT_PREFIX = 'audit.checkpoints';

export function checkpointKey(number: number): string {
  return `${CHECKPOINT_PREFIX}/${String(number).padStart(8, '0')}.json`;
}

/** @param privateKey Ed25519 @returns one line, the same for the same content */
export function signCheckpoint(content: Checkpoint, privateKey: KeyObject): Buffer {
  return Buffer.from(`${canonicalJson({ checkpoint: content, signature: signatureOf(content, privateKey) })}\n`);
}

/** Without a look at the signature. @throws AuditMalformed */
export function readCheckpoint(bytes: Buffer): SignedCheckpoint {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString());
  } catch (error) {
    throw new StreamSpaceError('AuditMalformed', 'a checkpoint of the audit log is no JSON', { cause: error });
  }
  const read = signedCheckpoint.safeParse(json);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new StreamSpaceError('AuditMalformed', `a checkpoint: ${issue?.path.join('.')}: ${issue?.message}`);
}

export function isCheckpointSignedBy(
  { checkpoint: content, signature: made }: SignedCheckpoint,
  keys: readonly KeyObject[],
): boolean {
  return isSignatureOf(content, made, keys);
}

/** @param bytes the whole file @returns hexadecimal */
export function checkpointHash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
