// The manifest: what belongs to a recording, signed. Whoever has the public key can tell without us what is missing or changed.
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { canonicalJson, isSignatureOf, signature, signatureOf } from '../../signing/signed.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const milliseconds = z.int().min(0);

const segmentEntry = z.strictObject({
  number: z.int().min(1),
  /** Beside the manifest. */
  file: z.string().regex(/^segment-\d{6,10}\.rec$/),
  startMs: milliseconds,
  endMs: milliseconds,
  bytes: z.int().min(1),
  sha256: hash,
  /** SHA-256 of the chain before and this segment's hash. */
  chain: hash,
  width: z.int().min(0),
  height: z.int().min(0),
  /** False: its recorder was cut off; it is whole up to `endMs`. */
  closed: z.boolean(),
});

const gap = z.strictObject({
  fromMs: milliseconds,
  /** Null: not known yet. */
  toMs: milliseconds.nullable(),
  /** Why nothing was recorded: an error code. */
  code: z.string().regex(/^[A-Z][A-Za-z]{1,60}$/),
});

/**
 * `Recording`: more will come. `Paused`: between two recorders. `Complete`: from its start to its end. `Incomplete`: ended, with
 * at least one gap.
 */
const RECORDING_STATES = ['Recording', 'Paused', 'Complete', 'Incomplete'] as const;

const manifest = z.strictObject({
  format: z.literal('streamspace.io/recording/v1'),
  id: z.uuid(),
  session: z.strictObject({ namespace: z.string(), name: z.string(), uid: z.string() }),
  /** Milliseconds since 1970. */
  startedAt: milliseconds,
  state: z.enum(RECORDING_STATES),
  /** Null: the segments are not encrypted. */
  encryption: z.strictObject({ algorithm: z.literal('AES-256-GCM'), keyId: z.string(), wrapped: z.string() }).nullable(),
  segments: z.array(segmentEntry),
  gaps: z.array(gap),
});

const signedManifest = z.strictObject({ manifest, signature });

/** For whoever keeps parts of one elsewhere. */
export const manifestParts = {
  ...manifest.shape,
  segment: segmentEntry,
  gap,
};

export type Manifest = z.infer<typeof manifest>;
export type SegmentEntry = z.infer<typeof segmentEntry>;
export type RecordingGap = z.infer<typeof gap>;
export type RecordingState = Manifest['state'];
type SignedManifest = z.infer<typeof signedManifest>;

export const MANIFEST_FILE = 'manifest.json';
/** About a month of segments of ten seconds: what a reader has to keep. */
const MAX_MANIFEST_BYTES = 128 * 1024 * 1024;

export function segmentFile(number: number): string {
  return `segment-${String(number).padStart(6, '0')}.rec`;
}

/** @param privateKey Ed25519 @returns what is stored: canonical JSON, so the same manifest is the same bytes */
export function signManifest(content: Manifest, privateKey: KeyObject): Buffer {
  return Buffer.from(`${canonicalJson({ manifest: content, signature: signatureOf(content, privateKey) })}\n`);
}

/** Without a look at the signature. @throws RecordingMalformed */
export function readManifest(bytes: Buffer): SignedManifest {
  if (bytes.length > MAX_MANIFEST_BYTES) throw new StreamSpaceError('RecordingMalformed', 'the manifest is too long');
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString());
  } catch (error) {
    throw new StreamSpaceError('RecordingMalformed', 'the manifest is no JSON', { cause: error });
  }
  const read = signedManifest.safeParse(json);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new StreamSpaceError('RecordingMalformed', `the manifest: ${issue?.path.join('.')}: ${issue?.message}`);
}

/** @param publicKeys those that are trusted */
export function isSignedBy({ manifest: content, signature: made }: SignedManifest, publicKeys: readonly KeyObject[]): boolean {
  return isSignatureOf(content, made, publicKeys);
}
