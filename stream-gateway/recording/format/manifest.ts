// The manifest: what belongs to a recording, signed. Whoever has the public key can tell without us what is missing or changed.
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { StreamSpaceError } from '../../../schemas/errors.ts';

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

const signedManifest = z.strictObject({
  manifest,
  signature: z.strictObject({ algorithm: z.literal('Ed25519'), keyId: z.string(), value: z.string() }),
});

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

/** The first 16 hexadecimal digits of the SHA-256 of the public key (SPKI, DER). @param key public or private */
export function signingKeyId(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
}

/** @param privateKey Ed25519 @returns what is stored: canonical JSON, so the same manifest is the same bytes */
export function signManifest(content: Manifest, privateKey: KeyObject): Buffer {
  const value = sign(null, Buffer.from(canonicalJson(content)), privateKey).toString('base64');
  const signature = { algorithm: 'Ed25519', keyId: signingKeyId(privateKey), value } as const;
  return Buffer.from(`${canonicalJson({ manifest: content, signature })}\n`);
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
export function isSignedBy({ manifest: content, signature }: SignedManifest, publicKeys: readonly KeyObject[]): boolean {
  const bytes = Buffer.from(canonicalJson(content));
  const value = Buffer.from(signature.value, 'base64');
  return publicKeys.some((key) => signingKeyId(key) === signature.keyId && verify(null, bytes, key, value));
}

/** Keys in the order of their code units, no space, as RFC 8785 does it for texts, whole numbers, true, false and null. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}
